/*
 * Loaded before the C library of a process (LD_PRELOAD): writes down, in order, what the process does to the files of one
 * SQLite database, so that the state of the disk after a power cut at any moment can be rebuilt.
 * HALL_RECORD_DATABASE: absolute path of the database. HALL_RECORD_LOG: the record; one entry per act, see power-cut.ts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum act { WRITE = 1, TRUNCATE = 2, SYNC = 3, UNLINK = 4 };
enum file { DATABASE = 0, WAL = 1, JOURNAL = 2, FOLDER = 3, OTHER = -1 };

struct entry {
  uint8_t act;
  uint8_t file;
  uint16_t zero;
  uint32_t length;
  uint64_t offset;
};

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *database;
static char folder[PATH_MAX];
static int record = -1;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *log = getenv("HALL_RECORD_LOG");
  database = getenv("HALL_RECORD_DATABASE");
  if (!database || !log) {
    database = NULL;
    return;
  }
  strncpy(folder, database, sizeof folder - 1);
  char *slash = strrchr(folder, '/');
  if (slash) *slash = 0;
  record = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static enum file of_path(const char *path) {
  size_t length = strlen(database);
  if (strcmp(path, folder) == 0) return FOLDER;
  if (strncmp(path, database, length) != 0) return OTHER;
  const char *rest = path + length;
  if (*rest == 0) return DATABASE;
  if (strcmp(rest, "-wal") == 0) return WAL;
  if (strcmp(rest, "-journal") == 0) return JOURNAL;
  return OTHER;
}

static enum file of_fd(int fd) {
  if (record < 0) return OTHER;
  char link[32], path[PATH_MAX];
  char *at = link + sizeof link - 1;
  *at = 0;
  unsigned rest = (unsigned)fd;
  do *--at = (char)('0' + rest % 10); while (rest /= 10);
  at -= 14;
  memcpy(at, "/proc/self/fd/", 14);
  ssize_t got = readlink(at, path, sizeof path - 1);
  if (got <= 0) return OTHER;
  path[got] = 0;
  return of_path(path);
}

static void note(enum act act, enum file file, uint64_t offset, const void *bytes, uint32_t length) {
  struct entry entry = {(uint8_t)act, (uint8_t)file, 0, length, offset};
  struct iovec parts[2] = {{&entry, sizeof entry}, {(void *)bytes, length}};
  if (writev(record, parts, bytes ? 2 : 1) < 0) abort();
}

static ssize_t recorded_write(int fd, const void *bytes, size_t length, off64_t offset, ssize_t (*act)(int, const void *, size_t, off64_t)) {
  enum file file = of_fd(fd);
  if (file == OTHER) return act(fd, bytes, length, offset);
  pthread_mutex_lock(&turn);
  ssize_t done = act(fd, bytes, length, offset);
  if (done > 0) note(WRITE, file, (uint64_t)offset, bytes, (uint32_t)done);
  pthread_mutex_unlock(&turn);
  return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  return recorded_write(fd, bytes, length, offset, (ssize_t(*)(int, const void *, size_t, off64_t))real("pwrite64"));
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return recorded_write(fd, bytes, length, offset, (ssize_t(*)(int, const void *, size_t, off64_t))real("pwrite64"));
}
ssize_t write(int fd, const void *bytes, size_t length) {
  enum file file = of_fd(fd);
  if (file == OTHER) return REAL(write)(fd, bytes, length);
  off64_t offset = lseek64(fd, 0, SEEK_CUR);
  pthread_mutex_lock(&turn);
  ssize_t done = REAL(write)(fd, bytes, length);
  if (done > 0) note(WRITE, file, (uint64_t)offset, bytes, (uint32_t)done);
  pthread_mutex_unlock(&turn);
  return done;
}

static int recorded_truncate(int fd, off64_t length) {
  int (*act)(int, off64_t) = (int (*)(int, off64_t))real("ftruncate64");
  enum file file = of_fd(fd);
  if (file == OTHER) return act(fd, length);
  pthread_mutex_lock(&turn);
  int done = act(fd, length);
  if (done == 0) note(TRUNCATE, file, (uint64_t)length, NULL, 0);
  pthread_mutex_unlock(&turn);
  return done;
}
int ftruncate64(int fd, off64_t length) { return recorded_truncate(fd, length); }
int ftruncate(int fd, off_t length) { return recorded_truncate(fd, length); }

static int recorded_sync(int fd, const char *name) {
  int (*act)(int) = (int (*)(int))real(name);
  enum file file = of_fd(fd);
  if (file == OTHER) return act(fd);
  pthread_mutex_lock(&turn);
  int done = act(fd);
  if (done == 0) note(SYNC, file, 0, NULL, 0);
  pthread_mutex_unlock(&turn);
  return done;
}
int fsync(int fd) { return recorded_sync(fd, "fsync"); }
int fdatasync(int fd) { return recorded_sync(fd, "fdatasync"); }

int unlink(const char *path) {
  enum file file = record < 0 ? OTHER : of_path(path);
  if (file == OTHER) return REAL(unlink)(path);
  pthread_mutex_lock(&turn);
  int done = REAL(unlink)(path);
  if (done == 0) note(UNLINK, file, 0, NULL, 0);
  pthread_mutex_unlock(&turn);
  return done;
}
