"""Work in a process of its own that reports its steps.

For work that is heavy or reads untrusted files: the event loop stays free, and crashes and memory leaks end with the
process.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")

# Seconds for a process to end after SIGTERM.
_GRACE = 10.0
# The child's niceness: questions have priority.
_NICE = 5
_PR_SET_DUMPABLE = 4  # linux/prctl.h


class SubprocessDied(RuntimeError):
    """The process ended without a result: it was killed, ran out of memory, or crashed."""


async def run_in_subprocess(
    work: Callable[[Callable[[Step], None]], Result], on_step: Callable[[Step], None]
) -> Result:
    """Run `work` in a new process and return its result; `on_step` gets each step, in this thread.

    `work`, its steps, its result and its exceptions have to be picklable. Cancellation ends the process. Raises what
    `work` raises, or SubprocessDied.
    """
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, sending), daemon=True)
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def listen() -> None:
        # The loop may be closed by now.
        with suppress(RuntimeError):
            try:
                while True:
                    kind, value = receiving.recv()
                    if kind == "step":
                        loop.call_soon_threadsafe(on_step, value)
                    else:
                        result, error = (value, None) if kind == "result" else (None, value)
                        loop.call_soon_threadsafe(settle, result, error)
                        return
            except (EOFError, OSError):
                died = SubprocessDied("the process ended without a result")
                loop.call_soon_threadsafe(settle, None, died)
            except Exception as error:
                # An exception with a constructor of its own may be pickled, and yet fail to unpickle.
                loop.call_soon_threadsafe(
                    settle, None, RuntimeError(f"what was sent cannot be read: {error}")
                )
            finally:
                receiving.close()

    starting = asyncio.create_task(asyncio.to_thread(process.start))
    try:
        await asyncio.shield(starting)
        # Only the child keeps its end open, so that its death ends `listen`.
        sending.close()
        threading.Thread(target=listen, name="subprocess", daemon=True).start()
        return await done
    finally:
        # A thread cannot be cancelled: the process may start only now.
        await asyncio.wait({starting})
        if process.pid is not None:
            if not done.done() or done.cancelled():
                process.terminate()
            await asyncio.to_thread(process.join, _GRACE)
            if process.is_alive():
                process.kill()
                await asyncio.to_thread(process.join)


def forbid_inspection() -> None:
    """Close this process's environment and memory, which have tokens, to the other processes of this user.

    On Linux only, and until the process becomes another program.
    """
    # macOS has no such function, and Windows no library of that name.
    with suppress(AttributeError, TypeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, *[ctypes.c_ulong(0)] * 4)


def _end_with_parent() -> None:
    """End this process with its parent: another process may adopt the work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(work: Callable[[Callable[[Any], None]], Any], sending: Connection) -> None:
    # Ctrl-C in a terminal reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_inspection()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    try:
        answer: tuple[str, Any] = ("result", work(lambda step: sending.send(("step", step))))
    except Exception as error:
        answer = ("error", error)
    try:
        sending.send(answer)
    except OSError:
        return  # The parent has closed the pipe.
    except Exception as error:
        sending.send(("error", RuntimeError(f"{type(answer[1]).__name__} cannot be passed on: {error}")))
