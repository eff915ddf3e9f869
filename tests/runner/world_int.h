/* What a world is made of; for world.c and setup.c only. */
#ifndef RUNNER_WORLD_INT_H
#define RUNNER_WORLD_INT_H

#include "base/vec.h"
#include "proto/config.h"
#include "proto/proto.h"
#include "world.h"

enum { CONNECTIONS = 9, PAST_MS = 24 * 3600 * 1000 };

struct known {
	struct str name, id, address;
	struct account *account;
};

struct protocol {
	struct str name;
	const struct proto *login, *user;
};

struct connection {
	const struct protocol *protocol;
	size_t account; /* whose it is, when it begins behind the login */
	bool opened, changed;
	const struct proto *machine;
	void *session; /* NULL: closed */
	struct host host;
	struct outbox outbox;
	struct handover handover;
	struct grant grant;
	struct tls_facts tls;
	struct wants wants;
	struct buf in, out, said;
	const struct known *who;   /* of the last login */
	struct exchange *exchange; /* login.c: one that is open */
};

struct asked {
	uint64_t ask;
	uint32_t question;
	struct connection *connection; /* NULL: it is closed */
	struct delivery *delivery;     /* ASK_DELIVER only */
};

struct shuffle;

struct world {
	struct clock clock;
	struct random random;
	int64_t wall_ms, mono_ms;
	uint64_t seed;
	struct proto_config config;
	struct peer peer;
	bool before_login;
	bool past; /* Past/ is on for a day from each login */
	char root[32];
	struct store *store;
	struct known *accounts;
	size_t n_accounts, cap_accounts;
	struct connection connections[CONNECTIONS];
	struct asked asked[64];
	size_t n_asked;
	uint64_t last_ask;
	struct arena arena;
	struct shuffle *shuffle; /* NULL: all in the order of asking */
};

/* login.c: what the login machines ask. */
void world_ask_auth(
    struct world *w, struct connection *c, const struct question *q);
void world_auth_end(struct connection *c);

/* deliver.c: what LMTP asks. */
void world_ask_recipient(
    struct world *w, struct connection *c, const struct question *q);
void world_ask_deliver(
    struct world *w, struct connection *c, const struct question *q);
void delivery_free(struct delivery **d);

/* Hands an answer to a session and lets it go on. */
void world_tell_answer(struct connection *c, const struct answer *a);
/* A place for a question that the store answers later. */
struct asked *world_asked(
    struct world *w, struct connection *c, uint32_t question);

/* shuffle.c; only with w->shuffle. */
size_t shuffle_below(struct world *w, size_t n);
void shuffle_sync(void *ctx, int fd, uint64_t token);
void shuffle_hold(
    struct world *w, struct connection *c, const struct answer *a);
/* Some of what can happen does; false: nothing was seen that can. */
bool shuffle_step(struct world *w);
bool shuffle_pending(const struct world *w);
void shuffle_free(struct world *w);

/* past.c; false when it is no such directive. */
bool world_past(
    struct world *w, struct str word, struct str text, const char **error_out);

/* One round of a connection; true when something has happened. */
bool connection_turn(struct world *w, struct connection *c);
/* NULL: there is none of that name. */
const struct protocol *world_protocol(struct str name);
void world_open_store(struct world *w);
/* Lets all run until nothing more happens. */
void world_settle(struct world *w);
/* Opened when it is not yet. */
struct connection *world_connection(struct world *w, unsigned n);

#endif
