/*
 * What the login machines ask, answered by the SASL machines of auth: each
 * account's password is "secret", under one salt.
 */
#include "auth/sasl.h"
#include "scram.h"
#include "world_int.h"

struct exchange {
	struct sasl sasl;
	struct sasl_bindings bindings;
	struct arena arena;
};

void
world_auth_end(struct connection *c)
{
	if (!c->exchange)
		return;
	sasl_end(&c->exchange->sasl);
	arena_release(&c->exchange->arena);
	free(c->exchange);
	c->exchange = NULL;
}

static bool
begin(struct world *w, struct connection *c, struct str mechanism)
{
	enum sasl_mechanism m;

	world_auth_end(c);
	if (!sasl_mechanism(mechanism, &m))
		return false;
	c->exchange = mem_zalloc(sizeof(*c->exchange));
	c->exchange->bindings.exporter = c->tls.exporter;
	sasl_begin(&c->exchange->sasl, m, &c->exchange->arena, &w->random,
	    &c->exchange->bindings);
	return true;
}

static const struct known *
find(const struct world *w, struct str name)
{
	size_t i;

	for (i = 0; i < w->n_accounts; i++)
		if (str_eq(name, w->accounts[i].name))
			return &w->accounts[i];
	return NULL;
}

static enum auth_outcome
step(struct world *w, struct connection *c, const struct auth_step *ask)
{
	struct sasl *sasl = &c->exchange->sasl;
	struct scram_salt salt;
	struct scram_keys keys;

	switch (sasl_step(sasl, ask->has_response, ask->response)) {
	case SASL_CHALLENGE:
		return AUTH_CHALLENGE;
	case SASL_SALT:
		runner_scram_salt(&salt);
		sasl_salt(sasl, &salt);
		return AUTH_CHALLENGE;
	case SASL_PASSWORD:
		c->who = find(w, sasl->name);
		return c->who && str_eq(sasl->password, S("secret"))
		    ? AUTH_SUCCESS
		    : AUTH_FAILED;
	case SASL_PROOF:
		c->who = find(w, sasl->name);
		runner_scram_keys(&keys);
		return sasl_prove(sasl, &keys) && c->who ? AUTH_SUCCESS
							 : AUTH_FAILED;
	case SASL_DENIED:
		return AUTH_FAILED;
	case SASL_MALFORMED:
		break;
	}
	return AUTH_BAD;
}

void
world_ask_auth(struct world *w, struct connection *c, const struct question *q)
{
	struct answer a = {.id = q->id};

	c->who = NULL;
	if (q->auth.mechanism.n > 0 && !begin(w, c, q->auth.mechanism))
		a.auth.outcome = AUTH_NO_MECHANISM;
	else if (q->auth.cancel || !c->exchange)
		a.auth.outcome = AUTH_BAD;
	else
		a.auth.outcome = step(w, c, &q->auth);
	if (c->exchange)
		a.auth.data = c->exchange->sasl.data;
	world_tell_answer(c, &a);
	if (a.auth.outcome != AUTH_CHALLENGE)
		world_auth_end(c);
}
