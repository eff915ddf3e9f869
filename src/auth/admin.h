/*
 * Administration of domains, accounts and passwords: one request in, one
 * answer out, both records (auth/record.h). Run by the process `auth`, or by
 * the command line itself while no server runs. The field "verb" says which
 * row of the table in admin.c is meant; fields in [] may be missing.
 *
 *	domain.add     domain
 *	domain.list                            -> name catch_all accounts, each
 *	domain.set     domain catch_all
 *	domain.remove  domain
 *	account.begin  address [password]      -> id address [password]
 *	account.ready  id
 *	account.find   address                 -> id address ready
 *	account.show   address                 -> all of it
 *	account.list   [domain]                -> all of it, each
 *	account.set    address [quota imap pop3 past add_aliases remove_aliases
 *	               add_members remove_members]         -> all of it
 *	account.remove address                 -> as account.show, roles_then
 *	                                          members_then ("id address")
 *	account.restore address id [quota imap pop3 created aliases roles_then
 *	                members_then password] -> id address [password]
 *	                                          aliases_taken members_gone
 *	password.set   address [password]      -> address [password]
 *	app.add        address name [role]     -> address name password [role]
 *	app.list       address       -> name created used suspended [role], each
 *	app.revoke     address name
 *	suspend        account credential (ids as in grants: the brake's)
 *	resume         address                 -> address resumed
 *	status                                 -> domains accounts
 *
 * account.begin adds the domain at its first account and makes an account that
 * takes no mail yet; after its folder is made account.ready opens it. A begin
 * that was cut short can be begun again.
 */
#ifndef AUTH_ADMIN_H
#define AUTH_ADMIN_H

#include "auth/credentials.h"
#include "auth/directory.h"

enum { ADMIN_PAST_MS = 24 * 3600 * 1000 }; /* then Past/ is off by itself */

struct admin {
	struct directory *directory;
	struct credentials *credentials;
	const struct clock *clock;
	const struct random *random;
	bool scram;
	/* Sessions of that credential ("" for all) must end. May be NULL. */
	void (*revoke)(void *ctx, struct str account, struct str credential);
	void *ctx;
};

/* Appends the answer; when not ST_OK, a sentence that says why not. */
enum status admin_run(
    const struct admin *ad, struct str request, struct buf *answer) MUST_CHECK;

/* The credential's id as grants and revocations write it. */
struct str credential_text(struct arena *a, uint64_t id);

#endif
