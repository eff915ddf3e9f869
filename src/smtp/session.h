/* An LMTP session and the message it is being given. */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "proto/config.h"
#include "proto/limits.h"
#include "proto/line.h"
#include "smtp/lmtp.h"
#include "store/incoming.h"

enum lmtp_state {
	LMTP_COMMAND,
	LMTP_RECIPIENT,  /* RCPT: auth is asked */
	LMTP_DATA,       /* bytes up to CRLF . CRLF */
	LMTP_CHUNK,      /* bytes of a BDAT */
	LMTP_DELIVERING, /* each recipient's worker is asked */
	LMTP_TLS,
	LMTP_CLOSING,
};

struct lmtp_recipient {
	struct recipient to;
	struct str given; /* as RCPT said it */
	struct str trace;
	uint32_t question; /* of ASK_DELIVER, while it is open */
	bool asked, done;
	enum status st;
};

/* Where DATA's bytes are in CRLF . CRLF (RFC 5321 4.5.2). */
enum data_at { DATA_LINE, DATA_START, DATA_CR, DATA_DOT, DATA_DOT_CR };

struct lmtp {
	const struct host *host;
	const struct tls_facts *tls;
	struct line_reader lines;
	struct buf said; /* by events, until run() hands it out */
	enum lmtp_state state;
	unsigned want;
	bool greeted, draining;
	unsigned bad;
	int64_t opened_ms, active_ms;
	struct buf helo;

	/* One transaction. */
	struct arena arena;
	bool mail;
	bool utf8, chunked, last_chunk;
	struct str return_path;
	struct lmtp_recipient *recipients;
	size_t n_recipients, cap_recipients;
	struct str asked; /* RCPT being looked up */
	uint32_t question;
	struct incoming *message;
	enum status st; /* of the message so far: what failed, once it did */
	enum data_at at;
	uint64_t chunk_left;
	unsigned received; /* Received lines seen in its header */
	bool in_header;
	struct buf header_line; /* the first bytes of one, to count those */
	size_t next;            /* recipient to be asked or answered */
};

/* lmtp.c: a line of an answer, without its CRLF. */
void lmtp_say(struct lmtp *s, const char *line);
/* Says why, and closes; not while a message is on its way. */
void lmtp_leave(struct lmtp *s, const char *why);

/* lmtp_cmd.c: a line that is a command; what auth says of a RCPT. */
void lmtp_command(struct lmtp *s, struct str line);
void lmtp_recipient_is(struct lmtp *s, const struct answer *a);

/* receive.c */
void lmtp_receive_begin(struct lmtp *s);
void lmtp_receive_data(struct lmtp *s, struct buf *in); /* to its end */
void lmtp_receive_chunk(struct lmtp *s, struct buf *in);
/* The message is whole, or failed: recipients are asked. */
void lmtp_deliver(struct lmtp *s);
void lmtp_deliver_more(struct lmtp *s);
void lmtp_delivered(struct lmtp *s, const struct answer *a);
void lmtp_reset(struct lmtp *s);

#endif
