/* For service*_test.c: a service in a folder of its own, and its one client. */
#ifndef AUTH_FIXTURE_SERVICE_H
#define AUTH_FIXTURE_SERVICE_H

#include <unistd.h>

#include "auth/record.h"
#include "auth/service.h"
#include "auth/verify.h"
#include "base/test.h"

struct world {
	char dir[64];
	struct auth_service *s;
	struct arena a;
	int64_t now;
	struct clock clock;
	struct str jobs[AUTH_HASHERS];
	unsigned n_hashed;
	/* The last reply, grant and revocation. */
	unsigned n_replies;
	struct auth_result r;
	struct grant g;
	unsigned n_grants;
	struct str revoked_account, revoked;
	unsigned n_revoked;
};

static inline int64_t
now(void *ctx)
{
	return ((struct world *)ctx)->now;
}

static inline void
run_job(struct world *w, uint32_t child, struct str job)
{
	struct buf b;

	buf_init(&b, HASH_RESULT_MAX);
	hash_job_run(job, &b);
	auth_hashed(w->s, child, buf_str(&b));
	buf_release(&b);
}

static inline void
on_hash(void *ctx, uint32_t child, struct str job)
{
	struct world *w = ctx;

	w->n_hashed++;
	assert_int_equal(w->jobs[child].n, 0);
	w->jobs[child] = arena_str(&w->a, job);
}

static inline void
run_jobs(struct world *w)
{
	struct str job;
	bool any = true;

	while (any) {
		any = false;
		for (uint32_t i = 0; i < AUTH_HASHERS; i++)
			if (w->jobs[i].n > 0) {
				job = w->jobs[i];
				w->jobs[i] = S("");
				run_job(w, i, job);
				any = true;
			}
	}
}

static inline void
on_reply(void *ctx, const struct auth_result *r)
{
	struct world *w = ctx;

	w->n_replies++;
	w->r = *r;
	w->r.data = arena_str(&w->a, r->data);
	w->r.account = arena_str(&w->a, r->account);
}

static inline void
on_grant(void *ctx, const struct grant *g)
{
	struct world *w = ctx;
	struct buf b;

	buf_init(&b, 10000);
	grant_encode(g, &b);
	assert_ok(grant_decode(buf_str(&b), &w->a, &w->g));
	buf_release(&b);
	w->n_grants++;
}

static inline void
on_revoke(void *ctx, struct str account, struct str credential)
{
	struct world *w = ctx;

	w->revoked_account = arena_str(&w->a, account);
	w->revoked = arena_str(&w->a, credential);
	w->n_revoked++;
}

static inline void
open_service(struct world *w, bool scram)
{
	struct auth_config cfg = {
	    .data = str_from(w->dir),
	    .domain = S("example.org"),
	    .scram = scram,
	    .workers = 3,
	    .clock = &w->clock,
	    .random = &random_system,
	    .host = {w, on_hash, on_reply, on_grant, on_revoke},
	};

	assert_ok(auth_open(&cfg, &w->s));
}

/* key, value, ..., NULL */
static inline struct str
admin_status(struct world *w, enum status want, const char *verb, ...)
{
	struct buf in, out;
	struct str answer;
	const char *key;
	va_list ap;

	buf_init(&in, 10000);
	buf_init(&out, 100000);
	record_str(&in, "verb", str_from(verb));
	va_start(ap, verb);
	while ((key = va_arg(ap, const char *)) != NULL) {
		const char *value = va_arg(ap, const char *);

		if (strcmp(key, "imap") == 0)
			record_bool(&in, key, *value == '1');
		else
			record_str(&in, key, str_from(value));
	}
	va_end(ap);
	record_end(&in);
	assert_int_equal(auth_admin(w->s, buf_str(&in), &out), want);
	answer = arena_str(&w->a, buf_str(&out));
	buf_release(&in);
	buf_release(&out);
	return answer;
}

#define admin(w, ...) admin_status(w, ST_OK, __VA_ARGS__, (char *)NULL)

static inline struct str
add(struct world *w, const char *address, const char *password)
{
	struct str answer = password
	    ? admin(
		  w, "account.begin", "address", address, "password", password)
	    : admin(w, "account.begin", "address", address);

	(void)admin(
	    w, "account.ready", "id", arena_z(&w->a, record_get(answer, "id")));
	return record_get(answer, "password");
}

static inline int
setup(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/service-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->clock = (struct clock){now, now, w};
	w->now = 1000000;
	open_service(w, true);
	*state = w;
	return 0;
}

static inline int
teardown(void **state)
{
	struct world *w = *state;
	static const char *const files[] = {"directory.db", "credentials.db"};
	size_t i;

	auth_close(&w->s);
	for (i = 0; i < ARRAY_LEN(files); i++)
		assert_int_equal(
		    unlink(arena_printf(&w->a, "%s/%s", w->dir, files[i]).p),
		    0);
	assert_int_equal(rmdir(w->dir), 0);
	arena_release(&w->a);
	free(w);
	return 0;
}

static inline struct auth_ask
ask_of(struct str mechanism, struct str response)
{
	static uint32_t id;

	return (struct auth_ask){
	    .from = {1, 7},
	    .id = ++id,
	    .protocol = S("imap"),
	    .peer = S("192.0.2.1"),
	    .mechanism = mechanism,
	    .has_response = true,
	    .response = response,
	};
}

static inline enum auth_outcome
plain_from(struct world *w, struct str message, struct str peer)
{
	struct auth_ask ask = ask_of(S("PLAIN"), message);
	unsigned before = w->n_replies;

	ask.peer = peer;
	auth_step(w->s, &ask);
	run_jobs(w);
	assert_int_equal(w->n_replies, before + 1);
	assert_int_equal(w->r.id, ask.id);
	return w->r.outcome;
}

static inline enum auth_outcome
plain3(
    struct world *w, const char *authzid, const char *name, struct str password)
{
	struct buf b;
	enum auth_outcome o;

	buf_init(&b, 10000);
	buf_addz(&b, authzid);
	buf_addc(&b, '\0');
	buf_addz(&b, name);
	buf_addc(&b, '\0');
	buf_adds(&b, password);
	o = plain_from(w, buf_str(&b), S("192.0.2.1"));
	buf_release(&b);
	return o;
}

static inline enum auth_outcome
plain(struct world *w, const char *name, struct str password)
{
	return plain3(w, "", name, password);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
