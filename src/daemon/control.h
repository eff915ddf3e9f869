/*
 * What the command line and a running server say to each other over
 * DATA/control, a SOCK_SEQPACKET socket with the framing of net/channel.h. The
 * supervisor accepts who SO_PEERCRED shows to be root or its own user, reads
 * the first message (CONTROL_OPEN) and hands the descriptor to the process
 * that owns what is asked for: auth, or the account's home worker. That
 * process answers each CONTROL_ASK by one CONTROL_ANSWER, in any order.
 *
 * Who asks whom is decided by the verb (cli/): accounts of auth by records
 * (auth/admin.h), mail of a worker by daemon/mail_op.h. Without a server the
 * command line calls those two itself.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base/wire.h"

enum {
	CONTROL_INLINE = 64 * 1024, /* a longer ask comes in a descriptor */
	CONTROL_ASK_MAX = 64 * 1024 * 1024, /* even so */
	CONTROL_ANSWER_MAX = 120 * 1024,
};

enum control_type {
	CONTROL_OPEN = 1,
	CONTROL_ASK,
	CONTROL_ANSWER,
};

enum control_owner { CONTROL_AUTH, CONTROL_MAIL };

struct control_open {
	enum control_owner owner;
	struct str account; /* CONTROL_MAIL: whose home worker */
};

struct control_ask {
	uint32_t id;
	bool attached; /* the body is in the last descriptor */
	struct str body;
};

struct control_answer {
	uint32_t id;
	enum status status;
	struct str body; /* ST_OK: the answer; else why not, or "" */
};

/* Reading borrows from `in`. */
void control_open_encode(const struct control_open *o, struct buf *out);
enum status control_open_decode(
    struct str in, struct control_open *out) MUST_CHECK;
void control_ask_encode(const struct control_ask *a, struct buf *out);
enum status control_ask_decode(
    struct str in, struct control_ask *out) MUST_CHECK;
void control_answer_encode(const struct control_answer *a, struct buf *out);
enum status control_answer_decode(
    struct str in, struct control_answer *out) MUST_CHECK;

/* The whole content of a descriptor that a long ask came in. */
enum status control_attached(int fd, struct buf *out) MUST_CHECK;

#endif
