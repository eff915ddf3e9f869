#include "auth/admin.h"

#include "auth/address.h"
#include "auth/admin_int.h"

enum status
admin_fail(struct admin_call *call, enum status st, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, 1000);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	call->why = arena_str(call->arena, buf_str(&b));
	buf_release(&b);
	return st;
}

enum status
admin_address(struct admin_call *call, const char *key, struct str *out)
{
	struct str given = record_get(call->request, key);
	enum status st = address_normal(given, call->arena, out);

	if (st == ST_OK)
		return st;
	return admin_fail(
	    call, st, "\"" STR_FMT "\" is not a mail address", STR_ARG(given));
}

enum status
admin_domain(struct admin_call *call, struct str *out)
{
	struct str given = record_get(call->request, "domain");
	enum status st = domain_normal(given, call->arena, out);

	if (st == ST_OK)
		return st;
	return admin_fail(
	    call, st, "\"" STR_FMT "\" is not a domain", STR_ARG(given));
}

enum status
admin_account(
    struct admin_call *call, const char *key, struct directory_account *out)
{
	struct str address;
	enum status st = admin_address(call, key, &address);

	if (st != ST_OK)
		return st;
	st = directory_account(call->ad->directory, address, call->arena, out);
	if (st == ST_NOT_FOUND)
		return admin_fail(
		    call, st, "there is no account " STR_FMT, STR_ARG(address));
	return st;
}

void
admin_revoke(struct admin_call *call, struct str account, struct str cred)
{
	if (call->ad->revoke)
		call->ad->revoke(call->ad->ctx, account, cred);
}

/* A role's password opens that role; others their owner and his roles. */
enum status
admin_revoke_credential(struct admin_call *call, const struct credential *cred)
{
	struct str id = credential_text(call->arena, cred->id), *roles;
	enum status st;
	size_t i, n;

	if (cred->role.n > 0) {
		admin_revoke(call, cred->role, id);
		return ST_OK;
	}
	st = directory_roles(
	    call->ad->directory, cred->owner, call->arena, &roles, &n);
	for (i = 0; st == ST_OK && i < n; i++)
		admin_revoke(call, roles[i], id);
	admin_revoke(call, cred->owner, id);
	return st;
}

struct str
credential_text(struct arena *a, uint64_t id)
{
	return arena_printf(a, "c%llu", (unsigned long long)id);
}

static enum status
run_status(struct admin_call *call)
{
	struct directory_domain *domains;
	uint64_t accounts = 0;
	enum status st;
	size_t i, n;

	st = directory_domains(call->ad->directory, call->arena, &domains, &n);
	if (st != ST_OK)
		return st;
	for (i = 0; i < n; i++)
		accounts += domains[i].accounts;
	record_u64(call->answer, "domains", n);
	record_u64(call->answer, "accounts", accounts);
	record_end(call->answer);
	return ST_OK;
}

static const struct {
	struct str verb;
	admin_fn *run;
} verbs[] = {
    {STR_INIT("account.begin"), admin_account_begin},
    {STR_INIT("account.find"), admin_account_find},
    {STR_INIT("account.list"), admin_account_list},
    {STR_INIT("account.ready"), admin_account_ready},
    {STR_INIT("account.remove"), admin_account_remove},
    {STR_INIT("account.restore"), admin_account_restore},
    {STR_INIT("account.set"), admin_account_set},
    {STR_INIT("account.show"), admin_account_show},
    {STR_INIT("app.add"), admin_app_add},
    {STR_INIT("app.list"), admin_app_list},
    {STR_INIT("app.revoke"), admin_app_revoke},
    {STR_INIT("suspend"), admin_suspend},
    {STR_INIT("resume"), admin_resume},
    {STR_INIT("domain.add"), admin_domain_add},
    {STR_INIT("domain.list"), admin_domain_list},
    {STR_INIT("domain.remove"), admin_domain_remove},
    {STR_INIT("domain.set"), admin_domain_set},
    {STR_INIT("password.set"), admin_password_set},
    {STR_INIT("status"), run_status},
};

static enum status
dispatch(struct admin_call *call)
{
	struct str verb = record_get(call->request, "verb");
	size_t i;

	for (i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_eq(verbs[i].verb, verb))
			return verbs[i].run(call);
	return admin_fail(call, ST_CANNOT,
	    "this server does not know \"" STR_FMT "\"", STR_ARG(verb));
}

enum status
admin_run(const struct admin *ad, struct str request, struct buf *answer)
{
	struct arena arena = ARENA_INIT;
	struct admin_call call = {
	    .ad = ad, .request = request, .arena = &arena, .answer = answer};
	size_t before = answer->n;
	enum status st = dispatch(&call);

	if (st == ST_OK)
		st = buf_status(answer);
	if (st != ST_OK) {
		buf_truncate(answer, before);
		buf_adds(
		    answer, call.why.n ? call.why : str_from(status_text(st)));
	}
	arena_release(&arena);
	return st;
}
