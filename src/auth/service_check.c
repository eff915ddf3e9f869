/*
 * Is it the one it says it is, and what may it open?
 */
#include "auth/address.h"
#include "auth/password.h"
#include "auth/service_int.h"

/* All rights of an owner: RIGHT_ALL of store/change.h, which stands above. */
enum { OWNER_RIGHTS = (1 << 11) - 1 };

/* The normal form of a login name; false when it is no address. */
static bool
login_name(struct auth_service *s, struct exchange *e, struct str name,
    struct str *out)
{
	if (str_find(name, '@') == SIZE_MAX && s->domain.n > 0)
		name = arena_printf(&e->arena, STR_FMT "@" STR_FMT,
		    STR_ARG(name), STR_ARG(buf_str(&s->domain)));
	return address_normal(name, &e->arena, out) == ST_OK;
}

static enum status
find_account(struct auth_service *s, struct exchange *e, struct str name,
    struct directory_account *out)
{
	struct str normal;
	enum status st;

	if (!login_name(s, e, name, &normal))
		return ST_NOT_FOUND;
	st = directory_account(s->directory, normal, &e->arena, out);
	return st == ST_OK && !out->ready ? ST_NOT_FOUND : st;
}

enum status
check_lookup(struct auth_service *s, struct exchange *e)
{
	enum status st = find_account(s, e, e->sasl.name, &e->account);

	if (st == ST_NOT_FOUND)
		return ST_OK;
	if (st != ST_OK)
		return st;
	e->found = true;
	return credentials_list(s->credentials, e->account.id, true, &e->arena,
	    &e->creds, &e->n_creds);
}

/* An account without SCRAM keys looks like one that does not exist. */
void
check_salt(struct auth_service *s, struct exchange *e)
{
	struct str name = e->sasl.name;
	struct scram_salt salt;
	bool real = false;
	size_t i;

	for (i = 0; i < e->n_creds; i++)
		real = real || e->creds[i].n_keys > 0;
	if (real &&
	    credentials_salt(s->credentials, e->account.id, &salt) != ST_OK) {
		exchange_answer(s, e, AUTH_UNAVAILABLE, S(""));
		return;
	}
	/* Names that would be one account have one fake salt. */
	if (!real) {
		(void)login_name(s, e, e->sasl.name, &name);
		credentials_fake_salt(s->credentials, name, &salt);
	}
	sasl_salt(&e->sasl, &salt);
	exchange_answer(s, e, AUTH_CHALLENGE, e->sasl.data);
}

/*
 * The account that opens: the credential's role; or what authzid names, if
 * it is the person's own or a role he is a member of.
 */
static enum status
target_of(struct auth_service *s, struct exchange *e,
    const struct credential *cred, struct directory_account *out)
{
	struct str own = cred->role.n > 0 ? cred->role : cred->owner;
	enum status st;

	if (e->sasl.authzid.n == 0)
		return directory_account_by_id(
		    s->directory, own, &e->arena, out);
	st = find_account(s, e, e->sasl.authzid, out);
	if (st != ST_OK || str_eq(out->id, own))
		return st;
	/* A password for one role opens no other. */
	if (cred->role.n > 0)
		return ST_NOT_FOUND;
	return directory_is_member(s->directory, out->id, cred->owner);
}

static void
grant(struct auth_service *s, struct exchange *e, const struct credential *cred,
    const struct directory_account *target, struct str person)
{
	struct grant g = {
	    .account = target->id,
	    .address = target->address,
	    .person = person,
	    .credential = credential_text(&e->arena, cred->id),
	    .device = cred->name,
	    .rights = OWNER_RIGHTS,
	    .home = grant_home(target->id, s->cfg.workers),
	    .past_until_ms = target->past_until_ms,
	};
	struct auth_result r = {
	    .from = e->from,
	    .id = e->id,
	    .outcome = AUTH_SUCCESS,
	    .data = e->sasl.data,
	    .home = g.home,
	    .name = e->sasl.name,
	    .account = target->id,
	    .mechanism = str_from(sasl_name(e->sasl.mechanism)),
	};

	random_fill(s->cfg.random, g.ticket, TICKET_SIZE);
	memcpy(r.ticket, g.ticket, TICKET_SIZE);
	s->cfg.host.grant(s->cfg.host.ctx, &g);
	s->cfg.host.reply(s->cfg.host.ctx, &r);
	exchange_end(s, e);
}

static void
succeed(
    struct auth_service *s, struct exchange *e, const struct credential *cred)
{
	struct directory_account target, person;
	enum status st;

	/* It may have been revoked between the steps. */
	st = credentials_exists(s->credentials, cred->id);
	if (st == ST_OK)
		st = target_of(s, e, cred, &target);
	if (st == ST_NOT_FOUND) {
		exchange_failed(s, e);
		return;
	}
	if (st == ST_OK)
		st = directory_account_by_id(
		    s->directory, cred->owner, &e->arena, &person);
	if (st != ST_OK || !target.ready) {
		exchange_answer(s, e, AUTH_UNAVAILABLE, S(""));
		return;
	}
	attempts_succeeded(s->attempts, e->attempt);
	if ((str_eq(e->protocol, S("imap")) && !target.imap) ||
	    (str_eq(e->protocol, S("pop3")) && !target.pop3)) {
		exchange_answer(s, e, AUTH_DISABLED, S(""));
		return;
	}
	credentials_used(s->credentials, cred->id, clock_wall(s->cfg.clock));
	if (!s->flush_ms)
		s->flush_ms = clock_mono(s->cfg.clock) + AUTH_FLUSH_MS;
	grant(s, e, cred, &target, person.address);
}

static const struct credential *
match_generated(const struct exchange *e)
{
	char canonical[PASSWORD_CHARS];
	const struct credential *hit = NULL;
	size_t i;

	if (!password_canonical(e->sasl.password, canonical))
		return NULL;
	for (i = 0; i < e->n_creds; i++)
		if (e->creds[i].generated &&
		    password_verifier_ok(e->creds[i].verifier, canonical))
			hit = &e->creds[i];
	explicit_bzero(canonical, sizeof(canonical));
	return hit;
}

/* At most one is chosen: the account's own. */
static const struct credential *
chosen_of(const struct exchange *e)
{
	size_t i;

	for (i = 0; i < e->n_creds; i++)
		if (!e->creds[i].generated)
			return &e->creds[i];
	return NULL;
}

/*
 * Whatever fails has cost one argon2id, also for a name that does not exist
 * and for one that has generated passwords only: time tells nothing.
 */
void
check_password(struct auth_service *s, struct exchange *e)
{
	const struct credential *cred = match_generated(e);
	uint64_t pushed = 0;

	if (cred) {
		succeed(s, e, cred);
		return;
	}
	e->hashing = chosen_of(e);
	if (e->hashing &&
	    success_cache_has(s->cache, e->hashing->verifier, e->sasl.password,
		clock_mono(s->cfg.clock))) {
		succeed(s, e, e->hashing);
		return;
	}
	e->job = ++s->last_job;
	if (hash_queue_add(&s->queue, attempts_group(s->attempts, e->peer),
		e->job, &pushed) != ST_OK) {
		e->job = 0;
		exchange_answer(s, e, AUTH_UNAVAILABLE, S(""));
		return;
	}
	e->state = EXCHANGE_HASHING;
	(void)map_set_u64(&s->jobs, e->job, e);
	if (pushed) {
		struct exchange *other = map_get_u64(&s->jobs, pushed);

		ASSERT(other);
		exchange_answer(s, other, AUTH_UNAVAILABLE, S(""));
	}
	service_dispatch(s);
}

void
check_hashed(
    struct auth_service *s, struct exchange *e, const struct hash_result *r)
{
	const struct credential *cred = e->hashing;

	if (!r->matches || !cred) {
		exchange_failed(s, e);
		return;
	}
	success_cache_add(s->cache, cred->verifier, e->sasl.password,
	    clock_mono(s->cfg.clock));
	/* Without them the next login by SCRAM fails; this one need not. */
	if (r->derived &&
	    credentials_add_keys(
		s->credentials, cred->id, cred->owner, &r->keys, 1) != ST_OK) {
		exchange_answer(s, e, AUTH_UNAVAILABLE, S(""));
		return;
	}
	succeed(s, e, cred);
}

/* A proof is tried against each password's keys. */
void
check_proof(struct auth_service *s, struct exchange *e)
{
	size_t i, k;

	for (i = 0; i < e->n_creds; i++)
		for (k = 0; k < e->creds[i].n_keys; k++)
			if (sasl_prove(&e->sasl, &e->creds[i].keys[k])) {
				succeed(s, e, &e->creds[i]);
				return;
			}
	exchange_failed(s, e);
}
