/*
 * The users to become when the server is started by root (P3):
 *
 *	mailstead	worker, keeper: DATA/accounts and the rest of the mail
 *	mailstead-auth	auth, hash: directory.db and credentials.db
 *	mailstead-net	login, tls, deliver, sync: no file at all
 *
 * DATA itself is then root's, writable for the group of `mailstead` and
 * sticky: each makes its files in it, and nobody can remove the others'.
 * Without the first two, or when DATA belongs to somebody else, who opens
 * DATA becomes its owner.
 */
#ifndef DAEMON_USERS_H
#define DAEMON_USERS_H

#include <sys/types.h>

#include "daemon/message.h"

struct users {
	bool root;             /* there is a choice at all */
	bool apart;            /* mail and passwords have users of their own */
	uid_t data, auth, net; /* 0: stay root */
	gid_t data_gid, net_gid;
};

/* DATA need not be there yet. */
void users_find(const char *data, struct users *out);
/* Once, at start: what is weaker than it could be, in the log. */
void users_say(const struct users *u);
/* Gives DATA and what is in it to them. False with errno. */
bool users_own(const char *data, const struct users *u) MUST_CHECK;
void users_of(
    const struct users *u, enum role r, uid_t *uid_out, gid_t *gid_out);

#endif
