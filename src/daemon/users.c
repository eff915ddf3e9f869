#include "daemon/users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/sandbox.h"

enum { DATA_APART_MODE = 01770 };

/*
 * From the file alone: the services behind getpwnam take longer to load than
 * all of our processes to start, and users of the system are in the file.
 */
static void
look_up(struct users *u, bool *has_data_out, bool *has_auth_out)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *p;

	while (f && (p = fgetpwent(f))) {
		if (strcmp(p->pw_name, "mailstead") == 0) {
			*has_data_out = true;
			u->data = p->pw_uid;
			u->data_gid = p->pw_gid;
		} else if (strcmp(p->pw_name, "mailstead-auth") == 0) {
			*has_auth_out = true;
			u->auth = p->pw_uid;
		} else if (strcmp(p->pw_name, "mailstead-net") == 0) {
			u->net = p->pw_uid;
			u->net_gid = p->pw_gid;
		}
	}
	if (f)
		(void)fclose(f);
}

void
users_find(const char *data, struct users *out)
{
	struct users u = {.root = geteuid() == 0};
	bool has_data = false, has_auth = false;
	struct stat sb = {0};

	if (u.root)
		look_up(&u, &has_data, &has_auth);
	if (stat(data, &sb) < 0)
		memset(&sb, 0, sizeof(sb));
	u.apart =
	    has_data && has_auth && (sb.st_uid == 0 || sb.st_uid == u.data);
	if (u.root && !u.apart) {
		u.data = u.auth = sb.st_uid;
		u.data_gid = sb.st_gid;
	}
	*out = u;
}

void
users_say(const struct users *u)
{
	if (!u->root) {
		log_warn("sandbox is weaker: not started by root, so all "
			 "processes are one user");
		return;
	}
	if (!u->apart)
		log_warn("sandbox is weaker: workers could read passwords' "
			 "verifiers, and auth mail",
		    LOG_Z("missing", "users mailstead, mailstead-auth"),
		    LOG_Z("see", "mailstead(1), USERS"));
	if (!u->net)
		log_warn("sandbox is weaker: processes that speak to the "
			 "network share a user with others",
		    LOG_Z("missing", "user mailstead-net"),
		    LOG_Z("see", "mailstead(1), USERS"));
}

void
users_of(const struct users *u, enum role r, uid_t *uid_out, gid_t *gid_out)
{
	bool auth = r == ROLE_AUTH || r == ROLE_HASH;
	bool data = r == ROLE_WORKER || r == ROLE_KEEPER;

	if (auth || data || !u->net) {
		/* Auth makes its files in DATA as one of the group. */
		*uid_out = auth ? u->auth : u->data;
		*gid_out = u->data_gid;
	} else {
		*uid_out = u->net;
		*gid_out = u->net_gid;
	}
}

/* --- whose files they are --- */

static bool
is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The supervisor's own. */
static bool
is_roots(const char *name)
{
	static const char *const names[] = {
	    "lock", "epoch", "epoch.new", "control", "lmtp", "tls"};

	return is_one_of(name, names, ARRAY_LEN(names));
}

static const char *const auth_files[] = {"directory.db", "credentials.db"};
static const char *const beside[] = {"", "-wal", "-shm", "-journal"};

static bool
is_auths(const char *name)
{
	char full[64];

	for (size_t i = 0; i < ARRAY_LEN(auth_files); i++)
		for (size_t k = 0; k < ARRAY_LEN(beside); k++) {
			(void)snprintf(full, sizeof(full), "%s%s",
			    auth_files[i], beside[k]);
			if (strcmp(name, full) == 0)
				return true;
		}
	return false;
}

/*
 * What stands beside a database of auth and was made by a worker is no part of
 * it, but of an attempt to change it.
 */
static bool
own_auth_file(int dir, const char *name, const struct users *u)
{
	struct stat db, sb;
	bool had;
	char full[64];

	had = fstatat(dir, name, &db, AT_SYMLINK_NOFOLLOW) == 0;
	for (size_t k = 0; k < ARRAY_LEN(beside); k++) {
		(void)snprintf(full, sizeof(full), "%s%s", name, beside[k]);
		if (fstatat(dir, full, &sb, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!S_ISREG(sb.st_mode) ||
		    (k > 0 && sb.st_uid != 0 &&
			(!had || sb.st_uid != db.st_uid))) {
			log_error("removed what is not auth's",
			    LOG_Z("file", full), LOG_U64("uid", sb.st_uid));
			if (unlinkat(dir, full, 0) < 0)
				return false;
		} else if (sb.st_uid != u->auth &&
		    fchownat(dir, full, u->auth, u->data_gid,
			AT_SYMLINK_NOFOLLOW) < 0) {
			return false;
		}
	}
	return true;
}

/* nftw has no argument for it. */
static struct users giving;

static int
give(const char *path, const struct stat *sb UNUSED, int type UNUSED,
    struct FTW *ftw UNUSED)
{
	return lchown(path, giving.data, giving.data_gid);
}

/* All of a tree that is not theirs yet; its top last, in case of a crash. */
static bool
own_tree(const char *data, const char *name, const struct users *u)
{
	enum { DESCRIPTORS = 16 };
	char path[4096];
	struct stat sb;
	int n = snprintf(path, sizeof(path), "%s/%s", data, name);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (lstat(path, &sb) < 0)
		return errno == ENOENT;
	if (sb.st_uid == u->data)
		return true;
	log_notice("giving files to the user mailstead", LOG_Z("path", path));
	giving = *u;
	return nftw(path, give, DESCRIPTORS, FTW_PHYS | FTW_DEPTH) == 0;
}

bool
users_own(const char *data, const struct users *u)
{
	const struct dirent *e;
	bool ok = true;
	DIR *d;

	if (!u->apart)
		return true;
	d = opendir(data);
	if (!d)
		return false;
	for (size_t i = 0; ok && i < ARRAY_LEN(auth_files); i++)
		ok = own_auth_file(dirfd(d), auth_files[i], u);
	while (ok && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 && !is_roots(e->d_name) &&
		    !is_auths(e->d_name))
			ok = own_tree(data, e->d_name, u);
	ok = ok && fchown(dirfd(d), 0, u->data_gid) == 0 &&
	    fchmod(dirfd(d), DATA_APART_MODE) == 0;
	closedir(d);
	return ok;
}
