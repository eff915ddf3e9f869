#include "auth/address.h"
#include "auth/admin_int.h"

/* --- add: begin and ready --- */

/* Who adds the first account of a domain means the domain, too. */
static enum status
make_domain(struct admin_call *call, struct str address)
{
	enum status st =
	    directory_domain_add(call->ad->directory, address_domain(address));

	return st == ST_EXISTS ? ST_OK : st;
}

static enum status
find_or_make(
    struct admin_call *call, struct str address, struct directory_account *acct)
{
	const struct admin *ad = call->ad;
	enum status st;

	if ((st = make_domain(call, address)) != ST_OK)
		return st;
	st = directory_account_add(ad->directory, ad->random, address,
	    clock_wall(ad->clock), call->arena, acct);
	if (st != ST_EXISTS)
		return st;
	st = directory_account(ad->directory, address, call->arena, acct);
	if (st == ST_OK && (acct->ready || !str_eq(acct->address, address)))
		return admin_fail(call, ST_EXISTS,
		    "the address " STR_FMT " is taken", STR_ARG(address));
	return st;
}

enum status
admin_account_begin(struct admin_call *call)
{
	struct str chosen = record_get(call->request, "password");
	bool given = record_has(call->request, "password");
	struct credential cred = {.name = S(CREDENTIAL_MAIN), .main = true};
	struct directory_account acct;
	struct str address, shown = S("");
	enum status st = admin_address(call, "address", &address);

	if (st != ST_OK || (st = find_or_make(call, address, &acct)) != ST_OK)
		return st;
	cred.owner = acct.id;
	st = admin_add_password(call, &cred, given ? &chosen : NULL, &shown);
	if (st != ST_OK) {
		/* A password that is refused leaves no account behind. */
		enum status undo =
		    directory_account_remove(call->ad->directory, acct.id);

		return undo == ST_OK ? st : undo;
	}
	record_str(call->answer, "id", acct.id);
	record_str(call->answer, "address", acct.address);
	if (!given)
		record_str(call->answer, "password", shown);
	record_end(call->answer);
	return ST_OK;
}

enum status
admin_account_ready(struct admin_call *call)
{
	return directory_account_ready(
	    call->ad->directory, record_get(call->request, "id"));
}

/* --- show --- */

static enum status
add_list(struct admin_call *call, const char *key, struct str id,
    enum status (*get)(struct directory *, struct str, struct arena *,
	struct str **, size_t *))
{
	struct str *list;
	struct buf b;
	enum status st;
	size_t i, n;

	st = get(call->ad->directory, id, call->arena, &list, &n);
	if (st != ST_OK)
		return st;
	buf_init(&b, call->answer->max);
	for (i = 0; i < n; i++)
		wire_put_str(&b, list[i]);
	record_list(call->answer, key, buf_str(&b));
	buf_release(&b);
	return ST_OK;
}

/* 0 when it is off by itself again. */
static int64_t
past_until(const struct admin_call *call, const struct directory_account *acct)
{
	return acct->past_until_ms > clock_wall(call->ad->clock)
	    ? acct->past_until_ms
	    : 0;
}

/* Without the record's end. */
static enum status
describe_begin(struct admin_call *call, const struct directory_account *acct)
{
	struct buf *b = call->answer;
	enum status st;

	record_str(b, "address", acct->address);
	record_str(b, "unicode", address_readable(acct->address, call->arena));
	record_str(b, "id", acct->id);
	record_u64(b, "quota", acct->quota);
	record_bool(b, "imap", acct->imap);
	record_bool(b, "pop3", acct->pop3);
	record_bool(b, "ready", acct->ready);
	record_time(b, "created", acct->created_ms);
	record_time(b, "past_until", past_until(call, acct));
	st = add_list(call, "aliases", acct->id, directory_aliases);
	return st == ST_OK
	    ? add_list(call, "members", acct->id, directory_members)
	    : st;
}

static enum status
describe(struct admin_call *call, const struct directory_account *acct)
{
	enum status st = describe_begin(call, acct);

	if (st == ST_OK)
		record_end(call->answer);
	return st;
}

/* Whose member it is and who are its own, for account.restore. */
static enum status
describe_last(struct admin_call *call, const struct directory_account *acct)
{
	enum status st = describe_begin(call, acct);

	if (st == ST_OK)
		st = add_list(
		    call, "roles_then", acct->id, directory_roles_named);
	if (st == ST_OK)
		st = add_list(
		    call, "members_then", acct->id, directory_members_named);
	if (st == ST_OK)
		record_end(call->answer);
	return st;
}

enum status
admin_account_find(struct admin_call *call)
{
	struct directory_account acct;
	enum status st = admin_account(call, "address", &acct);

	if (st != ST_OK)
		return st;
	record_str(call->answer, "id", acct.id);
	record_str(call->answer, "address", acct.address);
	record_bool(call->answer, "ready", acct.ready);
	record_end(call->answer);
	return ST_OK;
}

enum status
admin_account_show(struct admin_call *call)
{
	struct directory_account acct;
	enum status st = admin_account(call, "address", &acct);

	return st == ST_OK ? describe(call, &acct) : st;
}

static enum status
need_domain(struct admin_call *call, struct str name)
{
	struct directory_domain *list;
	enum status st;
	size_t n;

	st = directory_domains(call->ad->directory, call->arena, &list, &n);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		if (str_eq(list[i].name, name))
			return ST_OK;
	return st == ST_OK ? admin_fail(call, ST_NOT_FOUND,
				 "there is no domain " STR_FMT, STR_ARG(name))
			   : st;
}

enum status
admin_account_list(struct admin_call *call)
{
	struct directory_account *list;
	struct str domain = S("");
	enum status st = ST_OK;
	size_t i, n;

	if (record_has(call->request, "domain"))
		st = admin_domain(call, &domain);
	if (st == ST_OK)
		st = directory_accounts(
		    call->ad->directory, domain, call->arena, &list, &n);
	/* A domain without accounts is one thing, a slip in its name another. */
	if (st == ST_OK && n == 0 && domain.n)
		st = need_domain(call, domain);
	for (i = 0; st == ST_OK && i < n; i++)
		st = describe(call, &list[i]);
	return st;
}

/* --- set --- */

struct each {
	const char *key;
	enum status (*set)(struct admin_call *call, const char *of,
	    struct str id, struct str address);
};

static enum status
add_alias(struct admin_call *call, const char *of UNUSED, struct str id,
    struct str address)
{
	enum status st = directory_alias_add(call->ad->directory, id, address);

	if (st == ST_EXISTS)
		return admin_fail(call, st, "the address " STR_FMT " is taken",
		    STR_ARG(address));
	if (st == ST_NOT_FOUND)
		return admin_fail(call, st,
		    "the domain of " STR_FMT " is not ours (domain add)",
		    STR_ARG(address));
	return st;
}

static enum status
remove_alias(struct admin_call *call, const char *of UNUSED, struct str id,
    struct str address)
{
	enum status st =
	    directory_alias_remove(call->ad->directory, id, address);

	if (st == ST_NOT_FOUND)
		return admin_fail(call, st,
		    STR_FMT " is no alias of this account", STR_ARG(address));
	return st;
}

static enum status
change_member(
    struct admin_call *call, const char *of, struct str id, struct str address)
{
	struct directory *d = call->ad->directory;
	struct directory_account person;
	enum status st;

	st = directory_account(d, address, call->arena, &person);
	if (st == ST_OK && strcmp(of, "add_members") == 0)
		st = directory_member_add(d, id, person.id);
	else if (st == ST_OK)
		st = directory_member_remove(d, id, person.id);
	/* Which sessions were his is not kept: all log in again. */
	if (st == ST_OK && strcmp(of, "remove_members") == 0)
		admin_revoke(call, id, S(""));
	if (st == ST_NOT_FOUND)
		return admin_fail(call, st,
		    STR_FMT " is no account, or not a member",
		    STR_ARG(address));
	return st;
}

static enum status
set_each(struct admin_call *call, struct str id)
{
	static const struct each table[] = {
	    {"remove_aliases", remove_alias},
	    {"add_aliases", add_alias},
	    {"remove_members", change_member},
	    {"add_members", change_member},
	};
	struct str text, address;
	struct wire w;
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < ARRAY_LEN(table) && st == ST_OK; i++) {
		w = wire_of(record_get(call->request, table[i].key));
		while (st == ST_OK && !wire_end(&w)) {
			text = wire_str(&w);
			if (!wire_ok(&w))
				return ST_SYNTAX;
			if (address_normal(text, call->arena, &address) !=
			    ST_OK)
				return admin_fail(call, ST_INVALID,
				    "\"" STR_FMT "\" is not a mail address",
				    STR_ARG(text));
			st = table[i].set(call, table[i].key, id, address);
		}
	}
	return st;
}

enum status
admin_account_set(struct admin_call *call)
{
	struct directory_account acct, old;
	enum status st = admin_account(call, "address", &acct);

	if (st != ST_OK)
		return st;
	old = acct;
	if (record_has(call->request, "quota"))
		acct.quota = record_number(call->request, "quota");
	if (record_has(call->request, "imap"))
		acct.imap = record_number(call->request, "imap") != 0;
	if (record_has(call->request, "pop3"))
		acct.pop3 = record_number(call->request, "pop3") != 0;
	if (record_has(call->request, "past"))
		acct.past_until_ms = record_number(call->request, "past")
		    ? clock_wall(call->ad->clock) + ADMIN_PAST_MS
		    : 0;
	if ((st = set_each(call, acct.id)) != ST_OK ||
	    (st = directory_account_set(call->ad->directory, &acct)) != ST_OK)
		return st;
	/* Who is logged in by what is now off has to go; who was to see
	 * Past/ sees it when he comes back. */
	if ((old.imap && !acct.imap) || (old.pop3 && !acct.pop3) ||
	    old.past_until_ms != acct.past_until_ms)
		admin_revoke(call, acct.id, S(""));
	return describe(call, &acct);
}

/* What he opened elsewhere, as a member or by a role's password. */
static enum status
revoke_all(struct admin_call *call, struct str account)
{
	struct credential *list;
	enum status st;
	size_t i, n;

	st = credentials_list(
	    call->ad->credentials, account, false, call->arena, &list, &n);
	for (i = 0; st == ST_OK && i < n; i++)
		st = admin_revoke_credential(call, &list[i]);
	return st;
}

/* Credentials first: what remains after a crash is an account nobody enters. */
enum status
admin_account_remove(struct admin_call *call)
{
	struct directory_account acct;
	enum status st = admin_account(call, "address", &acct);

	if (st != ST_OK || (st = describe_last(call, &acct)) != ST_OK ||
	    (st = revoke_all(call, acct.id)) != ST_OK ||
	    (st = credentials_remove_all(call->ad->credentials, acct.id)) !=
		ST_OK ||
	    (st = directory_account_remove(call->ad->directory, acct.id)) !=
		ST_OK)
		return st;
	admin_revoke(call, acct.id, S(""));
	return ST_OK;
}
