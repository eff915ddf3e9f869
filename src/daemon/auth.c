/*
 * The role `auth`: the only process that opens the directory and the
 * credentials. auth/service.h does the work; here are its sockets.
 */
#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include "auth/attempts.h"
#include "auth/record.h"
#include "auth/service.h"
#include "base/log.h"
#include "daemon/control_serve.h"

enum { REPLY_MAX = CHANNEL_MESSAGE - 64 };

struct auth {
	struct child *child;
	struct auth_service *service;
	struct timer timer;
	bool hasher_lost[AUTH_HASHERS];
	struct attempts_table *attempts;
};

static struct auth auth;

/* --- what the service asks of its host --- */

static void
hash(void *ctx UNUSED, uint32_t index, struct str job)
{
	link_tell(&auth.child->links[ROLE_HASH][index], MSG_HASH, job);
}

static void
reply(void *ctx UNUSED, const struct auth_result *r)
{
	struct buf b;

	buf_init(&b, REPLY_MAX);
	wire_put_u64(&b, r->from.conn);
	wire_put_u32(&b, r->id);
	wire_put_u8(&b, (uint8_t)r->outcome);
	wire_put_str(&b, r->data);
	buf_add(&b, r->ticket, TICKET_SIZE);
	wire_put_u32(&b, r->home);
	wire_put_str(&b, r->name);
	wire_put_str(&b, r->mechanism);
	link_tell(&auth.child->links[ROLE_LOGIN][r->from.login], MSG_AUTH_REPLY,
	    buf_str(&b));
	buf_release(&b);
}

static void
grant(void *ctx UNUSED, const struct grant *g)
{
	struct buf b;

	buf_init(&b, REPLY_MAX);
	grant_encode(g, &b);
	link_tell(
	    &auth.child->links[ROLE_WORKER][g->home], MSG_GRANT, buf_str(&b));
	explicit_bzero(b.p, b.n);
	buf_release(&b);
}

static void
end_sessions(void *ctx UNUSED, struct str account, struct str credential)
{
	struct buf b;

	buf_init(&b, 4096);
	wire_put_str(&b, account);
	wire_put_str(&b, credential);
	for (unsigned i = 0; i < auth.child->counts[ROLE_WORKER]; i++)
		link_tell(&auth.child->links[ROLE_WORKER][i], MSG_REVOKE,
		    buf_str(&b));
	buf_release(&b);
}

/* --- what others ask of the service --- */

static void
step(struct link *from, struct str body)
{
	struct wire w = wire_of(body);
	struct arena a = ARENA_INIT;
	struct auth_ask ask = {.from.login = from->index};
	struct tls_facts facts;
	struct peer peer;
	uint8_t bits;

	ask.from.conn = wire_u64(&w);
	ask.id = wire_u32(&w);
	ask.protocol = wire_str(&w);
	peer_decode(&w, &a, &peer);
	facts_decode(&w, &a, &facts);
	ask.mechanism = wire_str(&w);
	bits = wire_u8(&w);
	ask.has_response = bits & 1;
	ask.cancel = bits & 2;
	ask.response = wire_str(&w);
	ask.peer = peer.address;
	/* TLS that ended at a proxy binds nothing here (P6). */
	if (!peer.proxied_tls)
		ask.bindings = (struct sasl_bindings){
		    facts.exporter, facts.unique, facts.endpoint};
	if (wire_end(&w))
		auth_step(auth.service, &ask);
	explicit_bzero((void *)(uintptr_t)body.p, body.n);
	arena_release(&a);
}

static void
recipient(struct link *from, struct str body)
{
	struct wire w = wire_of(body);
	uint64_t id = wire_u64(&w);
	struct str address = wire_str(&w);
	struct auth_recipient r = {0};
	struct arena a = ARENA_INIT;
	enum status st;
	struct buf b;

	if (!wire_end(&w))
		return;
	st = auth_recipient(auth.service, address, &a, &r);
	buf_init(&b, REPLY_MAX);
	wire_put_u64(&b, id);
	wire_put_u32(&b, (uint32_t)st);
	wire_put_str(&b, r.account);
	wire_put_str(&b, r.address);
	wire_put_str(&b, r.detail);
	wire_put_u32(&b, r.home);
	link_tell(from, MSG_RECIPIENT_IS, buf_str(&b));
	buf_release(&b);
	arena_release(&a);
}

static void
gone(struct link *from, struct str body)
{
	struct wire w = wire_of(body);
	uint64_t conn = wire_u64(&w);

	if (wire_end(&w))
		auth_gone(auth.service,
		    (struct auth_from){.login = from->index, .conn = conn});
}

/* Of the accounts that this worker owns, no others. */
static void
suspend(struct link *from, struct str body)
{
	struct wire w = wire_of(body);
	struct str account = wire_str(&w), credential = wire_str(&w);
	enum status st = ST_DENIED;
	struct buf ask, answer;

	if (!wire_end(&w))
		return;
	buf_init(&ask, REPLY_MAX);
	buf_init(&answer, REPLY_MAX);
	record_str(&ask, "verb", S("suspend"));
	record_str(&ask, "account", account);
	record_str(&ask, "credential", credential);
	record_end(&ask);
	if (grant_home(account, auth.child->counts[ROLE_WORKER]) == from->index)
		st = auth_admin(auth.service, buf_str(&ask), &answer);
	log_warn("credential suspended", LOG_STR("account", account),
	    LOG_STR("credential", credential), LOG_ST(st));
	buf_release(&ask);
	buf_release(&answer);
}

static void
administer(struct child *c UNUSED, uint64_t client,
    const struct control_ask *ask, int *fd UNUSED)
{
	struct control_answer answer = {.id = ask->id};
	struct buf b;

	buf_init(&b, CONTROL_ANSWER_MAX);
	answer.status = auth_admin(auth.service, ask->body, &b);
	answer.body = buf_str(&b);
	/* Before anybody hears that it is done. */
	board_bump(auth.child->board, BOARD_DIRECTORY);
	control_reply(client, &answer);
	explicit_bzero(b.p, b.n);
	buf_release(&b);
}

/* --- the role --- */

static bool
after(void *ctx UNUSED)
{
	int64_t at = auth_deadline(auth.service);

	if (at == INT64_MAX)
		loop_untimer(auth.child->loop, &auth.timer);
	else
		loop_timer(auth.child->loop, &auth.timer, at);
	return false;
}

static void
run(void *ctx UNUSED)
{
	auth_run(auth.service);
}

/* OpenSSL reads its settings when it is first used. */
static void
prepare(struct child *c UNUSED)
{
	(void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
}

static void
start(struct child *c)
{
	struct auth_config cfg = {
	    .data = str_from(c->data),
	    .domain = str_from(c->config->domain),
	    .scram = c->config->scram,
	    .workers = c->counts[ROLE_WORKER],
	    .clock = &clock_system,
	    .random = &random_system,
	    .attempts = auth.attempts,
	    .host = {.hash = hash,
		.reply = reply,
		.grant = grant,
		.revoke = end_sessions},
	};
	enum status st;

	auth.child = c;
	st = auth_open(&cfg, &auth.service);
	if (st != ST_OK) {
		log_error("directory not opened", LOG_ST(st));
		channel_tell(c->up, MSG_FAILED, S("the directory of accounts"));
		return;
	}
	auth.timer.fire = run;
	loop_after(c->loop, after, NULL);
}

static void
shared(struct child *c UNUSED, enum shared_kind kind, int fd)
{
	void *p = mmap(NULL, sizeof(*auth.attempts), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	ASSERT(kind == SHARED_ATTEMPTS && p != MAP_FAILED);
	auth.attempts = p;
	close(fd);
}

static void
told(struct child *c, struct packet *m)
{
	if (m->type == MSG_CONTROL && auth.service)
		control_serve(c, m, administer, NULL);
}

static void
message(struct child *c UNUSED, struct link *l, struct packet *m)
{
	if (!auth.service)
		return;
	if (l->role == ROLE_LOGIN && m->type == MSG_AUTH_STEP)
		step(l, m->body);
	else if (l->role == ROLE_LOGIN && m->type == MSG_AUTH_GONE)
		gone(l, m->body);
	else if (l->role == ROLE_DELIVER && m->type == MSG_RECIPIENT)
		recipient(l, m->body);
	else if (l->role == ROLE_WORKER && m->type == MSG_SUSPEND)
		suspend(l, m->body);
	else if (l->role == ROLE_HASH && m->type == MSG_HASHED)
		auth_hashed(auth.service, l->index, m->body);
}

static void
linked(struct child *c UNUSED, struct link *l)
{
	if (l->role != ROLE_HASH || l->index >= AUTH_HASHERS ||
	    !auth.hasher_lost[l->index])
		return;
	auth.hasher_lost[l->index] = false;
	auth_hasher_lost(auth.service, l->index);
}

static void
lost(struct child *c UNUSED, struct link *l)
{
	if (!auth.service)
		return;
	if (l->role == ROLE_LOGIN)
		auth_login_lost(auth.service, l->index);
	else if (l->role == ROLE_HASH && l->index < AUTH_HASHERS)
		auth.hasher_lost[l->index] = true;
}

static void
reloaded(struct child *c)
{
	if (auth.service)
		auth_settings(auth.service, str_from(c->config->domain),
		    c->config->scram);
}

static void
end(struct child *c UNUSED)
{
	auth_close(&auth.service);
}

const struct role_def role_auth = {
    .role = ROLE_AUTH,
    .prepare = prepare,
    .start = start,
    .shared = shared,
    .told = told,
    .message = message,
    .linked = linked,
    .lost = lost,
    .reloaded = reloaded,
    .end = end,
};
