/*
 * The world a transcript runs in: a real store in a folder of its own, a
 * clock that stands still, and connections, each with the session machines
 * of one protocol. It is a small host (proto/proto.h).
 */
#ifndef RUNNER_WORLD_H
#define RUNNER_WORLD_H

#include "script.h"

struct world;

/* remote.c is another world of the same form: a server that runs. */
bool world_is_live(void);
/* Of every account; ${password} in a script. */
const char *world_password(void);
/* Why a file with such a step is not played in this world, or NULL. */
const char *world_cannot(enum step_kind kind, struct str text);

/* `protocol`: "imap", ...; NULL when there is no such protocol. */
struct world *world_new(struct str protocol);
void world_free(struct world **w);

/* Before anything else: what is asked is answered in an order of chance. */
void world_shuffle(struct world *w, uint64_t seed);

/* "alice  INBOX < three.mbox  Archive"; mail is looked for in `data`. */
const char *world_account(struct world *w, struct str text, const char *data);
/* "login": connections begin before the login. NULL or what is wrong. */
const char *world_option(struct world *w, struct str text);
/* "clock +1h", "reopen", "drain 2": NULL or what is wrong. */
const char *world_directive(struct world *w, struct str text);

/*
 * Sends to a connection, which is opened when it is new, in pieces of at most
 * `piece` bytes (0: of chance), and lets all sessions run until nothing more happens. False
 * when the bytes were not taken, because the session is closed. With
 * literals: what follows an announcement is sent only when "+" has come.
 */
bool world_send(
    struct world *w, unsigned connection, struct str bytes, size_t piece);

/* The next whole answer of the server, literals inclusive, without its CRLF;
 * false when there is none, after some patience if the world is a server that
 * runs and `wait` is set. Valid until world_took. */
bool world_answer(struct world *w, unsigned connection, bool wait,
    struct str *out, size_t *n_out);
/* NULL, or how the answer is not one of the protocol (grammar.h). */
const char *world_check(
    struct world *w, unsigned connection, struct str answer);
void world_took(struct world *w, unsigned connection, size_t n);

#endif
