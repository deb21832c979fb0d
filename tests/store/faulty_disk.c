/* A disk that fails: preloaded into a process, it counts the calls that change files below a folder, and lets the n-th
 * one fail. A program arms it by faulty_disk_arm(folder, mode, n); faulty_disk_count() returns the number of calls.
 *
 * Modes: 'c' counts; 'k' kills the process before the n-th call; 'h' kills it in the middle of the n-th call, when half
 * of the bytes are written; 'e' refuses the n-th call alone with EIO; 'f' is a disk that is full from the n-th call on:
 * calls that need room get ENOSPC, others go through.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char folder[PATH_MAX];
static char mode = 0;
static long fatal = -1;
static long calls = 0;
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void faulty_disk_arm(const char *path, char how, long number, int log) {
    pthread_mutex_lock(&lock);
    snprintf(folder, sizeof folder, "%s", path);
    mode = how;
    fatal = number;
    calls = 0;
    log_fd = log;
    pthread_mutex_unlock(&lock);
}

long faulty_disk_disarm(void) {
    mode = 0;
    return calls;
}

static int below(const char *path) {
    size_t length = strlen(folder);
    return length && !strncmp(path, folder, length) && (path[length] == '/' || path[length] == 0);
}

static int of_handle(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_MAX - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return below(path);
}

/* Returns 0 if the call goes through, 1 if it must fail with errno, 2 if the process must end in the middle of it. */
static int verdict(const char *call, const char *path, int needs_room) {
    int result = 0;
    pthread_mutex_lock(&lock);
    long number = calls++;
    char made = mode;
    if (log_fd >= 0) dprintf(log_fd, "%ld %s %s\n", number, call, path + strlen(folder));
    pthread_mutex_unlock(&lock);
    if (made == 'k' && number == fatal) kill(getpid(), SIGKILL);
    if (made == 'h' && number == fatal) result = 2;
    if (made == 'e' && number == fatal) { errno = EIO; result = 1; }
    if (made == 'f' && number >= fatal && needs_room) { errno = ENOSPC; result = 1; }
    return result;
}

#define ON_HANDLE(call, fd, room, half) \
    if (mode) { \
        char path[PATH_MAX]; \
        if (of_handle(fd, path)) switch (verdict(call, path, room)) { \
            case 1: return -1; \
            case 2: half; kill(getpid(), SIGKILL); \
        } \
    }

#define ON_PATH(call, name, room) \
    if (mode && below(name)) switch (verdict(call, name, room)) { \
        case 1: return -1; \
        case 2: kill(getpid(), SIGKILL); \
    }

ssize_t write(int fd, const void *data, size_t size) {
    ON_HANDLE("write", fd, 1, REAL(write)(fd, data, size / 2))
    return REAL(write)(fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    ON_HANDLE("writev", fd, 1, REAL(writev)(fd, parts, count / 2))
    return REAL(writev)(fd, parts, count);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    ON_HANDLE("pwrite", fd, 1, REAL(pwrite)(fd, data, size / 2, at))
    return REAL(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    ON_HANDLE("pwrite", fd, 1, REAL(pwrite64)(fd, data, size / 2, at))
    return REAL(pwrite64)(fd, data, size, at);
}

/* Its size is a limit, not that of the file. */
ssize_t sendfile(int to, int from, off_t *at, size_t size) {
    ON_HANDLE("sendfile", to, 1, REAL(sendfile)(to, from, at, 4096))
    return REAL(sendfile)(to, from, at, size);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t size) {
    ON_HANDLE("sendfile", to, 1, REAL(sendfile64)(to, from, at, 4096))
    return REAL(sendfile64)(to, from, at, size);
}

ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *at, size_t size, unsigned flags) {
    ON_HANDLE("copy_file_range", to, 1, )
    return REAL(copy_file_range)(from, start, to, at, size, flags);
}

int fsync(int fd) {
    ON_HANDLE("fsync", fd, 0, )
    return REAL(fsync)(fd);
}

int fdatasync(int fd) {
    ON_HANDLE("fsync", fd, 0, )
    return REAL(fdatasync)(fd);
}

int ftruncate(int fd, off_t size) {
    ON_HANDLE("ftruncate", fd, 0, )
    return REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    ON_HANDLE("ftruncate", fd, 0, )
    return REAL(ftruncate64)(fd, size);
}

int posix_fallocate(int fd, off_t at, off_t size) {
    ON_HANDLE("fallocate", fd, 1, )
    return REAL(posix_fallocate)(fd, at, size);
}

int rename(const char *from, const char *to) {
    ON_PATH("rename", to, 0)
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    ON_PATH("unlink", path, 0)
    return REAL(unlink)(path);
}

int unlinkat(int at, const char *path, int flags) {
    if (at == AT_FDCWD) { ON_PATH("unlink", path, 0) }
    else { ON_HANDLE("unlink", at, 0, ) }
    return REAL(unlinkat)(at, path, flags);
}

int rmdir(const char *path) {
    ON_PATH("rmdir", path, 0)
    return REAL(rmdir)(path);
}

int mkdir(const char *path, mode_t rights) {
    ON_PATH("mkdir", path, 1)
    return REAL(mkdir)(path, rights);
}

/* Only a call that creates a file, or empties one, changes something. */
#define OPENING(name, path, flags, ...) \
    mode_t rights = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        rights = va_arg(rest, mode_t); \
        va_end(rest); \
    } \
    if (mode && flags & (O_CREAT | O_TRUNC)) { \
        if (faccessat(AT_FDCWD, path, F_OK, 0)) { int was = errno; ON_PATH("create", path, 1) errno = was; } \
        else if (flags & O_TRUNC) { ON_PATH("truncate", path, 0) } \
    } \
    return REAL(name)(__VA_ARGS__, rights);

int open(const char *path, int flags, ...) { OPENING(open, path, flags, path, flags) }
int open64(const char *path, int flags, ...) { OPENING(open64, path, flags, path, flags) }
int openat(int at, const char *path, int flags, ...) { OPENING(openat, path, flags, at, path, flags) }
int openat64(int at, const char *path, int flags, ...) { OPENING(openat64, path, flags, at, path, flags) }

FILE *fopen64(const char *path, const char *how);

FILE *fopen(const char *path, const char *how) {
    if (mode && *how != 'r' && below(path) && verdict("fopen", path, 1)) return NULL;
    return REAL(fopen)(path, how);
}

FILE *fopen64(const char *path, const char *how) {
    if (mode && *how != 'r' && below(path) && verdict("fopen", path, 1)) return NULL;
    return REAL(fopen64)(path, how);
}
