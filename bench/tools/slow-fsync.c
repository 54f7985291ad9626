/* Adds HALL_FSYNC_MS milliseconds to every fsync and fdatasync: a hall PC's disk on a fast machine. LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_more(void) {
  const char *text = getenv("HALL_FSYNC_MS");
  long ms = text ? strtol(text, NULL, 10) : 0;
  struct timespec pause = {ms / 1000, (ms % 1000) * 1000000L};
  if (ms > 0) nanosleep(&pause, NULL);
}

int fsync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_more();
  return real(fd);
}

int fdatasync(int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_more();
  return real(fd);
}
