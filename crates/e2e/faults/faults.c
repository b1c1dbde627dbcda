/* A disk with faults, for the process that is started with LD_PRELOAD. The file that FAULTS_FILE names says what the disk does from now on, a line each:
 *
 *     slow N      each sync takes N milliseconds longer
 *     full N      N of 100 writes of 4 KiB and more fail with ENOSPC, after half of their bytes
 *     broken N    N of 100 syncs fail with EIO
 *
 * An empty or absent file means a sound disk. Only what the journal calls is caught: pwrite and the two syncs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static unsigned told(const char *wanted) {
    const char *path = getenv("FAULTS_FILE");
    FILE *file = path ? fopen(path, "re") : NULL;
    char name[16];
    unsigned number, found = 0;
    while (file && fscanf(file, "%15s %u", name, &number) == 2)
        if (!strcmp(name, wanted)) found = number;
    if (file) fclose(file);
    return found;
}

/* Every 37th turn of a hundred and so on: spread, and the same in each run. */
static int happens(unsigned percent) {
    static atomic_uint turns;
    return percent && atomic_fetch_add(&turns, 37) % 100 < percent;
}

static int synced(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    unsigned ms = told("slow");
    struct timespec wait = {ms / 1000, (long)(ms % 1000) * 1000000};
    if (ms) nanosleep(&wait, NULL);
    if (!happens(told("broken"))) return real(file);
    errno = EIO;
    return -1;
}

int fdatasync(int file) { return synced("fdatasync", file); }

int fsync(int file) { return synced("fsync", file); }

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) {
    ssize_t (*real)(int, const void *, size_t, off_t) = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
    if (count < 4096 || !happens(told("full"))) return real(file, bytes, count, offset);
    real(file, bytes, count / 2, offset);
    errno = ENOSPC;
    return -1;
}
