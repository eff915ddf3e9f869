/*
 * The sandbox of a child (P3), entered before its role starts: no new
 * privileges, not dumpable, no core, no capabilities; seccomp and landlock by
 * role. Nothing here can be undone.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include <sys/types.h>

#include "daemon/message.h"

/* What could not be had; the rest is in force. */
enum sandbox_weak {
	SANDBOX_NO_SECCOMP = 1 << 0,
	SANDBOX_NO_LANDLOCK = 1 << 1,
};

struct sandbox {
	enum role role;
	const char *data;
	uid_t uid; /* to become when root (daemon/users.h); 0: stay */
	gid_t gid;
};

unsigned sandbox_enter(const struct sandbox *s);

#endif
