#include "daemon/data.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, EPOCH_FILE_MAX = 256 };

/* Those that linux/magic.h does not have. */
#define MAGIC_CIFS   0xff534d42l
#define MAGIC_SMB2   0xfe534d42l
#define MAGIC_LUSTRE 0x0bd00bd0l
#define MAGIC_GFS2   0x01161970l
#define MAGIC_OCFS2  0x7461636fl

const char *
data_network_name(long magic)
{
	static const struct {
		long magic;
		const char *name;
	} known[] = {
	    {NFS_SUPER_MAGIC, "NFS"},
	    {SMB_SUPER_MAGIC, "SMB"},
	    {MAGIC_CIFS, "SMB"},
	    {MAGIC_SMB2, "SMB"},
	    {CEPH_SUPER_MAGIC, "Ceph"},
	    {AFS_SUPER_MAGIC, "AFS"},
	    {AFS_FS_MAGIC, "AFS"},
	    {CODA_SUPER_MAGIC, "Coda"},
	    {V9FS_MAGIC, "9P"},
	    {MAGIC_LUSTRE, "Lustre"},
	    {MAGIC_GFS2, "GFS2"},
	    {MAGIC_OCFS2, "OCFS2"},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].magic == magic)
			return known[i].name;
	return NULL;
}

static bool
path_of(const char *data, const char *name, char out[PATH_BYTES])
{
	int n = snprintf(out, PATH_BYTES, "%s/%s", data, name);

	if (n > 0 && n < PATH_BYTES)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

void
data_give(const char *data, const char *name)
{
	struct stat folder, sb;
	int dir;

	if (geteuid() != 0)
		return;
	dir = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	/* A file with two names may be another's by the second one. */
	if (fstat(dir, &folder) == 0 && folder.st_uid != 0 &&
	    fstatat(dir, name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(sb.st_mode) && sb.st_nlink == 1 && sb.st_uid == 0)
		/* Who is refused then is told by the file's name. */
		(void)!fchownat(dir, name, folder.st_uid, folder.st_gid,
		    AT_SYMLINK_NOFOLLOW);
	close(dir);
}

enum status
data_lock(const char *data, int *fd_out)
{
	char path[PATH_BYTES];
	struct statfs fs;
	int fd;

	if (mkdir(data, DATA_MODE) < 0 && errno != EEXIST)
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	if (statfs(data, &fs) < 0)
		return ST_IO;
	if (data_network_name((long)fs.f_type))
		return ST_CANNOT;
	if (!path_of(data, "lock", path))
		return ST_IO;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	data_give(data, "lock");
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		enum status st = errno == EWOULDBLOCK ? ST_BUSY : ST_IO;

		close(fd);
		return st;
	}
	*fd_out = fd;
	return ST_OK;
}

static bool
boot_id(struct buf *out)
{
	char id[64];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, id, sizeof(id));
	close(fd);
	if (n <= 0)
		return false;
	buf_adds(out, str_trim(str_of(id, (size_t)n)));
	return true;
}

static bool
sync_folder(const char *data)
{
	int fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* "EPOCH BOOT-ID clean|running\n", replaced as a whole. */
static enum status
write_epoch(const char *data, uint64_t epoch, struct str boot, bool clean)
{
	char path[PATH_BYTES], fresh[PATH_BYTES];
	enum status st = ST_IO;
	struct buf b;
	int fd;

	if (!path_of(data, "epoch", path) || !path_of(data, "epoch.new", fresh))
		return ST_IO;
	/* Who may make files in DATA, a worker, must not choose what we write. */
	(void)unlink(fresh);
	fd = open(
	    fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	data_give(data, "epoch.new");
	buf_init(&b, EPOCH_FILE_MAX);
	buf_addf(&b, "%llu " STR_FMT " %s\n", (unsigned long long)epoch,
	    STR_ARG(boot), clean ? "clean" : "running");
	if (write(fd, b.p, b.n) == (ssize_t)b.n && fsync(fd) == 0)
		st = ST_OK;
	else if (errno == ENOSPC)
		st = ST_NO_SPACE;
	close(fd);
	buf_release(&b);
	if (st == ST_OK && (rename(fresh, path) < 0 || !sync_folder(data)))
		st = errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	return st;
}

struct epoch_file {
	uint64_t epoch;
	char boot[64];
	bool clean;
};

/* A file that is missing says epoch 0, clean; one that is torn, not clean. */
static enum status
read_epoch(const char *data, struct epoch_file *out)
{
	char path[PATH_BYTES], text[EPOCH_FILE_MAX];
	struct str rest, boot;
	ssize_t n;
	int fd;

	memset(out, 0, sizeof(*out));
	if (!path_of(data, "epoch", path))
		return ST_IO;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		out->clean = true;
		return errno == ENOENT ? ST_OK : ST_IO;
	}
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return ST_IO;
	rest = str_trim(str_of(text, (size_t)n));
	if (!str_to_u64(str_cut(&rest, ' '), &out->epoch))
		return ST_CORRUPT;
	boot = str_cut(&rest, ' ');
	if (boot.n >= sizeof(out->boot))
		return ST_CORRUPT;
	memcpy(out->boot, boot.p, boot.n);
	out->clean = str_eq(rest, S("clean"));
	return ST_OK;
}

enum status
data_read_epoch(const char *data, uint64_t *epoch_out)
{
	struct epoch_file now;
	enum status st = read_epoch(data, &now);

	if (st == ST_OK)
		*epoch_out = now.epoch;
	return st;
}

enum status
data_epoch(const char *data, uint64_t *epoch_out)
{
	struct epoch_file last;
	enum status st = read_epoch(data, &last);
	struct buf boot;

	if (st != ST_OK)
		return st;
	buf_init(&boot, 64);
	if (!boot_id(&boot))
		buf_addz(&boot, "unknown");
	/* The same boot: what the kernel holds of our files is still there. */
	if (!last.clean &&
	    (!str_eq(buf_str(&boot), str_from(last.boot)) ||
		str_eq(buf_str(&boot), S("unknown"))))
		last.epoch++;
	if (last.epoch == 0)
		last.epoch = 1;
	st = write_epoch(data, last.epoch, buf_str(&boot), false);
	buf_release(&boot);
	if (st == ST_OK)
		*epoch_out = last.epoch;
	return st;
}

enum status
data_clean(const char *data, uint64_t epoch)
{
	struct epoch_file last;
	enum status st = read_epoch(data, &last);

	if (st != ST_OK)
		return st;
	return write_epoch(data, epoch, str_from(last.boot), true);
}

/* --- recoveries --- */

enum status
data_whole(const char *data)
{
	char mark[PATH_BYTES], directory[PATH_BYTES];

	if (!path_of(data, DATA_RECOVERING, mark) ||
	    !path_of(data, "directory.db", directory))
		return ST_IO;
	return access(mark, F_OK) == 0 && access(directory, F_OK) != 0
	    ? ST_STATE
	    : ST_OK;
}

static void
sweep_folder(int data, const char *name)
{
	int fd =
	    openat(data, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct dirent *e;
	DIR *dir;

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !(dir = fdopendir(fd))) {
		close(fd);
		return;
	}
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			(void)unlinkat(fd, e->d_name, 0);
	(void)unlinkat(data, name, AT_REMOVEDIR);
	closedir(dir);
}

void
data_sweep(const char *data)
{
	DIR *dir = opendir(data);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (str_starts(str_from(e->d_name), S(DATA_RECOVERING)) &&
		    unlinkat(dirfd(dir), e->d_name, 0) != 0)
			sweep_folder(dirfd(dir), e->d_name);
	if (dir)
		closedir(dir);
}
