#include "auth/service.h"

#include "auth/address.h"
#include "auth/password.h"
#include "auth/service_int.h"

static void
copy_domain(struct auth_service *s, struct str domain)
{
	buf_clear(&s->domain);
	buf_adds(&s->domain, domain);
}

static enum status
open_files(struct auth_service *s, struct str data)
{
	struct arena a = ARENA_INIT;
	enum status st;

	st = directory_open(
	    arena_printf(&a, STR_FMT "/directory.db", STR_ARG(data)).p,
	    &s->directory);
	if (st == ST_OK)
		st = credentials_open(
		    arena_printf(&a, STR_FMT "/credentials.db", STR_ARG(data))
			.p,
		    s->cfg.random, &s->credentials);
	arena_release(&a);
	return st;
}

enum status
auth_open(const struct auth_config *cfg, struct auth_service **out)
{
	struct auth_service *s = mem_zalloc(sizeof(*s));
	enum status st;

	s->cfg = *cfg;
	s->cfg.data = S("");
	s->cfg.domain = S("");
	buf_init(&s->domain, ADDRESS_DOMAIN_MAX);
	copy_domain(s, cfg->domain);
	s->attempts = cfg->attempts;
	if (!s->attempts) {
		s->attempts = mem_zalloc(sizeof(*s->attempts));
		attempts_init(s->attempts, cfg->random);
	}
	s->cache = mem_alloc(sizeof(*s->cache));
	success_cache_init(s->cache, cfg->random);
	st = open_files(s, cfg->data);
	if (st == ST_OK)
		*out = s;
	else
		auth_close(&s);
	return st;
}

void
auth_close(struct auth_service **sp)
{
	struct auth_service *s = *sp;
	struct str key;
	void *value;
	size_t pos = 0;

	if (!s)
		return;
	while (map_next(&s->exchanges, &pos, &key, &value))
		exchange_end(s, value);
	map_release(&s->exchanges);
	map_release(&s->jobs);
	credentials_close(&s->credentials);
	directory_close(&s->directory);
	buf_release(&s->domain);
	if (!s->cfg.attempts)
		free(s->attempts);
	explicit_bzero(s->cache, sizeof(*s->cache));
	free(s->cache);
	free(s);
	*sp = NULL;
}

void
auth_settings(struct auth_service *s, struct str domain, bool scram)
{
	copy_domain(s, domain);
	s->cfg.scram = scram;
}

enum status
auth_recipient(struct auth_service *s, struct str address, struct arena *a,
    struct auth_recipient *out)
{
	struct directory_hit hit;
	struct str normal;
	enum status st;

	if (address_normal(address, a, &normal) != ST_OK)
		return ST_NOT_FOUND;
	st = directory_resolve(s->directory, normal, a, &hit);
	if (st != ST_OK)
		return st;
	out->account = hit.account.id;
	out->address = hit.account.address;
	out->detail = hit.detail;
	out->home = grant_home(hit.account.id, s->cfg.workers);
	return ST_OK;
}

static void
revoke(void *ctx, struct str account, struct str credential)
{
	struct auth_service *s = ctx;

	if (s->cfg.host.revoke)
		s->cfg.host.revoke(s->cfg.host.ctx, account, credential);
}

enum status
auth_admin(struct auth_service *s, struct str request, struct buf *answer)
{
	struct admin ad = {
	    .directory = s->directory,
	    .credentials = s->credentials,
	    .clock = s->cfg.clock,
	    .random = s->cfg.random,
	    .scram = s->cfg.scram,
	    .revoke = revoke,
	    .ctx = s,
	};

	return admin_run(&ad, request, answer);
}

/* --- hashing children --- */

static void
start_job(struct auth_service *s, uint32_t child, struct exchange *e)
{
	struct scram_salt salt = {0};
	struct hash_job job = {.password = e->sasl.password};
	struct buf b;

	job.verifier = password_argon2_dummy();
	if (e->hashing) {
		job.verifier = e->hashing->verifier;
		job.derive = s->cfg.scram && e->hashing->n_keys == 0 &&
		    credentials_salt(
			s->credentials, e->hashing->owner, &salt) == ST_OK;
	}
	job.salt = str_of((const char *)salt.salt, SCRAM_SALT);
	job.iterations = salt.iterations;
	buf_init(&b, HASH_JOB_MAX);
	hash_job_encode(&job, &b);
	s->running[child] = e->job;
	s->cfg.host.hash(s->cfg.host.ctx, child, buf_str(&b));
	explicit_bzero(b.p, b.cap);
	buf_release(&b);
}

void
service_dispatch(struct auth_service *s)
{
	struct exchange *e;
	uint64_t job;
	uint32_t i;

	for (i = 0; i < AUTH_HASHERS; i++) {
		if (s->running[i] || !(job = hash_queue_take(&s->queue)))
			continue;
		e = map_get_u64(&s->jobs, job);
		ASSERT(e);
		start_job(s, i, e);
	}
}

/* The exchange that waits for the child; NULL when it has gone meanwhile. */
static struct exchange *
finish_job(struct auth_service *s, uint32_t child)
{
	struct exchange *e = NULL;

	ASSERT(child < AUTH_HASHERS);
	if (s->running[child])
		e = map_remove_u64(&s->jobs, s->running[child]);
	s->running[child] = 0;
	if (e)
		e->job = 0;
	return e;
}

void
auth_hashed(struct auth_service *s, uint32_t child, struct str result)
{
	struct exchange *e = finish_job(s, child);
	struct hash_result r;

	if (e && hash_result_decode(result, &r) == ST_OK) {
		check_hashed(s, e, &r);
		explicit_bzero(&r, sizeof(r));
	} else if (e) {
		exchange_answer(s, e, AUTH_UNAVAILABLE, S(""));
	}
	service_dispatch(s);
}

void
auth_hasher_lost(struct auth_service *s, uint32_t child)
{
	struct exchange *e = finish_job(s, child);

	if (e)
		exchange_answer(s, e, AUTH_UNAVAILABLE, S(""));
	service_dispatch(s);
}

/* --- time --- */

static void
answer_due(struct auth_service *s, int64_t now)
{
	struct exchange *e, **at = &s->later;

	while ((e = *at) != NULL) {
		if (e->due_ms > now) {
			at = &e->later;
			continue;
		}
		/* It takes itself off the list. */
		exchange_answer(s, e, AUTH_FAILED, S(""));
	}
}

void
auth_run(struct auth_service *s)
{
	int64_t now = clock_mono(s->cfg.clock);

	answer_due(s, now);
	if (s->flush_ms && now >= s->flush_ms)
		s->flush_ms = credentials_flush(s->credentials) == ST_OK
		    ? 0
		    : now + AUTH_FLUSH_MS;
}

int64_t
auth_deadline(const struct auth_service *s)
{
	int64_t at = s->flush_ms ? s->flush_ms : INT64_MAX;
	const struct exchange *e;

	for (e = s->later; e; e = e->later)
		if (e->due_ms < at)
			at = e->due_ms;
	return at;
}
