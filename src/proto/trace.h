/*
 * What one session was told and said, written down for a bug report: a text
 * that people read and tools/trace2test makes a transcript of. Lines are
 *
 *	C 12.034 a1 SELECT INBOX\r\n      a line of the client's
 *	S 12.040 * 3 EXISTS\r\n...        what the session said in one slice
 *	E 15.000 drain                    an event that is no input
 *
 * with seconds since its beginning, and \r \n \\ \xHH for what is no printable
 * ASCII. A password has no place behind the login; should a client say one
 * nevertheless (LOGIN, AUTHENTICATE, PASS), it is blanked.
 */
#ifndef PROTO_TRACE_H
#define PROTO_TRACE_H

#include "base/buf.h"
#include "base/clock.h"

enum { TRACE_MAX = 64 * 1024 * 1024 }; /* bytes of one trace; then it ends */

struct trace {
	const struct clock *clock;
	void (*write)(void *ctx, struct str text);
	void *ctx;
	/* private */
	int64_t begun_ms;
	uint64_t written;
	struct buf line; /* of the client's, not whole yet */
	bool secret;     /* the next line is one */
};

void trace_begin(struct trace *t, const struct clock *clock,
    void (*write)(void *ctx, struct str text), void *ctx);
void trace_client(struct trace *t, struct str bytes);
void trace_server(struct trace *t, struct str bytes);
void trace_event(struct trace *t, const char *what);
/* What is not a whole line yet is written, too. */
void trace_end(struct trace *t);

#endif
