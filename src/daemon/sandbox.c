#include "daemon/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/sandbox_int.h"

#define NET_USER "mailstead-net"

void
sandbox_users(const char *data, enum role r, uid_t *uid_out, gid_t *gid_out)
{
	/* A look into the user database costs more than a process. */
	static bool looked;
	static uid_t net_uid;
	static gid_t net_gid;
	const struct passwd *net;
	struct stat sb;

	*uid_out = 0;
	*gid_out = 0;
	if (geteuid() != 0 || stat(data, &sb) < 0)
		return;
	*uid_out = sb.st_uid;
	*gid_out = sb.st_gid;
	/* The tls processes see no file: they have what was sent to them. */
	if (sandbox_opens_data(r))
		return;
	if (!looked && (net = getpwnam(NET_USER)) != NULL) {
		net_uid = net->pw_uid;
		net_gid = net->pw_gid;
	}
	looked = true;
	if (net_uid) {
		*uid_out = net_uid;
		*gid_out = net_gid;
	}
}

/* Root without capabilities is just the owner of its files. */
static bool
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) == 0;
}

static void
become(const struct sandbox *s)
{
	/* Half a change of user would be worse than none. */
	ASSERT(setgroups(0, NULL) == 0);
	ASSERT(setresgid(s->gid, s->gid, s->gid) == 0);
	ASSERT(setresuid(s->uid, s->uid, s->uid) == 0);
}

unsigned
sandbox_enter(const struct sandbox *s)
{
	static const struct rlimit no_core = {0, 0};
	unsigned weak = 0;

	if (geteuid() == 0) {
		if (s->uid)
			become(s);
		else
			weak |= SANDBOX_ONE_USER;
	}
	(void)drop_capabilities();
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return weak | SANDBOX_NO_SECCOMP | SANDBOX_NO_LANDLOCK;
	if (!sandbox_files(s->role, s->data))
		weak |= SANDBOX_NO_LANDLOCK;
	if (!sandbox_syscalls(s->role))
		weak |= SANDBOX_NO_SECCOMP;
	return weak;
}
