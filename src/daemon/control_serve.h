/*
 * One command-line client at the process that owns what it asks for: answers
 * each CONTROL_ASK. Used by auth and by workers.
 */
#ifndef DAEMON_CONTROL_SERVE_H
#define DAEMON_CONTROL_SERVE_H

#include "daemon/child.h"
#include "daemon/control.h"

struct control_client;

/*
 * An ask: `fd` (-1: none) stays the client's unless taken by setting it to -1.
 * Answer with control_reply, now or later; the client may be gone by then,
 * so answer by its key.
 */
typedef void control_asked(
    struct child *c, uint64_t client, const struct control_ask *ask, int *fd);

/* The client has closed its connection. NULL: it does not matter. */
typedef void control_gone(struct child *c, uint64_t client);

/* Takes the descriptor of a MSG_CONTROL. */
void control_serve(struct child *c, struct packet *m, control_asked *asked,
    control_gone *gone);
void control_reply(uint64_t client, const struct control_answer *answer);
/* With a descriptor, taken over. */
void control_reply_fd(
    uint64_t client, const struct control_answer *answer, int fd);

#endif
