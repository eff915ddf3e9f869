/* An account that was removed comes back, with its id (S33). */
#include "auth/address.h"
#include "auth/admin_int.h"

static enum status
enter(
    struct admin_call *call, struct str address, struct directory_account *out)
{
	struct directory *d = call->ad->directory;
	struct directory_account acct = {
	    .id = record_get(call->request, "id"),
	    .address = address,
	    .created_ms = (int64_t)record_number(call->request, "created"),
	};
	enum status st = directory_domain_add(d, address_domain(address));

	if (st != ST_OK && st != ST_EXISTS)
		return st;
	st = directory_account_return(d, &acct);
	if (st == ST_EXISTS)
		return admin_fail(call, st,
		    "the address " STR_FMT
		    " is in use by now: restore it under another one (--as)",
		    STR_ARG(address));
	if (st == ST_OK)
		st = directory_account_by_id(d, acct.id, call->arena, out);
	if (st != ST_OK)
		return st;
	out->quota = record_number(call->request, "quota");
	out->imap = record_number(call->request, "imap") != 0;
	out->pop3 = record_number(call->request, "pop3") != 0;
	return directory_account_set(d, out);
}

/* Those that others have by now are told. */
static enum status
aliases(struct admin_call *call, struct str id, struct buf *taken)
{
	struct wire w = wire_of(record_get(call->request, "aliases"));
	enum status st = ST_OK;

	while (st == ST_OK && !wire_end(&w)) {
		struct str alias = wire_str(&w);

		if (!wire_ok(&w))
			return ST_SYNTAX;
		st = directory_alias_add(call->ad->directory, id, alias);
		if (st != ST_EXISTS && st != ST_NOT_FOUND)
			continue;
		buf_addf(
		    taken, "%s" STR_FMT, taken->n ? " " : "", STR_ARG(alias));
		st = ST_OK;
	}
	return st;
}

/*
 * "id address": that account, if it is still the same. Another one that has
 * its address is nobody it belonged to.
 */
static enum status
member(struct admin_call *call, struct str line, struct str id, bool of_it,
    struct buf *gone)
{
	struct directory *d = call->ad->directory;
	struct str other = str_cut(&line, ' ');
	struct directory_account acct;
	enum status st = directory_account_by_id(d, other, call->arena, &acct);

	if (st == ST_OK)
		return of_it ? directory_member_add(d, id, other)
			     : directory_member_add(d, other, id);
	if (st != ST_NOT_FOUND)
		return st;
	buf_addf(gone, "%s" STR_FMT, gone->n ? " " : "", STR_ARG(line));
	return ST_OK;
}

static enum status
members(struct admin_call *call, struct str id, struct buf *gone)
{
	static const char *const keys[] = {"roles_then", "members_then"};
	enum status st = ST_OK;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct wire w = wire_of(record_get(call->request, keys[i]));

		while (st == ST_OK && !wire_end(&w)) {
			struct str line = wire_str(&w);

			st = wire_ok(&w) ? member(call, line, id, i == 1, gone)
					 : ST_SYNTAX;
		}
	}
	return st;
}

/* Removing it revoked what it had: it gets a new password. */
enum status
admin_account_restore(struct admin_call *call)
{
	struct str chosen = record_get(call->request, "password");
	bool given = record_has(call->request, "password");
	struct credential cred = {.name = S(CREDENTIAL_MAIN), .main = true};
	struct directory_account acct;
	struct str address, shown = S("");
	struct buf taken, gone;
	enum status st = admin_address(call, "address", &address);

	if (st != ST_OK || (st = enter(call, address, &acct)) != ST_OK)
		return st;
	cred.owner = acct.id;
	buf_init(&taken, 64 * 1024);
	buf_init(&gone, 64 * 1024);
	st = aliases(call, acct.id, &taken);
	if (st == ST_OK)
		st = members(call, acct.id, &gone);
	if (st == ST_OK)
		st = admin_add_password(
		    call, &cred, given ? &chosen : NULL, &shown);
	if (st == ST_OK) {
		record_str(call->answer, "id", acct.id);
		record_str(call->answer, "address", acct.address);
		if (!given)
			record_str(call->answer, "password", shown);
		record_str(call->answer, "aliases_taken", buf_str(&taken));
		record_str(call->answer, "members_gone", buf_str(&gone));
		record_end(call->answer);
	}
	buf_release(&taken);
	buf_release(&gone);
	return st;
}
