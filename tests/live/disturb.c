/*
 * A slow disk for chosen files and a wrong clock, loaded into the server with
 * LD_PRELOAD: an fdatasync of one of the files lasts at least `delay_ms`, and
 * on while `hold` is set; the wall clock is `clock_s` off. The test writes
 * the orders, and reads what waits, in a file that is mapped before the
 * sandbox closes: nothing is opened later.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct orders {
	uint32_t hold, delay_ms;
	uint32_t waiting, done; /* ours */
	int64_t clock_s;
	uint64_t inodes[60];
};

static struct orders *orders;
static int (*real_fdatasync)(int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("DISTURB");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	*(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	*(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	if (fd < 0)
		return;
	p = mmap(
	    NULL, sizeof(*orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		orders = p;
	close(fd);
}

static int
is_slow(int fd)
{
	struct stat sb;

	if (!orders || fstat(fd, &sb) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(orders->inodes) / sizeof(uint64_t); i++)
		if (orders->inodes[i] == sb.st_ino)
			return 1;
	return 0;
}

__attribute__((visibility("default"))) int
fdatasync(int fd)
{
	struct timespec ms = {0, 1000 * 1000};
	int slow = is_slow(fd);

	if (slow) {
		__atomic_add_fetch(&orders->waiting, 1, __ATOMIC_SEQ_CST);
		for (uint32_t i = 0; i < orders->delay_ms ||
		     __atomic_load_n(&orders->hold, __ATOMIC_SEQ_CST);
		     i++)
			(void)nanosleep(&ms, NULL);
		__atomic_sub_fetch(&orders->waiting, 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&orders->done, 1, __ATOMIC_SEQ_CST);
	}
	return real_fdatasync(fd);
}

__attribute__((visibility("default"))) int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int rc;

	/* Another library may ask before we have begun. */
	if (!real_clock_gettime)
		*(void **)&real_clock_gettime =
		    dlsym(RTLD_NEXT, "clock_gettime");
	rc = real_clock_gettime(id, ts);
	if (rc == 0 && id == CLOCK_REALTIME && orders)
		ts->tv_sec +=
		    __atomic_load_n(&orders->clock_s, __ATOMIC_SEQ_CST);
	return rc;
}
