#include "daemon/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/sandbox_int.h"

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

	if (geteuid() == 0 && s->uid)
		become(s);
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
