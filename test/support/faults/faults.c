/*
 * Faults of the file system, for tests: kills the process at a call, or makes calls fail. Loaded with LD_PRELOAD.
 *
 *   FAULTS_UNDER    a directory; calls on other files are not looked at
 *   FAULTS_CONTROL  a file of 4096 bytes, shared with whoever says what is to happen: see control.cjs
 *
 * Calls that glibc makes inside of itself are not seen, nor are those made with syscall().
 */
#define _GNU_SOURCE
#define __NO_INLINE__ 1
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a call does; control.cjs has the same. */
enum kind {
  OPENS = 1,    /* opens what is there */
  READS = 2,    /* reads bytes */
  WRITES = 4,   /* writes or allocates bytes, or cuts a file */
  SYNCS = 8,    /* waits for the disk */
  NAMES = 16,   /* makes, renames or removes a file or directory */
  LOOKS = 32,   /* asks for names, sizes and space */
  CLOSES = 64,  /* closes a descriptor */
  LOCKS = 128   /* takes and gives back locks */
};

enum action { NOTHING = 0, KILL = 1, FAIL = 2, HALF_KILL = 3, HALF_FAIL = 4 };

/* The first bytes of the control file. */
struct control {
  _Atomic int armed;
  _Atomic int count;  /* calls of these kinds since it was armed */
  _Atomic int done;   /* faults since then */
  int at;             /* the first call that has the fault, from 0 on */
  int times;          /* this many calls from there on have it */
  int action;
  int error;
  int kinds;
  char call[32];      /* the first call that had it */
  char path[448];
};

enum { DESCRIPTORS = 1 << 16 };
static struct control *control;
static char under[512];
static size_t under_length;
/* Which descriptors are of files below the directory. */
static _Atomic unsigned char ours[DESCRIPTORS];

#define REAL(type, name, ...)                                       \
  static type (*real)(__VA_ARGS__);                                 \
  if (real == NULL) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int real_open(const char *path, int flags, mode_t mode) {
  REAL(int, "open", const char *, int, ...);
  return real(path, flags, mode);
}

__attribute__((constructor)) static void begin(void) {
  const char *directory = getenv("FAULTS_UNDER");
  const char *file = getenv("FAULTS_CONTROL");
  if (directory == NULL || file == NULL || strlen(directory) >= sizeof(under)) return;
  int fd = real_open(file, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return;
  strcpy(under, directory);
  under_length = strlen(under);
  control = memory;
}

static int is_ours(const char *path) {
  if (control == NULL || path == NULL || strncmp(path, under, under_length) != 0) return 0;
  return path[under_length] == '\0' || path[under_length] == '/';
}

static int fd_is_ours(int fd) { return control != NULL && fd >= 0 && fd < DESCRIPTORS && ours[fd]; }

static void mark(int fd, int value) {
  if (fd >= 0 && fd < DESCRIPTORS) ours[fd] = (unsigned char)value;
}

static void note(const char *call, const char *path, int fd) {
  char link[64];
  strncpy(control->call, call, sizeof(control->call) - 1);
  memset(control->path, 0, sizeof(control->path));
  if (path != NULL) {
    strncpy(control->path, path, sizeof(control->path) - 1);
    return;
  }
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, control->path, sizeof(control->path) - 1);
  if (length < 0) control->path[0] = '\0';
}

/* What is to happen to a call. A kill of a call that cannot be done by half happens here. */
static enum action decide(enum kind kind, const char *call, const char *path, int fd) {
  if (!atomic_load(&control->armed) || (control->kinds & (int)kind) == 0) return NOTHING;
  int number = atomic_fetch_add(&control->count, 1);
  if (number < control->at || number - control->at >= control->times) return NOTHING;
  if (atomic_fetch_add(&control->done, 1) == 0) note(call, path, fd);
  if (control->action == KILL) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  return (enum action)control->action;
}

/* Half of it is done: the process ends, or the rest fails. */
static void after_half(enum action action) {
  if (action != HALF_KILL) return;
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

#define FAIL_AS(value)        \
  do {                        \
    errno = control->error;   \
    return (value);           \
  } while (0)

/* A call that is not done by half. */
#define WHOLE(kind, call, path, fd, failed)                       \
  do {                                                            \
    enum action action_ = decide(kind, call, path, fd);           \
    after_half(action_);                                          \
    if (action_ != NOTHING) FAIL_AS(failed);                      \
  } while (0)

/* Opening. */

#define MODE_OF(flags)                                            \
  mode_t mode = 0;                                                \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                          \
    va_list arguments;                                            \
    va_start(arguments, flags);                                   \
    mode = va_arg(arguments, mode_t);                             \
    va_end(arguments);                                            \
  }

#define OPEN(name)                                                             \
  int name(const char *path, int flags, ...) {                                 \
    MODE_OF(flags)                                                             \
    REAL(int, #name, const char *, int, ...);                                  \
    if (!is_ours(path)) return real(path, flags, mode);                        \
    WHOLE(flags &O_CREAT ? NAMES : OPENS, "open", path, -1, -1);               \
    int fd = real(path, flags, mode);                                          \
    mark(fd, 1);                                                               \
    return fd;                                                                 \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                           \
  int name(int at, const char *path, int flags, ...) {                         \
    MODE_OF(flags)                                                             \
    REAL(int, #name, int, const char *, int, ...);                             \
    if (!is_ours(path) && !fd_is_ours(at)) return real(at, path, flags, mode); \
    WHOLE(flags &O_CREAT ? NAMES : OPENS, "openat", path, -1, -1);             \
    int fd = real(at, path, flags, mode);                                      \
    mark(fd, 1);                                                               \
    return fd;                                                                 \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                            \
  FILE *name(const char *path, const char *mode) {                             \
    REAL(FILE *, #name, const char *, const char *);                           \
    if (!is_ours(path)) return real(path, mode);                               \
    WHOLE(mode[0] == 'r' ? OPENS : NAMES, "fopen", path, -1, NULL);            \
    FILE *file = real(path, mode);                                             \
    if (file != NULL) mark(fileno(file), 1);                                   \
    return file;                                                               \
  }
FOPEN(fopen)
FOPEN(fopen64)

DIR *opendir(const char *path) {
  REAL(DIR *, "opendir", const char *);
  if (!is_ours(path)) return real(path);
  WHOLE(OPENS, "opendir", path, -1, NULL);
  DIR *directory = real(path);
  if (directory != NULL) mark(dirfd(directory), 1);
  return directory;
}

/* Closing: the descriptor is gone also where it fails, as on Linux. */

int close(int fd) {
  REAL(int, "close", int);
  if (!fd_is_ours(fd)) return real(fd);
  enum action action = decide(CLOSES, "close", NULL, fd);
  after_half(action);
  mark(fd, 0);
  int result = real(fd);
  if (action != NOTHING) FAIL_AS(-1);
  return result;
}

int fclose(FILE *file) {
  REAL(int, "fclose", FILE *);
  int fd = file == NULL ? -1 : fileno(file);
  if (!fd_is_ours(fd)) return real(file);
  enum action action = decide(CLOSES, "fclose", NULL, fd);
  after_half(action);
  mark(fd, 0);
  int result = real(file);
  if (action != NOTHING) FAIL_AS(EOF);
  return result;
}

int closedir(DIR *directory) {
  REAL(int, "closedir", DIR *);
  int fd = directory == NULL ? -1 : dirfd(directory);
  if (!fd_is_ours(fd)) return real(directory);
  enum action action = decide(CLOSES, "closedir", NULL, fd);
  after_half(action);
  mark(fd, 0);
  int result = real(directory);
  if (action != NOTHING) FAIL_AS(-1);
  return result;
}

/* Reading and writing. */

#define SOME(kind, type, name, parameters, given, halved, ...)                 \
  type name parameters {                                                       \
    REAL(type, #name, __VA_ARGS__);                                            \
    if (!fd_is_ours(fd)) return real given;                                    \
    enum action action = decide(kind, #name, NULL, fd);                        \
    if (action == NOTHING) return real given;                                  \
    if ((action == HALF_KILL || action == HALF_FAIL) && (kind) == WRITES) {    \
      type done = real halved;                                                 \
      after_half(action);                                                      \
      if (done > 0) return done;                                               \
    }                                                                          \
    after_half(action);                                                        \
    FAIL_AS(-1);                                                               \
  }

SOME(READS, ssize_t, read, (int fd, void *to, size_t n), (fd, to, n), (fd, to, n), int, void *, size_t)
SOME(READS, ssize_t, pread, (int fd, void *to, size_t n, off_t at), (fd, to, n, at), (fd, to, n, at), int,
     void *, size_t, off_t)
SOME(READS, ssize_t, pread64, (int fd, void *to, size_t n, off64_t at), (fd, to, n, at), (fd, to, n, at), int,
     void *, size_t, off64_t)
SOME(READS, ssize_t, readv, (int fd, const struct iovec *to, int n), (fd, to, n), (fd, to, n), int,
     const struct iovec *, int)
SOME(READS, ssize_t, preadv64, (int fd, const struct iovec *to, int n, off64_t at), (fd, to, n, at),
     (fd, to, n, at), int, const struct iovec *, int, off64_t)
SOME(WRITES, ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n), (fd, from, n / 2), int,
     const void *, size_t)
SOME(WRITES, ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at),
     (fd, from, n / 2, at), int, const void *, size_t, off_t)
SOME(WRITES, ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at),
     (fd, from, n / 2, at), int, const void *, size_t, off64_t)
SOME(WRITES, ssize_t, writev, (int fd, const struct iovec *from, int n), (fd, from, n), (fd, from, (n + 1) / 2),
     int, const struct iovec *, int)
SOME(WRITES, ssize_t, pwritev64, (int fd, const struct iovec *from, int n, off64_t at), (fd, from, n, at),
     (fd, from, (n + 1) / 2, at), int, const struct iovec *, int, off64_t)

static size_t read_file(const char *name, void *to, size_t size, size_t n, FILE *file) {
  REAL(size_t, name, void *, size_t, size_t, FILE *);
  int fd = fileno(file);
  if (!fd_is_ours(fd) || decide(READS, "fread", NULL, fd) == NOTHING) return real(to, size, n, file);
  file->_flags |= 0x20; /* what ferror() looks at */
  FAIL_AS(0);
}
size_t fread(void *to, size_t size, size_t n, FILE *file) { return read_file("fread", to, size, n, file); }
#undef fread_unlocked
size_t fread_unlocked(void *to, size_t size, size_t n, FILE *file) {
  return read_file("fread", to, size, n, file);
}

/* All other calls: of a descriptor, or of a path. */

#define OF_FD(kind, type, name, parameters, given, failed, ...)                \
  type name parameters {                                                       \
    REAL(type, #name, __VA_ARGS__);                                            \
    if (!fd_is_ours(fd)) return real given;                                    \
    WHOLE(kind, #name, NULL, fd, failed);                                      \
    return real given;                                                         \
  }

#define OF_PATH(kind, type, name, parameters, given, ...)                      \
  type name parameters {                                                       \
    REAL(type, #name, __VA_ARGS__);                                            \
    if (!is_ours(path)) return real given;                                     \
    WHOLE(kind, #name, path, -1, -1);                                          \
    return real given;                                                         \
  }

OF_FD(SYNCS, int, fsync, (int fd), (fd), -1, int)
OF_FD(SYNCS, int, fdatasync, (int fd), (fd), -1, int)
OF_FD(SYNCS, int, sync_file_range, (int fd, off64_t at, off64_t n, unsigned flags), (fd, at, n, flags), -1, int,
      off64_t, off64_t, unsigned)
OF_FD(WRITES, int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n), -1, int, int, off_t, off_t)
OF_FD(WRITES, int, fallocate64, (int fd, int mode, off64_t at, off64_t n), (fd, mode, at, n), -1, int, int, off64_t,
      off64_t)
OF_FD(WRITES, int, ftruncate, (int fd, off_t n), (fd, n), -1, int, off_t)
OF_FD(WRITES, int, ftruncate64, (int fd, off64_t n), (fd, n), -1, int, off64_t)
OF_FD(LOOKS, int, fstat, (int fd, struct stat *to), (fd, to), -1, int, struct stat *)
OF_FD(LOOKS, int, fstat64, (int fd, struct stat64 *to), (fd, to), -1, int, struct stat64 *)
OF_FD(LOOKS, int, fstatfs, (int fd, struct statfs *to), (fd, to), -1, int, struct statfs *)
OF_FD(LOCKS, int, flock, (int fd, int operation), (fd, operation), -1, int, int)

OF_PATH(WRITES, int, truncate, (const char *path, off_t n), (path, n), const char *, off_t)
OF_PATH(NAMES, int, rename, (const char *path, const char *to), (path, to), const char *, const char *)
OF_PATH(NAMES, int, link, (const char *path, const char *to), (path, to), const char *, const char *)
OF_PATH(NAMES, int, unlink, (const char *path), (path), const char *)
OF_PATH(NAMES, int, rmdir, (const char *path), (path), const char *)
OF_PATH(NAMES, int, mkdir, (const char *path, mode_t mode), (path, mode), const char *, mode_t)
OF_PATH(LOOKS, int, stat, (const char *path, struct stat *to), (path, to), const char *, struct stat *)
OF_PATH(LOOKS, int, lstat, (const char *path, struct stat *to), (path, to), const char *, struct stat *)
OF_PATH(LOOKS, int, access, (const char *path, int mode), (path, mode), const char *, int)
OF_PATH(LOOKS, int, statvfs, (const char *path, struct statvfs *to), (path, to), const char *, struct statvfs *)

int unlinkat(int at, const char *path, int flags) {
  REAL(int, "unlinkat", int, const char *, int);
  if (!is_ours(path) && !fd_is_ours(at)) return real(at, path, flags);
  WHOLE(NAMES, "unlinkat", path, -1, -1);
  return real(at, path, flags);
}

int posix_fallocate(int fd, off_t at, off_t n) {
  REAL(int, "posix_fallocate", int, off_t, off_t);
  if (!fd_is_ours(fd)) return real(fd, at, n);
  enum action action = decide(WRITES, "posix_fallocate", NULL, fd);
  after_half(action);
  return action == NOTHING ? real(fd, at, n) : control->error;
}

void *mmap(void *where, size_t n, int protection, int flags, int fd, off_t at) {
  REAL(void *, "mmap", void *, size_t, int, int, int, off_t);
  if (!fd_is_ours(fd)) return real(where, n, protection, flags, fd, at);
  WHOLE(READS, "mmap", NULL, fd, MAP_FAILED);
  return real(where, n, protection, flags, fd, at);
}

#define READDIR(name, entry)                                                   \
  entry *name(DIR *directory) {                                                \
    REAL(entry *, #name, DIR *);                                               \
    int fd = dirfd(directory);                                                 \
    if (!fd_is_ours(fd)) return real(directory);                               \
    WHOLE(LOOKS, "readdir", NULL, fd, NULL);                                   \
    return real(directory);                                                    \
  }
READDIR(readdir, struct dirent)
READDIR(readdir64, struct dirent64)

int fcntl(int fd, int command, ...) {
  REAL(int, "fcntl", int, int, ...);
  va_list arguments;
  va_start(arguments, command);
  void *given = va_arg(arguments, void *);
  va_end(arguments);
  int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
  if (!locks || !fd_is_ours(fd)) return real(fd, command, given);
  WHOLE(LOCKS, "fcntl", NULL, fd, -1);
  return real(fd, command, given);
}
