/*
 * A kill, or the end of the disk, at a chosen call that changes files; loaded
 * with LD_PRELOAD. FAULT names a file with the struct orders below, mapped at
 * the start: the test writes what shall happen at which call, and reads how
 * many calls there were. With `role`, only that process of the server counts.
 * Standard input, output and errors are not counted, nor are sockets and pipes.
 */
/* Both names of each function are defined here. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, NO_SPACE_ONCE, NO_SPACE };
enum { CALLS_MAX = 16384 };
enum kind {
	NAME = 'n',
	FILE_MADE = 'f',
	FILE_CUT = 'c',
	BYTES = 'b',
	SYNC = 's'
};

struct orders {
	uint32_t what;
	uint32_t at;           /* the call, from 1; 0: none */
	uint32_t calls;        /* ours: so far */
	uint32_t met;          /* ours: it has happened */
	char role[16];         /* "worker"; "": every process */
	char kinds[CALLS_MAX]; /* ours: what each call was */
};

static struct orders *orders;

/* Is this the process that the orders are for? */
static int
is_ours(const struct orders *o)
{
	char line[4096], want[32];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line));

	if (fd >= 0)
		close(fd);
	if (o->role[0] == '\0')
		return 1;
	(void)snprintf(want, sizeof(want), "--role=%s", o->role);
	return n > 0 && memmem(line, (size_t)n, want, strlen(want) + 1) != NULL;
}

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("FAULT");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	struct orders *o = MAP_FAILED;

	if (fd >= 0)
		o = mmap(NULL, sizeof(*o), PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (fd >= 0)
		close(fd);
	if (o != MAP_FAILED && is_ours(o))
		orders = o;
}

/*
 * Does it happen now? Dies then, or says that the call fails, which takes
 * space. (A file takes none before there is something in it.)
 */
static int
fails(enum kind kind, int takes)
{
	uint32_t n, at;

	if (!orders)
		return 0;
	n = __atomic_add_fetch(&orders->calls, 1, __ATOMIC_SEQ_CST);
	if (n <= CALLS_MAX)
		orders->kinds[n - 1] = (char)kind;
	at = __atomic_load_n(&orders->at, __ATOMIC_SEQ_CST);
	if (at == 0 || n < at || orders->what == COUNT)
		return 0;
	if (orders->what == KILL) {
		/* Who takes its place lives. */
		if (orders->met)
			return 0;
		orders->met = 1;
		/* What SIGKILL does, and any sandbox allows. */
		syscall(SYS_exit_group, 137);
	}
	if (!takes || (orders->what == NO_SPACE_ONCE && orders->met))
		return 0;
	orders->met = 1;
	errno = ENOSPC;
	return 1;
}

static int
is_file(int fd)
{
	int kept = errno, yes;
	struct stat sb;

	/* What has no name is gone with its process, or is memory. */
	yes = orders && fd > 2 && fstat(fd, &sb) == 0 && sb.st_nlink > 0 &&
	    !S_ISSOCK(sb.st_mode) && !S_ISFIFO(sb.st_mode) &&
	    !S_ISCHR(sb.st_mode);
	errno = kept;
	return yes;
}

#define EXPORT __attribute__((visibility("default")))

/* The next library's function of that name and type. */
#define NEXT(name, ...)                      \
 static __typeof__(name) *next;              \
 if (!next)                                  \
  *(void **)&next = dlsym(RTLD_NEXT, #name); \
 return next(__VA_ARGS__)

/* --- names --- */

#define OPENS(name)                                             \
 EXPORT int name(const char *path, int flags, ...)              \
 {                                                              \
  va_list ap;                                                   \
  mode_t mode = 0;                                              \
                                                                \
  va_start(ap, flags);                                          \
  if (flags & (O_CREAT | O_TMPFILE))                            \
   mode = va_arg(ap, mode_t);                                   \
  va_end(ap);                                                   \
  if ((flags & (O_CREAT | O_TRUNC)) && fails(FILE_MADE, 0))     \
   return -1;                                                   \
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode); \
 }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name)                                      \
 EXPORT int name(int dir, const char *path, int flags, ...) \
 {                                                          \
  va_list ap;                                               \
  mode_t mode = 0;                                          \
                                                            \
  va_start(ap, flags);                                      \
  if (flags & (O_CREAT | O_TMPFILE))                        \
   mode = va_arg(ap, mode_t);                               \
  va_end(ap);                                               \
  if ((flags & (O_CREAT | O_TRUNC)) && fails(FILE_MADE, 0)) \
   return -1;                                               \
  return (int)syscall(SYS_openat, dir, path, flags, mode);  \
 }
OPENS_AT(openat)
OPENS_AT(openat64)

EXPORT int
mkdir(const char *path, mode_t mode)
{
	if (fails(NAME, 1))
		return -1;
	NEXT(mkdir, path, mode);
}

EXPORT int
rmdir(const char *path)
{
	(void)fails(NAME, 0);
	NEXT(rmdir, path);
}

EXPORT int
rename(const char *from, const char *to)
{
	if (fails(NAME, 1))
		return -1;
	NEXT(rename, from, to);
}

EXPORT int
renameat(int from_dir, const char *from, int dir, const char *to)
{
	if (fails(NAME, 1))
		return -1;
	NEXT(renameat, from_dir, from, dir, to);
}

EXPORT int
renameat2(
    int from_dir, const char *from, int dir, const char *to, unsigned flags)
{
	if (fails(NAME, 1))
		return -1;
	NEXT(renameat2, from_dir, from, dir, to, flags);
}

EXPORT int
linkat(int from_dir, const char *from, int dir, const char *to, int flags)
{
	if (fails(NAME, 1))
		return -1;
	NEXT(linkat, from_dir, from, dir, to, flags);
}

EXPORT int
unlink(const char *path)
{
	(void)fails(NAME, 0);
	NEXT(unlink, path);
}

EXPORT int
unlinkat(int dir, const char *path, int flags)
{
	(void)fails(NAME, 0);
	NEXT(unlinkat, dir, path, flags);
}

/* --- bytes --- */

/* A kill in the middle of a write: half of it is there. */
static void
half(int fd, const void *p, size_t n, off_t at)
{
	uint32_t due =
	    orders ? __atomic_load_n(&orders->at, __ATOMIC_SEQ_CST) : 0;

	if (due && orders->what == KILL && orders->calls + 1 == due && n > 1)
		(void)!syscall(SYS_pwrite64, fd, p, n / 2, at);
}

EXPORT ssize_t
write(int fd, const void *p, size_t n)
{
	if (is_file(fd)) {
		half(fd, p, n, lseek(fd, 0, SEEK_CUR));
		if (fails(BYTES, 1))
			return -1;
	}
	return syscall(SYS_write, fd, p, n);
}

#define WRITES_AT(name)                                         \
 EXPORT ssize_t name(int fd, const void *p, size_t n, off_t at) \
 {                                                              \
  if (is_file(fd)) {                                            \
   half(fd, p, n, at);                                          \
   if (fails(BYTES, 1))                                         \
    return -1;                                                  \
  }                                                             \
  return syscall(SYS_pwrite64, fd, p, n, at);                   \
 }
WRITES_AT(pwrite)
WRITES_AT(pwrite64)

#define WRITES_PARTS_AT(name)                                        \
 EXPORT ssize_t name(int fd, const struct iovec *v, int n, off_t at) \
 {                                                                   \
  if (is_file(fd) && fails(BYTES, 1))                                \
   return -1;                                                        \
  return syscall(SYS_pwritev, fd, v, n, at, 0);                      \
 }
WRITES_PARTS_AT(pwritev)
WRITES_PARTS_AT(pwritev64)

#define CUTS(name)                            \
 EXPORT int name(int fd, off_t at)            \
 {                                            \
  if (is_file(fd))                            \
   (void)fails(FILE_CUT, 0);                  \
  return (int)syscall(SYS_ftruncate, fd, at); \
 }
CUTS(ftruncate)
CUTS(ftruncate64)

#define FILLS(name)                                        \
 EXPORT int name(int fd, off_t at, off_t n)                \
 {                                                         \
  if (is_file(fd) && fails(BYTES, 1))                      \
   return ENOSPC;                                          \
  return syscall(SYS_fallocate, fd, 0, at, n) ? errno : 0; \
 }
FILLS(posix_fallocate)
FILLS(posix_fallocate64)

/* --- syncs --- */

EXPORT int
fdatasync(int fd)
{
	(void)fails(SYNC, 0);
	NEXT(fdatasync, fd);
}

EXPORT int
fsync(int fd)
{
	(void)fails(SYNC, 0);
	NEXT(fsync, fd);
}

EXPORT int
syncfs(int fd)
{
	(void)fails(SYNC, 0);
	NEXT(syncfs, fd);
}
