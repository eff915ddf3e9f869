/* The protocols that are spoken before and after a login, by listener. */
#ifndef DAEMON_PROTOCOLS_H
#define DAEMON_PROTOCOLS_H

#include "daemon/config.h"
#include "proto/proto.h"

struct protocol {
	const char *name; /* in messages, in the log and in ALPN */
	const struct proto *login, *session;
	struct str busy; /* said when there is no room, then closed */
};

/* NULL: not spoken here. */
const struct protocol *protocol_of(enum listener kind);
const struct protocol *protocol_named(struct str name);

#endif
