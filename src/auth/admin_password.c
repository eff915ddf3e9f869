#include "auth/admin_int.h"
#include "auth/password.h"
#include "auth/saslprep.h"

enum { FORMS = 2 }; /* a generated password as shown, and without dashes */

static enum status
derive(struct admin_call *call, struct str account, const struct str *forms,
    size_t n, struct scram_keys *out)
{
	struct scram_salt salt;
	enum status st =
	    credentials_salt(call->ad->credentials, account, &salt);
	size_t i;

	for (i = 0; i < n && st == ST_OK; i++)
		st = scram_derive(forms[i],
		    str_of((const char *)salt.salt, SCRAM_SALT),
		    salt.iterations, &out[i]);
	return st;
}

/* Stores it with its SCRAM keys, under the role's salt as well. */
static enum status
store(struct admin_call *call, struct credential *cred, const struct str *forms,
    size_t n)
{
	struct scram_keys own[FORMS], role[FORMS];
	bool scram = call->ad->scram;
	uint64_t id;
	enum status st = ST_OK;

	if (scram)
		st = derive(call, cred->owner, forms, n, own);
	if (scram && st == ST_OK && cred->role.n > 0)
		st = derive(call, cred->role, forms, n, role);
	if (st != ST_OK)
		return st;
	cred->created_ms = clock_wall(call->ad->clock);
	cred->keys = own;
	cred->n_keys = scram ? n : 0;
	st = credentials_add(call->ad->credentials, cred, &id);
	if (st == ST_OK && scram && cred->role.n > 0)
		st = credentials_add_keys(
		    call->ad->credentials, id, cred->role, role, n);
	explicit_bzero(own, sizeof(own));
	explicit_bzero(role, sizeof(role));
	return st;
}

static enum status
add_generated(
    struct admin_call *call, struct credential *cred, struct str *shown_out)
{
	unsigned char verifier[PASSWORD_VERIFIER];
	char canonical[PASSWORD_CHARS];
	struct str forms[FORMS];
	struct buf b;

	buf_init(&b, PASSWORD_SHOWN);
	password_generate(call->ad->random, &b);
	*shown_out = arena_str(call->arena, buf_str(&b));
	buf_release(&b);
	ASSERT(password_canonical(*shown_out, canonical));
	password_verifier(call->ad->random, canonical, verifier);
	cred->generated = true;
	cred->verifier = str_of((const char *)verifier, sizeof(verifier));
	forms[0] = *shown_out;
	forms[1] = str_of(canonical, sizeof(canonical));
	return store(call, cred, forms, FORMS);
}

static size_t
characters(struct str s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static enum status
add_chosen(struct admin_call *call, struct credential *cred, struct str chosen)
{
	struct buf prepared, verifier;
	struct str form;
	enum status st;

	if (chosen.n > PASSWORD_MAX)
		return admin_fail(call, ST_INVALID,
		    "a password has at most %d bytes", PASSWORD_MAX);
	buf_init(&prepared, (size_t)PASSWORD_MAX * 4);
	buf_init(&verifier, 256);
	form = S("");
	st = saslprep(chosen, &prepared);
	if (st != ST_OK) {
		st = admin_fail(call, ST_INVALID,
		    "the password holds characters that no program sends "
		    "alike");
		goto out;
	}
	form = buf_str(&prepared);
	if (characters(form) < PASSWORD_MIN) {
		st = admin_fail(call, ST_INVALID,
		    "a password has at least %d characters", PASSWORD_MIN);
		goto out;
	}
	st = password_argon2(form, &verifier);
	cred->generated = false;
	cred->verifier = buf_str(&verifier);
	if (st == ST_OK)
		st = store(call, cred, &form, 1);
out:
	if (prepared.p)
		explicit_bzero(prepared.p, prepared.cap);
	buf_release(&prepared);
	buf_release(&verifier);
	return st;
}

enum status
admin_add_password(struct admin_call *call, struct credential *cred,
    const struct str *chosen, struct str *shown_out)
{
	return chosen ? add_chosen(call, cred, *chosen)
		      : add_generated(call, cred, shown_out);
}

/* Sessions of the old password end; app passwords stay. */
enum status
admin_password_set(struct admin_call *call)
{
	struct str chosen = record_get(call->request, "password");
	bool given = record_has(call->request, "password");
	struct credential cred = {.name = S(CREDENTIAL_MAIN), .main = true};
	struct directory_account acct;
	struct credential *old;
	struct str shown = S("");
	size_t i, n_old;
	enum status st = admin_account(call, "address", &acct);

	if (st != ST_OK ||
	    (st = credentials_list(call->ad->credentials, acct.id, false,
		 call->arena, &old, &n_old)) != ST_OK)
		return st;
	cred.owner = acct.id;
	st = admin_add_password(call, &cred, given ? &chosen : NULL, &shown);
	if (st != ST_OK)
		return st;
	for (i = 0; i < n_old; i++)
		if (old[i].main &&
		    (st = admin_revoke_credential(call, &old[i])) != ST_OK)
			return st;
	record_str(call->answer, "address", acct.address);
	if (!given)
		record_str(call->answer, "password", shown);
	record_end(call->answer);
	return ST_OK;
}

/* --- app passwords --- */

static enum status
check_name(struct admin_call *call, struct str name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
			name.n = 0;
	if (name.n == 0 || name.n > CREDENTIALS_NAME_MAX)
		return admin_fail(call, ST_INVALID,
		    "a name has 1 to %d bytes and no control characters",
		    CREDENTIALS_NAME_MAX);
	if (str_eq(name, S(CREDENTIAL_MAIN)))
		return admin_fail(call, ST_INVALID,
		    "\"" CREDENTIAL_MAIN "\" is the name of the account's own "
		    "password");
	return ST_OK;
}

enum status
admin_app_add(struct admin_call *call)
{
	struct credential cred = {
	    .name = record_get(call->request, "name"), .role = S("")};
	struct directory_account acct, role = {0};
	struct str shown = S("");
	enum status st = admin_account(call, "address", &acct);

	if (st != ST_OK || (st = check_name(call, cred.name)) != ST_OK)
		return st;
	if (record_has(call->request, "role")) {
		if ((st = admin_account(call, "role", &role)) != ST_OK)
			return st;
		cred.role = role.id;
	}
	cred.owner = acct.id;
	st = admin_add_password(call, &cred, NULL, &shown);
	if (st == ST_EXISTS)
		return admin_fail(call, st,
		    STR_FMT " has an app password \"" STR_FMT "\"",
		    STR_ARG(acct.address), STR_ARG(cred.name));
	if (st == ST_LIMIT)
		return admin_fail(call, st,
		    "an account has at most %d passwords", CREDENTIALS_MAX);
	if (st != ST_OK)
		return st;
	record_str(call->answer, "address", acct.address);
	record_str(call->answer, "name", cred.name);
	record_str(call->answer, "password", shown);
	if (role.id.n > 0)
		record_str(call->answer, "role", role.address);
	record_end(call->answer);
	return ST_OK;
}

enum status
admin_app_list(struct admin_call *call)
{
	struct directory_account acct, role;
	struct credential *list;
	enum status st = admin_account(call, "address", &acct);
	size_t i, n;

	if (st == ST_OK)
		st = credentials_list(call->ad->credentials, acct.id, false,
		    call->arena, &list, &n);
	for (i = 0; st == ST_OK && i < n; i++) {
		if (list[i].main)
			continue;
		record_str(call->answer, "name", list[i].name);
		record_time(call->answer, "created", list[i].created_ms);
		record_time(call->answer, "used", list[i].used_ms);
		record_bool(call->answer, "suspended", list[i].suspended);
		if (list[i].role.n > 0 &&
		    directory_account_by_id(call->ad->directory, list[i].role,
			call->arena, &role) == ST_OK)
			record_str(call->answer, "role", role.address);
		record_end(call->answer);
	}
	return st;
}

enum status
admin_app_revoke(struct admin_call *call)
{
	struct str name = record_get(call->request, "name");
	struct directory_account acct;
	struct credential *list, revoked = {0};
	uint64_t id;
	size_t i, n;
	enum status st = admin_account(call, "address", &acct);

	if (st != ST_OK || (st = check_name(call, name)) != ST_OK ||
	    (st = credentials_list(call->ad->credentials, acct.id, false,
		 call->arena, &list, &n)) != ST_OK)
		return st;
	for (i = 0; i < n; i++)
		if (str_eq(list[i].name, name))
			revoked = list[i];
	st = credentials_remove(call->ad->credentials, acct.id, name, &id);
	if (st == ST_NOT_FOUND)
		return admin_fail(call, st,
		    STR_FMT " has no app password \"" STR_FMT "\"",
		    STR_ARG(acct.address), STR_ARG(name));
	if (st != ST_OK)
		return st;
	if ((st = admin_revoke_credential(call, &revoked)) != ST_OK)
		return st;
	record_str(call->answer, "address", acct.address);
	record_str(call->answer, "name", name);
	record_end(call->answer);
	return ST_OK;
}
