/* While the file HALL_FSYNC_FAILS names exists, fsync and fdatasync fail with EIO: a disk that dies. LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int fails(void) {
  const char *path = getenv("HALL_FSYNC_FAILS");
  return path && access(path, F_OK) == 0;
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  if (!fails()) return real(fd);
  errno = EIO;
  return -1;
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (!fails()) return real(fd);
  errno = EIO;
  return -1;
}
