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
	SANDBOX_ONE_USER = 1 << 2, /* root, and nobody else to become */
};

struct sandbox {
	enum role role;
	const char *data;
	uid_t uid; /* to become when root; 0: stay */
	gid_t gid;
};

unsigned sandbox_enter(const struct sandbox *s);

/* The users to become when the server is started by root: the owner of DATA
 * for those who open it, `mailstead-net` for the rest. 0 where there is none. */
void sandbox_users(
    const char *data, enum role r, uid_t *uid_out, gid_t *gid_out);

#endif
