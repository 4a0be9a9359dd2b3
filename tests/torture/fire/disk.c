/* A disk that can lose power, and that can fail: preloaded into a program that writes a database.

   It keeps a log of what is written below the folder DISK_ROOT, and of when it is synced, in the file DISK_LOG; from that,
   `disk.py` makes the files as a disk may have them after a power cut. Nothing waits for the real disk.
   While the file DISK_FAULTS/sync exists, fsync and fdatasync fail with EIO; while DISK_FAULTS/full does, no file can be
   made longer: ENOSPC; and while DISK_FAULTS/lies does, a sync does nothing, and says that all is well.

   A record is a line "operation offset length path [new path]\n", and the bytes that were written, if any. A write is
   recorded after it was done, and a sync before: so no sync is thought to cover more than it does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int log_file = -1;

static void record(char operation, off_t offset, size_t length, const char *path, const char *other, const void *bytes) {
    int before = errno;
    char line[2 * PATH_MAX + 64];
    if (log_file < 0) log_file = REAL(open)(getenv("DISK_LOG"), O_WRONLY | O_APPEND | O_CLOEXEC);
    int size = snprintf(line, sizeof line, "%c %lld %zu %s\t%s\n", operation, (long long)offset, length, path,
                        other ? other : "");
    struct iovec parts[2] = {{line, size}, {(void *)bytes, bytes ? length : 0}};
    if (REAL(writev)(log_file, parts, 2) != (ssize_t)(size + parts[1].iov_len)) abort();
    errno = before;
}

/* Whether a file is below the root; its path within goes to `path`. */
static int within(const char *name, char *path) {
    const char *root = getenv("DISK_ROOT");
    size_t length = root ? strlen(root) : 0;
    if (!length || strncmp(name, root, length) || name[length] != '/') return 0;
    strcpy(path, name + length + 1);
    return 1;
}

static int known(int file, char *path) {
    char link[64], name[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length <= 0) return 0;
    name[length] = 0;
    if (length > 10 && !strcmp(name + length - 10, " (deleted)")) return 0;
    return within(name, path);
}

static int named(const char *name, char *path) {
    char whole[2 * PATH_MAX + 1], folder[PATH_MAX];
    if (name[0] == '/') return within(name, path);
    if (!getcwd(folder, sizeof folder)) return 0;
    snprintf(whole, sizeof whole, "%s/%s", folder, !strncmp(name, "./", 2) ? name + 2 : name);
    return within(whole, path);
}

static int fault(const char *kind) {
    char name[PATH_MAX];
    const char *folder = getenv("DISK_FAULTS");
    if (!folder) return 0;
    snprintf(name, sizeof name, "%s/%s", folder, kind);
    return !REAL(access)(name, F_OK);
}

/* Only what makes a file longer needs space. */
static int is_full(int file, off_t end) {
    struct stat now;
    return fault("full") && !fstat(file, &now) && end > now.st_size;
}

#define FAILS_IF_FULL(file, end)                                 \
    char path[PATH_MAX];                                         \
    int ours = known(file, path);                                \
    if (ours && is_full(file, end)) { errno = ENOSPC; return -1; }

static off_t length_of(const struct iovec *parts, int count) {
    off_t length = 0;
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    return length;
}

static void wrote(const char *path, off_t offset, const struct iovec *parts, int count, ssize_t done) {
    for (int i = 0; i < count && done > 0; i++) {
        size_t length = (ssize_t)parts[i].iov_len < done ? parts[i].iov_len : (size_t)done;
        record('W', offset, length, path, NULL, parts[i].iov_base);
        offset += length, done -= length;
    }
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
    FAILS_IF_FULL(file, offset + (off_t)length)
    ssize_t done = REAL(pwrite)(file, bytes, length, offset);
    if (ours && done > 0) record('W', offset, done, path, NULL, bytes);
    return done;
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off_t offset) { return pwrite(file, bytes, length, offset); }

ssize_t write(int file, const void *bytes, size_t length) {
    FAILS_IF_FULL(file, lseek(file, 0, SEEK_CUR) + (off_t)length)
    ssize_t done = REAL(write)(file, bytes, length);
    if (ours && done > 0) record('W', lseek(file, 0, SEEK_CUR) - done, done, path, NULL, bytes);
    return done;
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    FAILS_IF_FULL(file, offset + length_of(parts, count))
    ssize_t done = REAL(pwritev)(file, parts, count, offset);
    if (ours) wrote(path, offset, parts, count, done);
    return done;
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off_t offset) {
    return pwritev(file, parts, count, offset);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    FAILS_IF_FULL(file, lseek(file, 0, SEEK_CUR) + length_of(parts, count))
    ssize_t done = REAL(writev)(file, parts, count);
    if (ours && done > 0) wrote(path, lseek(file, 0, SEEK_CUR) - done, parts, count, done);
    return done;
}

int ftruncate(int file, off_t length) {
    char path[PATH_MAX];
    int done = REAL(ftruncate)(file, length);
    if (!done && known(file, path)) record('T', length, 0, path, NULL, NULL);
    return done;
}
int ftruncate64(int file, off_t length) { return ftruncate(file, length); }

/* Room without contents: the file is as long as if it had been truncated to there. */
static void extended(int file, off_t end) {
    char path[PATH_MAX];
    struct stat now;
    if (known(file, path) && !fstat(file, &now) && now.st_size >= end) record('E', end, 0, path, NULL, NULL);
}
int posix_fallocate(int file, off_t offset, off_t length) {
    char path[PATH_MAX];
    if (known(file, path) && is_full(file, offset + length)) return ENOSPC;
    int done = REAL(posix_fallocate)(file, offset, length);
    if (!done) extended(file, offset + length);
    return done;
}
int posix_fallocate64(int file, off_t offset, off_t length) { return posix_fallocate(file, offset, length); }
int fallocate(int file, int mode, off_t offset, off_t length) {
    FAILS_IF_FULL(file, offset + length)
    int done = REAL(fallocate)(file, mode, offset, length);
    if (!done && ours) extended(file, offset + length);
    return done;
}
int fallocate64(int file, int mode, off_t offset, off_t length) { return fallocate(file, mode, offset, length); }

/* After a sync that failed, the kernel takes what it could not write for written: it is lost, whatever is synced later. */
static int synced(int file, int (*sync)(int)) {
    char path[PATH_MAX];
    if (!known(file, path)) return sync(file);
    if (fault("sync")) {
        record('F', 0, 0, path, NULL, NULL);
        errno = EIO;
        return -1;
    }
    if (!fault("lies")) record('S', 0, 0, path, NULL, NULL);
    return 0;
}
int fsync(int file) { return synced(file, REAL(fsync)); }
int fdatasync(int file) { return synced(file, REAL(fdatasync)); }

int unlink(const char *name) {
    char path[PATH_MAX];
    int done = REAL(unlink)(name);
    if (!done && named(name, path)) record('U', 0, 0, path, NULL, NULL);
    return done;
}

int rename(const char *name, const char *other) {
    char path[PATH_MAX], target[PATH_MAX];
    int done = REAL(rename)(name, other);
    if (!done && named(name, path) && named(other, target)) record('R', 0, 0, path, target, NULL);
    return done;
}

int mkdir(const char *name, mode_t mode) {
    char path[PATH_MAX];
    int done = REAL(mkdir)(name, mode);
    if (!done && named(name, path)) record('D', 0, 0, path, NULL, NULL);
    return done;
}

int rmdir(const char *name) {
    char path[PATH_MAX];
    int done = REAL(rmdir)(name);
    if (!done && named(name, path)) record('X', 0, 0, path, NULL, NULL);
    return done;
}

/* A new or emptied file is there at once, empty, as a journal of names would have it. */
static int opened(int file, int flags) {
    char path[PATH_MAX];
    if (file >= 0 && flags & (O_CREAT | O_TRUNC) && known(file, path)) {
        if (flags & O_TRUNC) record('T', 0, 0, path, NULL, NULL);
        record('C', 0, 0, path, NULL, NULL);
    }
    return file;
}
int open(const char *name, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(REAL(open)(name, flags, mode), flags);
}
int open64(const char *name, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(REAL(open64)(name, flags, mode), flags);
}
