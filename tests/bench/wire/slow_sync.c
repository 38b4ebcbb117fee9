/* A slow disk: every fsync and fdatasync takes CHEVET_SYNC_MS longer. Loaded before a program by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_for_the_disk(void)
{
    const char *told = getenv("CHEVET_SYNC_MS");
    long ms = told ? strtol(told, NULL, 10) : 0;
    struct timespec late = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&late, NULL);
}

int fsync(int descriptor)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_for_the_disk();
    return real(descriptor);
}

int fdatasync(int descriptor)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_for_the_disk();
    return real(descriptor);
}
