#include "world.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/mman.h>
#include <unistd.h>

#include "grammar.h"
#include "imap/imap.h"
#include "pop3/pop3.h"
#include "proto/config.h"
#include "smtp/lmtp.h"
#include "world_int.h"

static const struct protocol protocols[] = {
    {STR_INIT("imap"), &imap_login_proto, &imap_proto},
    {STR_INIT("pop3"), &pop3_login_proto, &pop3_proto},
    {STR_INIT("lmtp"), NULL, &lmtp_proto}, /* nobody logs in */
};

const struct protocol *
world_protocol(struct str name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(protocols); i++)
		if (str_eq(name, protocols[i].name))
			return &protocols[i];
	return NULL;
}

static int64_t
world_wall(void *ctx)
{
	return ((struct world *)ctx)->wall_ms;
}

static int64_t
world_mono(void *ctx)
{
	return ((struct world *)ctx)->mono_ms;
}

/* The same in every run: a generator with a known start. */
static void
world_random(void *ctx, void *p, size_t n)
{
	struct world *w = ctx;
	unsigned char *to = p;
	size_t i;

	for (i = 0; i < n; i++) {
		w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
		to[i] = (unsigned char)(w->seed >> 56);
	}
}

static void
answered(void *ctx, uint64_t ask, enum status st, const struct changed *changed)
{
	struct world *w = ctx;
	struct answer a = {.status = st, .changed = changed};
	struct asked *q = NULL;
	struct connection *c;
	size_t i;

	for (i = 0; i < w->n_asked; i++)
		if (w->asked[i].ask == ask)
			q = &w->asked[i];
	ASSERT(q);
	c = q->connection;
	a.id = q->question;
	if (q->delivery)
		a.changed = NULL;
	delivery_free(&q->delivery);
	*q = w->asked[--w->n_asked];
	if (c && w->shuffle) {
		shuffle_hold(w, c, &a);
		return;
	}
	if (c && c->session)
		c->machine->event(c->session,
		    &(struct event){.kind = EVENT_ANSWER, .answer = &a});
	if (c)
		c->wants.bits |= WANT_AGAIN;
}

static void
committed(void *ctx, struct account *acct, uint64_t modseq)
{
	struct world *w = ctx;
	size_t i;

	(void)modseq;
	for (i = 0; i < CONNECTIONS; i++)
		if (w->connections[i].host.account == acct)
			w->connections[i].changed = true;
}

void
world_open_store(struct world *w)
{
	struct store_config cfg = {.root = str_from(w->root),
	    .clock = &w->clock,
	    .random = &w->random,
	    .host = {.ctx = w,
		.sync = w->shuffle ? shuffle_sync : NULL,
		.answered = answered,
		.committed = committed},
	    .epoch = 1,
	    .max_open = 10};
	enum status st = store_open(&cfg, &w->store);

	ASSERT(st == ST_OK);
}

struct world *
world_new(struct str protocol)
{
	const struct protocol *p = world_protocol(protocol);
	struct world *w;
	size_t i;

	if (!p)
		return NULL;
	w = mem_zalloc(sizeof(*w));
	for (i = 0; i < CONNECTIONS; i++)
		w->connections[i].protocol = p;
	w->wall_ms = 1767603600000; /* 2026-01-05 09:00 UTC */
	w->mono_ms = 1000;
	w->seed = 1;
	w->clock = (struct clock){world_wall, world_mono, w};
	w->random = (struct random){world_random, w};
	w->config = (struct proto_config){.hostname = S("mx.test"),
	    .cleartext = CLEARTEXT_ALWAYS,
	    .max_message = 1 << 20,
	    .retention_days = 7};
	w->peer = (struct peer){.address = S("127.0.0.1"), .loopback = true};
	/* In memory where there is such a place: transcripts test no disk. */
	memcpy(w->root, "/dev/shm/mailstead-XXXXXX", 26);
	if (!mkdtemp(w->root)) {
		memcpy(w->root, "/tmp/mailstead-XXXXXX", 22);
		ASSERT(mkdtemp(w->root));
	}
	world_open_store(w);
	return w;
}

static int
spool(void *ctx)
{
	(void)ctx;
	return memfd_create("spool", MFD_CLOEXEC);
}

static void
connection_close(struct connection *c)
{
	if (c->session)
		c->machine->close(c->session);
	c->session = NULL;
	world_auth_end(c);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	return remove(path);
}

void
world_free(struct world **wp)
{
	struct world *w = *wp;
	size_t i;

	for (i = 0; i < CONNECTIONS; i++) {
		struct connection *c = &w->connections[i];

		connection_close(c);
		buf_release(&c->in);
		buf_release(&c->out);
		buf_release(&c->said);
	}
	world_settle(w);
	for (i = 0; i < w->n_accounts; i++)
		account_unref(&w->accounts[i].account);
	shuffle_free(w);
	store_close(&w->store);
	(void)nftw(w->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(w->accounts);
	arena_release(&w->arena);
	free(w);
	*wp = NULL;
}

static void
run(struct connection *c)
{
	c->wants = c->machine->run(c->session, &c->out);
	buf_adds(&c->said, buf_str(&c->out));
	buf_clear(&c->out);
}

static void
begin_user(struct world *w, struct connection *c, const struct known *k)
{
	c->grant = (struct grant){.account = k->id,
	    .address = k->address,
	    .person = k->address,
	    .credential = S("1"),
	    .device = S("test"),
	    .rights = RIGHT_ALL,
	    .past_until_ms = w->past ? w->wall_ms + PAST_MS : 0};
	c->host.grant = &c->grant;
	c->host.store = w->store;
	c->host.account = k->account;
	c->machine = c->protocol->user;
	c->session = c->machine->open(&c->host);
	run(c);
}

static void
connection_open(struct world *w, struct connection *c)
{
	c->opened = true;
	buf_init(&c->in, 1 << 24);
	buf_init(&c->out, 1 << 26);
	buf_init(&c->said, 1 << 26);
	c->host = (struct host){.clock = &w->clock,
	    .random = &w->random,
	    .config = &w->config,
	    .peer = &w->peer,
	    .tls = &c->tls,
	    .outbox = &c->outbox,
	    .handover = &c->handover,
	    .spool = spool,
	    .ctx = w};
	if (w->before_login && c->protocol->login) {
		c->machine = c->protocol->login;
		c->session = c->machine->open(&c->host);
		run(c);
		return;
	}
	if (!c->protocol->login) {
		c->machine = c->protocol->user;
		c->session = c->machine->open(&c->host);
		run(c);
		return;
	}
	ASSERT(w->n_accounts > 0);
	c->handover.tag = S("*");
	begin_user(w, c, &w->accounts[c->account]);
	/* Its greeting is not what a transcript is about. */
	buf_clear(&c->said);
}

void
world_tell_answer(struct connection *c, const struct answer *a)
{
	c->machine->event(
	    c->session, &(struct event){.kind = EVENT_ANSWER, .answer = a});
	run(c);
}

struct asked *
world_asked(struct world *w, struct connection *c, uint32_t question)
{
	ASSERT(w->n_asked < ARRAY_LEN(w->asked));
	w->asked[w->n_asked] = (struct asked){++w->last_ask, question, c, NULL};
	return &w->asked[w->n_asked++];
}

static void
take_question(struct world *w, struct connection *c, const struct question *q)
{
	switch (q->kind) {
	case ASK_AUTH:
		world_ask_auth(w, c, q);
		break;
	case ASK_CHANGE:
		store_submit(w->store, c->host.account, q->change,
		    world_asked(w, c, q->id)->ask);
		break;
	case ASK_RECIPIENT:
		world_ask_recipient(w, c, q);
		break;
	case ASK_DELIVER:
		world_ask_deliver(w, c, q);
		break;
	}
}

static void
hand_over(struct world *w, struct connection *c)
{
	void *login = c->session;

	begin_user(w, c, c->who);
	c->protocol->login->close(login);
}

/* UNAUTHENTICATE: before the login again, with what was said behind it. */
static void
take_back(struct connection *c)
{
	void *user = c->session;

	c->handover = (struct handover){.returned = true};
	c->host.grant = NULL;
	c->host.store = NULL;
	c->host.account = NULL;
	c->machine = c->protocol->login;
	c->session = c->machine->open(&c->host);
	c->protocol->user->close(user);
	run(c);
}

bool
connection_turn(struct world *w, struct connection *c)
{
	struct question q;
	size_t before = c->in.n, i;

	if (!c->session)
		return false;
	if (c->changed) {
		c->changed = false;
		c->machine->event(
		    c->session, &(struct event){.kind = EVENT_CHANGED});
		run(c);
		return true;
	}
	if (c->outbox.n > 0) {
		i = w->shuffle ? shuffle_below(w, c->outbox.n) : 0;
		q = c->outbox.q[i];
		c->outbox.n--;
		memmove(c->outbox.q + i, c->outbox.q + i + 1,
		    (c->outbox.n - i) * sizeof(q));
		take_question(w, c, &q);
		return true;
	}
	if (c->wants.bits & WANT_HANDOVER) {
		hand_over(w, c);
		return true;
	}
	if (c->wants.bits & WANT_RETURN) {
		take_back(c);
		return true;
	}
	if (c->wants.bits & WANT_CLOSE) {
		connection_close(c);
		return true;
	}
	/* A transcript shows what is said, not how it travels. */
	if (c->wants.bits & (WANT_AGAIN | WANT_FLUSH | WANT_COMPRESS)) {
		run(c);
		return true;
	}
	if (!(c->wants.bits & WANT_INPUT) || c->in.n == 0)
		return false;
	c->machine->event(
	    c->session, &(struct event){.kind = EVENT_INPUT, .input = &c->in});
	run(c);
	return c->in.n != before || c->wants.bits != WANT_INPUT;
}

void
world_settle(struct world *w)
{
	bool more = true;
	size_t i;

	while (more) {
		while (w->shuffle && shuffle_step(w))
			;
		more = store_run(w->store);
		for (i = 0; i < CONNECTIONS; i++)
			more |= connection_turn(w, &w->connections[i]);
		/* It may have asked for a sync, or answered. */
		more |= w->shuffle && shuffle_pending(w);
	}
}

struct connection *
world_connection(struct world *w, unsigned n)
{
	struct connection *c;

	ASSERT(n >= 1 && n <= CONNECTIONS);
	c = &w->connections[n - 1];
	if (!c->opened)
		connection_open(w, c);
	return c;
}

static void
send_part(struct world *w, struct connection *c, struct str part, size_t piece)
{
	size_t n;

	while (part.n > 0) {
		n = min_size(
		    piece > 0 ? piece : 1 + shuffle_below(w, 40), part.n);
		buf_add(&c->in, part.p, n);
		part = str_from_pos(part, n);
		if (piece > 0)
			world_settle(w);
		else
			(void)shuffle_step(w);
	}
	world_settle(w);
}

static bool
answer(struct connection *c, size_t skip, struct str *out, size_t *n_out)
{
	struct str all = str_from_pos(buf_str(&c->said), skip);
	size_t n = grammar_cut(all);

	if (n == 0)
		return false;
	*n_out = n;
	*out = str_first(all, n);
	if (str_ends(*out, S("\r\n")))
		out->n -= 2;
	return true;
}

bool
world_send(struct world *w, unsigned connection, struct str bytes, size_t piece)
{
	struct connection *c = world_connection(w, connection);
	struct str said;
	size_t n, literal = 0, skip = 0, answer_n;
	bool waits;

	while (bytes.n > 0) {
		if (!c->session)
			return false;
		n = skip +
		    script_announcement(
			str_from_pos(bytes, skip), &waits, &literal);
		send_part(w, c, str_first(bytes, n), piece);
		bytes = str_from_pos(bytes, n);
		skip = 0;
		/* A transcript that ends here says "S: +" itself. */
		if (!waits || bytes.n == 0)
			continue;
		/* The answer to it is the last one. */
		for (n = 0; answer(c, n, &said, &answer_n);)
			n += answer_n;
		if (n == 0 || !str_starts(said, S("+")))
			return true; /* refused: the rest is not sent */
		buf_truncate(&c->said, c->said.n - (said.n + 2));
		skip = min_size(literal, bytes.n);
	}
	return true;
}

bool
world_answer(struct world *w, unsigned connection, bool wait UNUSED,
    struct str *out, size_t *n_out)
{
	return answer(world_connection(w, connection), 0, out, n_out);
}

const char *
world_cannot(enum step_kind kind UNUSED, struct str text UNUSED)
{
	return NULL;
}

const char *
world_password(void)
{
	return "secret";
}

bool
world_is_live(void)
{
	return false;
}

const char *
world_check(struct world *w, unsigned connection, struct str answer)
{
	const struct connection *c = world_connection(w, connection);

	return grammar_of(c->protocol->name)(answer);
}

void
world_took(struct world *w, unsigned connection, size_t n)
{
	buf_consume(&world_connection(w, connection)->said, n);
}
