#include "auth/service.h"

#include <openssl/evp.h>
#include <unistd.h>

#include "auth/admin.h"
#include "auth/record.h"
#include "auth/scram.h"
#include "auth/verify.h"
#include "base/base64.h"
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

static int64_t
now(void *ctx)
{
	return ((struct world *)ctx)->now;
}

static void
run_job(struct world *w, uint32_t child, struct str job)
{
	struct buf b;

	buf_init(&b, HASH_RESULT_MAX);
	hash_job_run(job, &b);
	auth_hashed(w->s, child, buf_str(&b));
	buf_release(&b);
}

static void
on_hash(void *ctx, uint32_t child, struct str job)
{
	struct world *w = ctx;

	w->n_hashed++;
	assert_int_equal(w->jobs[child].n, 0);
	w->jobs[child] = arena_str(&w->a, job);
}

static void
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

static void
on_reply(void *ctx, const struct auth_result *r)
{
	struct world *w = ctx;

	w->n_replies++;
	w->r = *r;
	w->r.data = arena_str(&w->a, r->data);
	w->r.account = arena_str(&w->a, r->account);
}

static void
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

static void
on_revoke(void *ctx, struct str account, struct str credential)
{
	struct world *w = ctx;

	w->revoked_account = arena_str(&w->a, account);
	w->revoked = arena_str(&w->a, credential);
	w->n_revoked++;
}

static void
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
static struct str
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

static struct str
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

static int
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

static int
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

static struct auth_ask
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

static enum auth_outcome
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

static enum auth_outcome
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

static enum auth_outcome
plain(struct world *w, const char *name, struct str password)
{
	return plain3(w, "", name, password);
}

static void
a_generated_password_opens(void **state)
{
	struct world *w = *state;
	struct str password = add(w, "Anna@Example.org", NULL), upper;
	char *p;
	size_t i;

	assert_int_equal(password.n, 24);
	assert_int_equal(plain(w, "anna@example.org", password), AUTH_SUCCESS);
	assert_int_equal(w->n_hashed, 0);
	assert_int_equal(w->n_grants, 1);
	assert_str(w->g.address, "anna@example.org");
	assert_str(w->g.person, "anna@example.org");
	assert_str(w->g.device, "password");
	assert_int_equal(w->g.account.n, ACCOUNT_ID_SIZE);
	assert_true(str_eq(w->g.account, w->r.account));
	assert_int_equal(w->g.home, grant_home(w->g.account, 3));
	assert_int_equal(w->r.home, w->g.home);
	assert_memory_equal(w->r.ticket, w->g.ticket, TICKET_SIZE);
	/* The default domain, another case, without dashes. */
	p = arena_z(&w->a, password);
	for (i = 0; i < password.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 'a' + 'A');
	upper = str_of(p, password.n);
	assert_int_equal(plain(w, "ANNA", upper), AUTH_SUCCESS);
	assert_int_equal(
	    plain(w, "anna", S("0000-0000-0000-0000-0000")), AUTH_FAILED);
	assert_int_equal(plain(w, "anna", S("")), AUTH_FAILED);
}

static void
a_chosen_password_opens(void **state)
{
	struct world *w = *state;
	struct str p = add(w, "anna@example.org", "correct horse");

	assert_str(p, "");
	assert_int_equal(plain(w, "anna", S("correct horse")), AUTH_SUCCESS);
	assert_int_equal(w->n_hashed, 1);
	assert_int_equal(plain(w, "anna", S("correct horse")), AUTH_SUCCESS);
	assert_int_equal(w->n_hashed, 1); /* remembered */
	assert_int_equal(plain(w, "anna", S("correct horsE")), AUTH_FAILED);
	w->now += 6 * 60 * 1000;
	assert_int_equal(plain(w, "anna", S("correct horse")), AUTH_SUCCESS);
	assert_int_equal(w->n_hashed, 3);
}

static void
failing_costs_the_same_for_everybody(void **state)
{
	struct world *w = *state;

	add(w, "gen@example.org", NULL);
	add(w, "chosen@example.org", "correct horse");
	assert_int_equal(plain(w, "gen", S("wrong horse")), AUTH_FAILED);
	assert_int_equal(w->n_hashed, 1);
	assert_int_equal(plain(w, "chosen", S("wrong horse")), AUTH_FAILED);
	assert_int_equal(w->n_hashed, 2);
	assert_int_equal(plain(w, "nobody", S("wrong horse")), AUTH_FAILED);
	assert_int_equal(w->n_hashed, 3);
	assert_int_equal(w->n_grants, 0);
}

static void
failures_are_answered_later(void **state)
{
	struct world *w = *state;
	struct str p = add(w, "anna@example.org", NULL);
	struct auth_ask ask = ask_of(S("PLAIN"), S("\0anna\0wrong one"));
	unsigned i;

	for (i = 0; i < 3; i++)
		assert_int_equal(plain(w, "anna", S("wrong one")), AUTH_FAILED);
	i = w->n_replies;
	auth_step(w->s, &ask);
	run_jobs(w);
	assert_int_equal(w->n_replies, i);
	assert_int_equal(auth_deadline(w->s), w->now + 1000);
	w->now += 999;
	auth_run(w->s);
	assert_int_equal(w->n_replies, i);
	w->now += 1;
	auth_run(w->s);
	assert_int_equal(w->n_replies, i + 1);
	assert_int_equal(w->r.outcome, AUTH_FAILED);
	assert_int_equal(w->r.id, ask.id);
	assert_int_equal(auth_deadline(w->s), INT64_MAX);
	/* From elsewhere all is as ever, and the right one opens here, too. */
	assert_int_equal(
	    plain_from(w, S("\0anna\0wrong one"), S("192.0.2.9")), AUTH_FAILED);
	assert_int_equal(plain(w, "anna", p), AUTH_SUCCESS);
	/* A connection that goes takes its answer along. */
	for (i = 0; i < 3; i++)
		assert_int_equal(plain(w, "anna", S("wrong one")), AUTH_FAILED);
	auth_step(w->s, &ask);
	run_jobs(w);
	auth_gone(w->s, ask.from);
	i = w->n_replies;
	w->now += 100000;
	auth_run(w->s);
	assert_int_equal(w->n_replies, i);
}

/* --- SCRAM, the client's side --- */

static struct str
base64_text(struct world *w, const void *p, size_t n)
{
	struct buf b;
	struct str s;

	buf_init(&b, 1000);
	base64_encode(str_of(p, n), &b);
	s = arena_str(&w->a, buf_str(&b));
	buf_release(&b);
	return s;
}

static void
hmac(struct world *w UNUSED, const unsigned char *key, struct str m,
    unsigned char *out)
{
	struct scram_keys k;

	memcpy(k.server, key, SCRAM_KEY);
	scram_signature(&k, m, out);
}

/* The bytes of "s=" in the server's first message. */
static struct str
salt_of(struct world *w, struct str first)
{
	struct str rest = first, s;
	struct buf b;

	(void)str_cut(&rest, ',');
	s = str_from_pos(str_cut(&rest, ','), 2);
	assert_str(rest, "i=65536");
	buf_init(&b, 100);
	assert_ok(base64_decode(s, &b));
	s = arena_str(&w->a, buf_str(&b));
	buf_release(&b);
	return s;
}

/* ClientProof = ClientKey XOR HMAC(StoredKey, message). */
static enum auth_outcome
scram(struct world *w, const char *name, struct str password, struct str *salt)
{
	struct str first, bare, without, message, server_first;
	unsigned char salted[32], client[32], proof[32];
	struct scram_keys k;
	struct auth_ask ask;

	bare = arena_printf(&w->a, "n=%s,r=cnonce", name);
	first = arena_printf(&w->a, "n,," STR_FMT, STR_ARG(bare));
	ask = ask_of(S("SCRAM-SHA-256"), first);
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_CHALLENGE);
	server_first = w->r.data;
	*salt = salt_of(w, server_first);
	without = arena_printf(&w->a, "c=biws," STR_FMT,
	    STR_ARG(str_first(server_first, str_find(server_first, ','))));
	message = arena_printf(&w->a, STR_FMT "," STR_FMT "," STR_FMT,
	    STR_ARG(bare), STR_ARG(server_first), STR_ARG(without));
	assert_int_equal(PKCS5_PBKDF2_HMAC(password.p, (int)password.n,
			     (const unsigned char *)salt->p, (int)salt->n,
			     SCRAM_ITERATIONS, EVP_sha256(), 32, salted),
	    1);
	hmac(w, salted, S("Client Key"), client);
	assert_ok(scram_derive(password, *salt, SCRAM_ITERATIONS, &k));
	hmac(w, k.stored, message, proof);
	for (size_t i = 0; i < 32; i++)
		proof[i] ^= client[i];
	ask = ask_of(S(""),
	    arena_printf(&w->a, STR_FMT ",p=" STR_FMT, STR_ARG(without),
		STR_ARG(base64_text(w, proof, 32))));
	auth_step(w->s, &ask);
	if (w->r.outcome == AUTH_SUCCESS) {
		scram_signature(&k, message, proof);
		assert_true(str_eq(w->r.data,
		    arena_printf(&w->a, "v=" STR_FMT,
			STR_ARG(base64_text(w, proof, 32)))));
	}
	return w->r.outcome;
}

static void
scram_tries_each_password(void **state)
{
	struct world *w = *state;
	struct str p1 = add(w, "anna@example.org", "correct horse"), p2, salt;
	struct str bare, again;
	char *z;
	size_t i, n = 0;

	(void)p1;
	p2 = record_get(admin(w, "app.add", "address", "anna@example.org",
			    "name", "iPhone"),
	    "password");
	assert_int_equal(
	    scram(w, "anna", S("correct horse"), &salt), AUTH_SUCCESS);
	assert_str(w->g.device, "password");
	assert_int_equal(scram(w, "anna", p2, &again), AUTH_SUCCESS);
	assert_true(str_eq(salt, again));
	assert_str(w->g.device, "iPhone");
	z = arena_z(&w->a, p2);
	for (i = 0; i < p2.n; i++)
		if (z[i] != '-')
			z[n++] = z[i];
	bare = str_of(z, n);
	assert_int_equal(scram(w, "anna", bare, &salt), AUTH_SUCCESS);
	assert_int_equal(
	    scram(w, "anna", S("wrong horse"), &salt), AUTH_FAILED);
}

static void
the_fake_salt_is_stable(void **state)
{
	struct world *w = *state;
	struct str one, two, other;

	assert_int_equal(scram(w, "nobody", S("x"), &one), AUTH_FAILED);
	assert_int_equal(
	    scram(w, "NoBody@example.org", S("x"), &two), AUTH_FAILED);
	assert_int_equal(scram(w, "noone", S("x"), &other), AUTH_FAILED);
	assert_int_equal(one.n, SCRAM_SALT);
	assert_true(str_eq(one, two));
	assert_false(str_eq(one, other));
	auth_close(&w->s);
	open_service(w, true);
	assert_int_equal(scram(w, "nobody", S("x"), &two), AUTH_FAILED);
	assert_true(str_eq(one, two));
}

static void
scram_can_be_switched_off_and_on(void **state)
{
	struct world *w = *state;
	struct auth_ask ask = ask_of(S("SCRAM-SHA-256"), S("n,,n=anna,r=x"));
	struct str salt;

	auth_settings(w->s, S("example.org"), false);
	add(w, "anna@example.org", "correct horse");
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_NO_MECHANISM);
	auth_settings(w->s, S("example.org"), true);
	/* Keys are missing: a password that comes by PLAIN makes them. */
	assert_int_equal(
	    scram(w, "anna", S("correct horse"), &salt), AUTH_FAILED);
	assert_int_equal(plain(w, "anna", S("correct horse")), AUTH_SUCCESS);
	assert_int_equal(
	    scram(w, "anna", S("correct horse"), &salt), AUTH_SUCCESS);
}

static void
exchanges_are_kept_apart(void **state)
{
	struct world *w = *state;
	struct auth_ask ask = ask_of(S("LOGIN"), S(""));

	ask.has_response = false;
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_CHALLENGE);
	assert_str(w->r.data, "Username:");
	ask = ask_of(S(""), S("anna"));
	ask.from.conn = 8; /* another connection has no exchange */
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_BAD);
	ask.from.conn = 7;
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_CHALLENGE);
	assert_str(w->r.data, "Password:");
	ask.cancel = true;
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_BAD);
	ask.cancel = false;
	auth_step(w->s, &ask); /* it is over */
	assert_int_equal(w->r.outcome, AUTH_BAD);
	ask = ask_of(S("CRAM-MD5"), S(""));
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_NO_MECHANISM);
	ask = ask_of(S("PLAIN"), S("nonsense"));
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_BAD);
	ask = ask_of(S("LOGIN"), S("anna"));
	auth_step(w->s, &ask);
	auth_login_lost(w->s, 1);
	ask = ask_of(S(""), S("secret"));
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_BAD);
}

static void
the_queue_can_be_full(void **state)
{
	struct world *w = *state;
	struct auth_ask ask = ask_of(S("PLAIN"), S("\0anna\0wrong one"));
	unsigned i, before = w->n_replies;

	/* Two run, sixteen of one address wait, the next is refused. */
	for (i = 0; i < 18; i++) {
		ask.from.conn = 100 + i;
		auth_step(w->s, &ask);
	}
	assert_int_equal(w->n_replies, before);
	ask.from.conn = 200;
	auth_step(w->s, &ask);
	assert_int_equal(w->n_replies, before + 1);
	assert_int_equal(w->r.outcome, AUTH_UNAVAILABLE);
	/* One leaves while its job runs, one while it waits. */
	auth_gone(w->s, (struct auth_from){1, 100});
	auth_gone(w->s, (struct auth_from){1, 110});
	run_jobs(w);
	w->now += 100000;
	auth_run(w->s);
	assert_int_equal(w->n_replies, before + 17);
	/* A child dies with its job. */
	ask.from.conn = 300;
	ask.peer = S("192.0.2.2");
	before = w->n_replies;
	auth_step(w->s, &ask);
	w->jobs[0] = S("");
	auth_hasher_lost(w->s, 0);
	assert_int_equal(w->n_replies, before + 1);
	assert_int_equal(w->r.outcome, AUTH_UNAVAILABLE);
}

static void
roles_open_by_membership_and_by_password(void **state)
{
	struct world *w = *state;
	struct str anna = add(w, "anna@example.org", NULL), app, office, salt;
	struct str other;
	struct buf b, list;

	(void)add(w, "office@example.org", NULL);
	(void)add(w, "other@example.org", NULL);
	office = record_get(
	    admin(w, "account.find", "address", "office@example.org"), "id");
	assert_int_equal(
	    plain3(w, "anna@example.org", "anna", anna), AUTH_SUCCESS);
	assert_int_equal(plain3(w, "office", "anna", anna), AUTH_FAILED);
	buf_init(&b, 1000);
	buf_init(&list, 1000);
	wire_put_str(&list, S("anna@example.org"));
	record_str(&b, "verb", S("account.set"));
	record_str(&b, "address", S("office@example.org"));
	record_list(&b, "add_members", buf_str(&list));
	record_end(&b);
	buf_clear(&list);
	assert_ok(auth_admin(w->s, buf_str(&b), &list));
	buf_release(&b);
	buf_release(&list);
	assert_int_equal(plain3(w, "office", "anna", anna), AUTH_SUCCESS);
	assert_true(str_eq(w->g.account, office));
	assert_str(w->g.address, "office@example.org");
	assert_str(w->g.person, "anna@example.org");
	/* A new password ends its sessions in the role as well. */
	anna =
	    record_get(admin(w, "password.set", "address", "anna@example.org"),
		"password");
	assert_int_equal(w->n_revoked, 2);
	assert_int_equal(plain3(w, "office", "anna", anna), AUTH_SUCCESS);

	app = record_get(admin(w, "app.add", "address", "anna@example.org",
			     "name", "desk", "role", "office@example.org"),
	    "password");
	assert_int_equal(plain(w, "anna", app), AUTH_SUCCESS);
	assert_true(str_eq(w->g.account, office));
	assert_int_equal(plain(w, "office", app), AUTH_SUCCESS);
	assert_true(str_eq(w->g.account, office));
	assert_str(w->g.person, "anna@example.org");
	assert_str(w->g.device, "desk");
	assert_int_equal(scram(w, "office", app, &salt), AUTH_SUCCESS);
	assert_int_equal(scram(w, "anna", app, &other), AUTH_SUCCESS);
	assert_false(str_eq(salt, other));
	/* It opens nothing else. */
	assert_int_equal(plain(w, "other", app), AUTH_FAILED);
	assert_int_equal(
	    plain3(w, "anna@example.org", "anna", app), AUTH_FAILED);
	(void)admin(
	    w, "app.revoke", "address", "anna@example.org", "name", "desk");
	assert_true(str_eq(w->revoked_account, office));
	assert_true(str_eq(w->revoked, w->g.credential));
	assert_int_equal(plain(w, "office", app), AUTH_FAILED);
}

static void
a_new_password_ends_the_old(void **state)
{
	struct world *w = *state;
	struct str old = add(w, "anna@example.org", NULL), new, answer;

	assert_int_equal(plain(w, "anna", old), AUTH_SUCCESS);
	new =
	    record_get(admin(w, "password.set", "address", "anna@example.org"),
		"password");
	assert_true(str_eq(w->revoked, w->g.credential));
	assert_true(str_eq(w->revoked_account, w->g.account));
	assert_int_equal(plain(w, "anna", old), AUTH_FAILED);
	assert_int_equal(plain(w, "anna", new), AUTH_SUCCESS);
	answer = admin_status(w, ST_INVALID, "password.set", "address",
	    "anna@example.org", "password", "short", (char *)NULL);
	assert_str(answer, "a password has at least 8 characters");
	assert_int_equal(plain(w, "anna", new), AUTH_SUCCESS);
	/* Switched off, then removed. */
	(void)admin(
	    w, "account.set", "address", "anna@example.org", "imap", "0");
	assert_str(w->revoked, "");
	assert_int_equal(plain(w, "anna", new), AUTH_DISABLED);
	(void)admin(w, "account.remove", "address", "anna@example.org");
	assert_int_equal(plain(w, "anna", new), AUTH_FAILED);
}

static void
the_last_use_is_kept(void **state)
{
	struct world *w = *state;
	struct str app, rec;

	(void)add(w, "anna@example.org", NULL);
	app = record_get(admin(w, "app.add", "address", "anna@example.org",
			     "name", "iPhone"),
	    "password");
	rec = admin(w, "app.list", "address", "anna@example.org");
	assert_int_equal(record_number(rec, "used"), 0);
	assert_int_equal(record_number(rec, "created"), 1000000);
	w->now += 5000;
	assert_int_equal(plain(w, "anna", app), AUTH_SUCCESS);
	rec = admin(w, "app.list", "address", "anna@example.org");
	assert_int_equal(record_number(rec, "used"), 1005000);
	assert_int_equal(auth_deadline(w->s), w->now + 60000);
	w->now += 60000;
	auth_run(w->s);
	assert_int_equal(auth_deadline(w->s), INT64_MAX);
	auth_close(&w->s);
	open_service(w, true);
	rec = admin(w, "app.list", "address", "anna@example.org");
	assert_int_equal(record_number(rec, "used"), 1005000);
}

static void
recipients_are_named_with_their_home(void **state)
{
	struct world *w = *state;
	struct auth_recipient r;

	(void)add(w, "anna@example.org", NULL);
	assert_ok(auth_recipient(w->s, S("Anna+Shop@EXAMPLE.org"), &w->a, &r));
	assert_str(r.address, "anna@example.org");
	assert_str(r.detail, "shop");
	assert_int_equal(r.home, grant_home(r.account, 3));
	assert_int_equal(
	    auth_recipient(w->s, S("nobody@example.org"), &w->a, &r),
	    ST_NOT_FOUND);
	assert_int_equal(
	    auth_recipient(w->s, S("no address"), &w->a, &r), ST_NOT_FOUND);
	(void)admin(w, "account.begin", "address", "new@example.org");
	assert_int_equal(
	    auth_recipient(w->s, S("new@example.org"), &w->a, &r), ST_BUSY);
}

static void
administration_says_why_not(void **state)
{
	struct world *w = *state;
	struct str first, again;

	(void)add(w, "anna@example.org", NULL);
	assert_str(admin_status(w, ST_EXISTS, "account.begin", "address",
		       "anna@example.org", (char *)NULL),
	    "the address anna@example.org is taken");
	assert_str(admin_status(w, ST_NOT_FOUND, "account.show", "address",
		       "ben@example.org", (char *)NULL),
	    "there is no account ben@example.org");
	assert_str(admin_status(w, ST_INVALID, "account.begin", "address",
		       "ben", (char *)NULL),
	    "\"ben\" is not a mail address");
	assert_str(admin_status(w, ST_CANNOT, "no.verb", (char *)NULL),
	    "this server does not know \"no.verb\"");
	assert_str(admin_status(w, ST_HAS_CHILDREN, "domain.remove", "domain",
		       "example.org", (char *)NULL),
	    "the domain example.org still has accounts or aliases");
	/* An add that was cut short goes on with the same id. */
	first = admin(w, "account.begin", "address", "ben@example.org");
	again = admin(w, "account.begin", "address", "ben@example.org");
	assert_true(str_eq(record_get(first, "id"), record_get(again, "id")));
	assert_int_equal(record_number(admin(w, "status"), "accounts"), 2);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_generated_password_opens),
	    TEST(a_chosen_password_opens),
	    TEST(failing_costs_the_same_for_everybody),
	    TEST(failures_are_answered_later),
	    TEST(scram_tries_each_password),
	    TEST(the_fake_salt_is_stable),
	    TEST(scram_can_be_switched_off_and_on),
	    TEST(exchanges_are_kept_apart),
	    TEST(the_queue_can_be_full),
	    TEST(roles_open_by_membership_and_by_password),
	    TEST(a_new_password_ends_the_old),
	    TEST(the_last_use_is_kept),
	    TEST(recipients_are_named_with_their_home),
	    TEST(administration_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
