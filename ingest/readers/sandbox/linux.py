"""Copies of a process that may read files of Python and compute, and next to nothing else, on Linux.

Nothing here raises an error where a layer is missing: an older kernel, a container or a system without libseccomp has
less of it, and files are read all the same. docs/explanation/security.md says what holds where, and
`ingest.readers.sandbox.probe` tries it.

Landlock is three system calls, and the libraries of PyPI for them are first versions, each kept by one person.
libseccomp is what systemd and container runtimes use, and knows the system calls of each processor.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import resource
import signal
import sys
import sysconfig
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)

# linux/sched.h; `os.unshare` came with Python 3.12.
_CLONE_THREAD, _CLONE_NEWUSER, _CLONE_NEWNET = 0x1_0000, 0x1000_0000, 0x4000_0000
# linux/prctl.h
_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVILEGES = 1, 4, 38
# linux/capability.h
_CAPABILITY_VERSION = 0x2008_0522


class ConfinedCopies:
    """Makes a confined copy of this process for each piece of work.

    Confines this process too, as far as it can still make copies. For a process with one thread and no other purpose.
    """

    def __init__(self) -> None:
        leave_network()
        drop_rights()
        end_with(os.getppid())
        self._files = files_ruleset()
        self._calls: CallFilter | None = None
        with suppress(OSError):
            self._calls = CallFilter()

    def run(self, work: Callable[[], bytes], *, memory: int, seconds: int, most: int) -> bytes | int:
        """Return the line that `work` returns in a copy, cut behind `most` bytes; or how the copy ended without one.

        That is its exit code, or the number of a signal with a minus. `memory` is its address space in bytes, `seconds`
        its processor time.
        """
        # A collection in the copy would touch, and so duplicate, all memory of the original: 20 ms for a file.
        gc.freeze()
        reading, writing = os.pipe()
        original = os.getpid()
        copy = os.fork()
        if copy == 0:
            # Whatever happens, a copy does not go on as the original.
            try:
                end_with(original)
                self._confine(writing, memory, seconds)
                with os.fdopen(writing, "wb") as pipe:
                    pipe.write(work())
                    pipe.write(b"\n")
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            line = pipe.readline(most + 1)
        # It has nothing more to do. One that is about to end because of another signal is not affected by this one.
        os.kill(copy, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
        return line.removesuffix(b"\n") if line.endswith(b"\n") or len(line) > most else ended

    def _confine(self, output: int, memory: int, seconds: int) -> None:
        limit(resource.RLIMIT_AS, memory)
        # A second after the signal that says so comes the one that ends it.
        limit(resource.RLIMIT_CPU, seconds, seconds + 1)
        limit(resource.RLIMIT_NPROC, 0)
        close_files(self._files)
        # The null device takes the place of the input, and `output` is the only way out.
        os.dup2(2, 0)
        os.closerange(3, output)
        os.closerange(output + 1, os.sysconf("SC_OPEN_MAX"))
        close_calls(self._calls)


def limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Set a limit that cannot be raised again; a lower one stays."""
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (soft, soft if hard is None else hard))


def _set(option: int, value: int) -> None:
    _LIBC.prctl(option, *(ctypes.c_ulong(one) for one in (value, 0, 0, 0)))


def leave_network() -> None:
    """Move to an empty network namespace, which only a process with one thread can do for itself."""
    if _LIBC.unshare(_CLONE_NEWNET) != 0:
        # Without the rights of an administrator, a user namespace is needed too.
        _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def drop_rights() -> None:
    """Give up all rights of an administrator for good, and close memory and environment to this user's processes."""
    _set(_NO_NEW_PRIVILEGES, 1)
    _LIBC.capset((ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)())
    _set(_DUMPABLE, 0)


def end_with(parent: int) -> None:
    """End this process when its parent ends; at once if that has happened."""
    _set(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


# From linux/landlock.h. What a ruleset names is forbidden, but for its exceptions.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _BENEATH_PATH = 1, 1
_READ = 1 << 2 | 1 << 3  # files and folders
# The version of Landlock, and what can be named from it on: running, writing, making and removing; moving; emptying;
# devices.
_FILES = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_TCP = {4: 1 << 0 | 1 << 1}
_OUTSIDE = {6: 1 << 0 | 1 << 1}  # abstract Unix sockets, and signals


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("outside", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def close_files(ruleset: int | None) -> None:
    """Forbid what `files_ruleset` says: files, TCP, and signals to other processes."""
    if ruleset is not None:
        _LIBC.syscall(_RESTRICT_SELF, ruleset, 0)


def files_ruleset() -> int | None:
    """Return the descriptor of a Landlock ruleset that lets a process read Python and its libraries, and nothing else.

    None where there is no Landlock.
    """
    version = _LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)

    def known(rights: dict[int, int]) -> int:
        return sum(bits for since, bits in rights.items() if since <= version)

    rules = _Ruleset(known(_FILES), known(_TCP), known(_OUTSIDE))
    # An older kernel takes the longer structure, as the rest of it is zero.
    ruleset: int = _LIBC.syscall(
        _CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0
    )
    if ruleset < 0:
        return None
    for folder in _needed_folders():
        with suppress(OSError):
            beneath = _Beneath(_READ, os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
            _LIBC.syscall(_ADD_RULE, ruleset, _BENEATH_PATH, ctypes.byref(beneath), 0)
            os.close(beneath.folder)
    return ruleset


def _needed_folders() -> Iterable[str | Path]:
    """Return the folders of the interpreter, its packages, shared libraries, fonts and time zones.

    Not every folder of `sys.path`: that of a checkout has its `.env` beside the packages.
    """
    paths = sysconfig.get_paths()
    yield from {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    yield from (path for path in sys.path if Path(path).name in ("site-packages", "dist-packages"))
    yield Path(__file__).parents[2]
    yield from "/lib /lib64 /usr/lib /usr/lib64 /usr/share /usr/local/lib /usr/local/share".split()


# From libseccomp's seccomp.h.
_ALLOW, _FAIL = 0x7FFF_0000, 0x0005_0000
_NOT_EQUAL, _MASKED_EQUAL = 1, 7
_SETOWN, _SETOWN_EX = 8, 15  # of `fcntl`
# What neither reads a file nor computes: it reaches other machines and processes, changes files, starts programs, or
# has had faults in the kernel.
_FORBIDDEN = """
socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg socketcall
io_uring_setup io_uring_enter io_uring_register
kill tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_getfd pidfd_send_signal
ptrace process_vm_readv process_vm_writev process_madvise kcmp
fork vfork execve execveat setsid setpgid setns unshare
setrlimit setpriority sched_setscheduler sched_setattr sched_setaffinity ioprio_set
unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mkdir mkdirat rmdir mknod mknodat
creat truncate truncate64 ftruncate ftruncate64 fallocate chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat
setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
utime utimes utimensat futimesat
mount umount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick pivot_root chroot
name_to_handle_at open_by_handle_at fanotify_init inotify_init inotify_init1 quotactl swapon swapoff acct
shmget shmat shmctl semget semop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink
bpf perf_event_open userfaultfd keyctl add_key request_key personality
init_module finit_module delete_module kexec_load kexec_file_load reboot sethostname setdomainname syslog
""".split()
# Their flags are in memory that a filter cannot read: the C library falls back on `clone` and `openat`.
_UNKNOWN = ("clone3", "openat2")


class _Condition(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("comparison", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def close_calls(calls: CallFilter | None) -> None:
    """Forbid the system calls that no reader needs."""
    if calls is not None:
        calls.load()


class CallFilter:
    """A filter of system calls, made once for the processes that load it. Raises OSError without libseccomp."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._filter = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(_ALLOW)))
        for name in _FORBIDDEN:
            self._forbid(name)
        for name in _UNKNOWN:
            self._forbid(name, error=errno.ENOSYS)
        # A process, not a thread.
        self._forbid("clone", _Condition(0, _MASKED_EQUAL, _CLONE_THREAD, 0))
        self._forbid("prctl", _Condition(0, _MASKED_EQUAL, 0xFFFF_FFFF, _PDEATHSIG))
        # To ask for a limit is no harm, and the C library does so by this call too.
        self._forbid("prlimit64", _Condition(2, _NOT_EQUAL, 0, 0))
        for owner in (_SETOWN, _SETOWN_EX):
            # The owner of a pipe gets a signal when it is written to.
            self._forbid("fcntl", _Condition(1, _MASKED_EQUAL, 0xFFFF_FFFF, owner))
        for name, flags in (("open", 1), ("openat", 2)):
            for mask, value in (
                (os.O_ACCMODE, os.O_WRONLY),
                (os.O_ACCMODE, os.O_RDWR),
                (os.O_CREAT, os.O_CREAT),
                (os.O_TRUNC, os.O_TRUNC),
            ):
                self._forbid(name, _Condition(flags, _MASKED_EQUAL, mask, value))

    def load(self) -> None:
        """Apply it to this process, which may send signals to itself, as `abort()` does."""
        self._forbid("tgkill", _Condition(0, _NOT_EQUAL, os.getpid(), 0))
        self._library.seccomp_load(self._filter)

    def _forbid(self, call: str, *conditions: _Condition, error: int = errno.EPERM) -> None:
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        # A name that this libseccomp does not know, or this processor does not have, adds no rule.
        self._library.seccomp_rule_add_array(
            self._filter,
            ctypes.c_uint32(_FAIL | error),
            number,
            len(conditions),
            (_Condition * len(conditions))(*conditions),
        )
