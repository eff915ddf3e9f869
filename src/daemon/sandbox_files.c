/*
 * Landlock: which files a role may reach at all, and that nobody opens
 * connections. By system call: the C library has no functions for it, and the
 * headers of Debian 12 lack what newer kernels have.
 */
#include <fcntl.h>
#include <glob.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/sandbox_int.h"

/* As of kernel 6.12; an older kernel takes the part that is zero behind. */
struct ruleset {
	uint64_t fs, net, scoped;
};

enum {
	ABI_REFER = 2, /* 5.19: renames between folders */
	ABI_TRUNCATE = 3,
	ABI_NET = 4,
	ABI_IOCTL = 5,
	ABI_SCOPED = 6,
};

#define FS_V1        ((1ull << 13) - 1)
#define FS_REFER     (1ull << 13)
#define FS_TRUNCATE  (1ull << 14)
#define FS_IOCTL     (1ull << 15)
#define NET_ALL      3ull /* bind, connect over TCP */
#define SCOPED_ALL   3ull /* abstract Unix sockets, signals */
#define FS_READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define FS_READ      (FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

bool
sandbox_opens_data(enum role r)
{
	return r == ROLE_AUTH || r == ROLE_WORKER || r == ROLE_KEEPER;
}

static bool
allow(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr a = {.allowed_access = access};
	bool ok;

	a.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (a.parent_fd < 0)
		return false;
	ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		 &a, 0) == 0;
	close(a.parent_fd);
	return ok;
}

static uint64_t
files_of(long abi)
{
	uint64_t fs = FS_V1 | FS_REFER;

	if (abi >= ABI_TRUNCATE)
		fs |= FS_TRUNCATE;
	if (abi >= ABI_IOCTL)
		fs |= FS_IOCTL;
	return fs;
}

/*
 * libc loads a charset's code when it is first needed, from a folder with
 * nothing else in it (docs/decisions/0032-charsets.md).
 */
static void
allow_charsets(int ruleset)
{
	static const char *const places[] = {
	    "/usr/lib/gconv", "/usr/lib64/gconv", "/usr/lib/*/gconv"};
	glob_t found = {0};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		(void)glob(places[i], i ? GLOB_APPEND : 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		(void)allow(ruleset, found.gl_pathv[i], FS_READ);
	globfree(&found);
}

bool
sandbox_files(enum role r, const char *data)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset set = {.fs = files_of(abi)};
	bool ok = true;
	int fd;

	if (abi < ABI_REFER)
		return false;
	set.net = abi >= ABI_NET ? NET_ALL : 0;
	set.scoped = abi >= ABI_SCOPED ? SCOPED_ALL : 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &set,
	    abi >= ABI_SCOPED    ? sizeof(set)
		: abi >= ABI_NET ? 2 * sizeof(uint64_t)
				 : sizeof(uint64_t),
	    0);
	if (fd < 0)
		return false;
	if (sandbox_opens_data(r)) {
		ok = allow(fd, data, set.fs & ~LANDLOCK_ACCESS_FS_EXECUTE);
		/* SQLite's own generator is seeded from it. */
		ok = allow(fd, "/dev/urandom", FS_READ_FILE) && ok;
	}
	if (r == ROLE_WORKER || r == ROLE_DELIVER || r == ROLE_KEEPER)
		allow_charsets(fd);
	ok = ok && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	close(fd);
	return ok;
}
