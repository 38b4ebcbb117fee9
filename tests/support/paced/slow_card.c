/* A memory card that stops answering: while the file $CHEVET_CARD_STALL exists, each read of a .flac waits. Each such
 * wait begins with a byte in $CHEVET_CARD_LOG. Loaded in front of libc (LD_PRELOAD). */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int is_sound(int fd)
{
	char link[64], path[4096];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	return n > 5 && !memcmp(path + n - 5, ".flac", 5);
}

static void note(void)
{
	int log = open(getenv("CHEVET_CARD_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log < 0 || write(log, "!", 1) != 1)
		abort();
	close(log);
}

ssize_t read(int fd, void *data, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);
	const struct timespec look = {.tv_nsec = 10000000};
	const char *stall = getenv("CHEVET_CARD_STALL");
	if (!real)
		real = dlsym(RTLD_NEXT, "read");
	if (!access(stall, F_OK) && is_sound(fd)) {
		note();
		while (!access(stall, F_OK))
			nanosleep(&look, NULL);
	}
	return real(fd, data, size);
}
