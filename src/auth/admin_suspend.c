/* Credentials that open nothing for a while. */
#include "auth/admin_int.h"

/* A worker speaks for the accounts that it owns, not for others. */
static bool
opens(
    struct admin_call *call, const struct credential *cred, struct str account)
{
	return str_eq(cred->owner, account) || str_eq(cred->role, account) ||
	    directory_is_member(call->ad->directory, account, cred->owner) ==
	    ST_OK;
}

/* The brake has caught it: its sessions end as if it were revoked (P9). */
enum status
admin_suspend(struct admin_call *call)
{
	struct str text = record_get(call->request, "credential");
	struct credential cred;
	enum status st;
	uint64_t id;

	if (text.n < 2 || text.p[0] != 'c' ||
	    !str_to_u64(str_from_pos(text, 1), &id))
		return ST_SYNTAX;
	st = credentials_get(call->ad->credentials, id, call->arena, &cred);
	if (st == ST_OK &&
	    !opens(call, &cred, record_get(call->request, "account")))
		st = ST_DENIED;
	if (st == ST_OK)
		st = credentials_suspend(call->ad->credentials, id);
	return st == ST_OK ? admin_revoke_credential(call, &cred) : st;
}

enum status
admin_resume(struct admin_call *call)
{
	struct directory_account acct;
	struct credential *list;
	enum status st = admin_account(call, "address", &acct);
	uint64_t resumed = 0;
	size_t i, n;

	if (st == ST_OK)
		st = credentials_list(call->ad->credentials, acct.id, false,
		    call->arena, &list, &n);
	for (i = 0; st == ST_OK && i < n; i++)
		resumed += list[i].suspended;
	if (st == ST_OK)
		st = credentials_resume(call->ad->credentials, acct.id);
	if (st != ST_OK)
		return st;
	record_str(call->answer, "address", acct.address);
	record_u64(call->answer, "resumed", resumed);
	record_end(call->answer);
	return ST_OK;
}
