/*
 * Exchanges: from the first step to the answer that ends one.
 */
#include "auth/service_int.h"
#include "base/wire.h"

static struct str
key_of(struct auth_from from, char room[AUTH_KEY])
{
	memcpy(room, &from.login, sizeof(from.login));
	memcpy(room + sizeof(from.login), &from.conn, sizeof(from.conn));
	return str_of(room, AUTH_KEY);
}

static struct exchange *
find(struct auth_service *s, struct auth_from from)
{
	char room[AUTH_KEY];

	return map_get(&s->exchanges, key_of(from, room));
}

void
exchange_end(struct auth_service *s, struct exchange *e)
{
	struct exchange **at;
	char room[AUTH_KEY];

	if (e->job) {
		hash_queue_remove(&s->queue, e->job);
		(void)map_remove_u64(&s->jobs, e->job);
	}
	for (at = &s->later; *at; at = &(*at)->later)
		if (*at == e) {
			*at = e->later;
			break;
		}
	(void)map_remove(&s->exchanges, key_of(e->from, room));
	sasl_end(&e->sasl);
	arena_release(&e->arena);
	free(e);
}

static void
reply(struct auth_service *s, const struct auth_result *r)
{
	s->cfg.host.reply(s->cfg.host.ctx, r);
}

void
exchange_answer(struct auth_service *s, struct exchange *e,
    enum auth_outcome outcome, struct str data)
{
	struct auth_result r = {
	    .from = e->from,
	    .id = e->id,
	    .outcome = outcome,
	    .data = data,
	    .name = e->sasl.name,
	    .account = e->found ? e->account.id : S(""),
	    .mechanism = str_from(sasl_name(e->sasl.mechanism)),
	};

	reply(s, &r);
	if (outcome == AUTH_CHALLENGE)
		e->state = EXCHANGE_OPEN;
	else
		exchange_end(s, e);
}

void
exchange_failed(struct auth_service *s, struct exchange *e)
{
	int64_t now = clock_mono(s->cfg.clock);
	int64_t delay = attempts_failed(s->attempts, e->attempt, now);

	sasl_end(&e->sasl);
	if (delay == 0) {
		exchange_answer(s, e, AUTH_FAILED, S(""));
		return;
	}
	e->state = EXCHANGE_LATER;
	e->due_ms = now + delay;
	e->later = s->later;
	s->later = e;
}

static struct exchange *
begin(struct auth_service *s, const struct auth_ask *ask, enum sasl_mechanism m)
{
	struct exchange *e = mem_zalloc(sizeof(*e));
	char room[AUTH_KEY];

	e->from = ask->from;
	e->bindings.exporter = arena_str(&e->arena, ask->bindings.exporter);
	e->bindings.unique = arena_str(&e->arena, ask->bindings.unique);
	e->bindings.endpoint = arena_str(&e->arena, ask->bindings.endpoint);
	e->protocol = arena_str(&e->arena, ask->protocol);
	e->peer = arena_str(&e->arena, ask->peer);
	sasl_begin(&e->sasl, m, &e->arena, s->cfg.random, &e->bindings);
	(void)map_set(&s->exchanges, key_of(ask->from, room), e);
	return e;
}

static bool
knows(const struct auth_service *s, struct str name, enum sasl_mechanism *out)
{
	return sasl_mechanism(name, out) &&
	    (*out < SASL_SCRAM_SHA_256 || s->cfg.scram);
}

/* The name is known: is another attempt allowed, and who is it? */
static bool
named(struct auth_service *s, struct exchange *e)
{
	int64_t now = clock_mono(s->cfg.clock);

	e->attempt = attempts_key(s->attempts, e->sasl.name, e->peer);
	if (attempts_allowed(s->attempts, e->attempt, now) &&
	    check_lookup(s, e) == ST_OK)
		return true;
	exchange_answer(s, e, AUTH_UNAVAILABLE, S(""));
	return false;
}

static void
step(struct auth_service *s, struct exchange *e, const struct auth_ask *ask)
{
	e->id = ask->id;
	e->state = EXCHANGE_ASKED;
	switch (e->steps++ < AUTH_STEPS
		? sasl_step(&e->sasl, ask->has_response, ask->response)
		: SASL_MALFORMED) {
	case SASL_CHALLENGE:
		exchange_answer(s, e, AUTH_CHALLENGE, e->sasl.data);
		return;
	case SASL_SALT:
		if (named(s, e))
			check_salt(s, e);
		return;
	case SASL_PASSWORD:
		if (named(s, e))
			check_password(s, e);
		return;
	case SASL_PROOF:
		check_proof(s, e);
		return;
	case SASL_DENIED:
		if (e->attempt == 0)
			e->attempt =
			    attempts_key(s->attempts, e->sasl.name, e->peer);
		exchange_failed(s, e);
		return;
	case SASL_MALFORMED:
		exchange_answer(s, e, AUTH_BAD, S(""));
		return;
	}
}

void
auth_step(struct auth_service *s, const struct auth_ask *ask)
{
	struct exchange *e = find(s, ask->from);
	struct auth_result r = {
	    .from = ask->from,
	    .id = ask->id,
	    .outcome = AUTH_BAD,
	};
	enum sasl_mechanism m;

	/* A new exchange, or the end of one. */
	if (e &&
	    (ask->cancel || ask->mechanism.n > 0 ||
		e->state != EXCHANGE_OPEN)) {
		exchange_end(s, e);
		e = NULL;
	}
	if (ask->cancel || ask->response.n > AUTH_RESPONSE_MAX) {
		reply(s, &r);
	} else if (ask->mechanism.n == 0 && !e) {
		reply(s, &r);
	} else if (e) {
		struct auth_ask next = *ask;

		/* Within an exchange every line is a response, an empty one too. */
		next.has_response = true;
		step(s, e, &next);
	} else if (!knows(s, ask->mechanism, &m)) {
		r.outcome = AUTH_NO_MECHANISM;
		reply(s, &r);
	} else if (s->exchanges.n >= AUTH_EXCHANGES) {
		r.outcome = AUTH_UNAVAILABLE;
		reply(s, &r);
	} else {
		step(s, begin(s, ask, m), ask);
	}
}

void
auth_gone(struct auth_service *s, struct auth_from from)
{
	struct exchange *e = find(s, from);

	if (e)
		exchange_end(s, e);
}

void
auth_login_lost(struct auth_service *s, uint32_t login)
{
	struct exchange *e;
	struct str key;
	void *value;
	size_t pos = 0;

	while (map_next(&s->exchanges, &pos, &key, &value)) {
		e = value;
		if (e->from.login == login)
			exchange_end(s, e);
	}
}
