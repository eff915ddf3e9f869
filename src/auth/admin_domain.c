#include "auth/address.h"
#include "auth/admin_int.h"

static void
describe(struct admin_call *call, struct str name)
{
	record_str(call->answer, "name", name);
	record_str(call->answer, "unicode", domain_readable(name, call->arena));
}

enum status
admin_domain_add(struct admin_call *call)
{
	struct str name;
	enum status st = admin_domain(call, &name);

	if (st != ST_OK)
		return st;
	st = directory_domain_add(call->ad->directory, name);
	if (st == ST_EXISTS)
		return admin_fail(
		    call, st, "the domain " STR_FMT " is there", STR_ARG(name));
	if (st != ST_OK)
		return st;
	describe(call, name);
	record_end(call->answer);
	return ST_OK;
}

enum status
admin_domain_list(struct admin_call *call)
{
	struct directory_domain *list;
	enum status st;
	size_t i, n;

	st = directory_domains(call->ad->directory, call->arena, &list, &n);
	for (i = 0; st == ST_OK && i < n; i++) {
		describe(call, list[i].name);
		record_str(call->answer, "catch_all", list[i].catch_all);
		record_u64(call->answer, "accounts", list[i].accounts);
		record_end(call->answer);
	}
	return st;
}

static enum status
absent(struct admin_call *call, enum status st, struct str name)
{
	if (st == ST_NOT_FOUND)
		return admin_fail(
		    call, st, "there is no domain " STR_FMT, STR_ARG(name));
	return st;
}

enum status
admin_domain_set(struct admin_call *call)
{
	struct str name, target = S("");
	enum status st = admin_domain(call, &name);

	if (st != ST_OK)
		return st;
	if (!record_has(call->request, "catch_all"))
		return admin_fail(call, ST_INVALID, "nothing to set");
	if (record_get(call->request, "catch_all").n > 0 &&
	    (st = admin_address(call, "catch_all", &target)) != ST_OK)
		return st;
	st = directory_catch_all(call->ad->directory, name, target);
	if (st == ST_INVALID)
		return admin_fail(call, st,
		    "there is no account " STR_FMT " to catch all",
		    STR_ARG(target));
	if (st != ST_OK)
		return absent(call, st, name);
	describe(call, name);
	record_str(call->answer, "catch_all", target);
	record_end(call->answer);
	return ST_OK;
}

enum status
admin_domain_remove(struct admin_call *call)
{
	struct str name;
	enum status st = admin_domain(call, &name);

	if (st != ST_OK)
		return st;
	st = directory_domain_remove(call->ad->directory, name);
	if (st == ST_HAS_CHILDREN)
		return admin_fail(call, st,
		    "the domain " STR_FMT " still has accounts or aliases",
		    STR_ARG(name));
	if (st != ST_OK)
		return absent(call, st, name);
	describe(call, name);
	record_end(call->answer);
	return ST_OK;
}
