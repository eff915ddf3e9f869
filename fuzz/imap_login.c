/*
 * The machine before the login says the same however its input is cut, and
 * ends what it must end. The first byte chooses the settings.
 */
#include "fuzz.h"
#include "imap/imap.h"
#include "proto/config.h"

static int64_t
stopped(void *ctx)
{
	(void)ctx;
	return 1000;
}

/* PLAIN without a response is asked for one; everything else is wrong. */
static void
answer(void *session, const struct question *q)
{
	struct answer a = {.id = q->id};

	a.auth.outcome = q->auth.cancel ? AUTH_BAD
	    : q->auth.has_response      ? AUTH_FAILED
					: AUTH_CHALLENGE;
	imap_login_proto.event(
	    session, &(struct event){.kind = EVENT_ANSWER, .answer = &a});
}

static void
play(struct str text, size_t piece, unsigned settings, struct buf *out)
{
	const struct clock clock = {stopped, stopped, NULL};
	const struct proto_config config = {.hostname = S("mx.test"),
	    .cleartext = (settings & 1) ? CLEARTEXT_LOOPBACK : CLEARTEXT_NEVER,
	    .scram = (settings & 2) != 0,
	    .starttls = (settings & 4) != 0};
	const struct peer peer = {.loopback = true};
	const struct tls_facts tls = {.on = false};
	struct handover handover = {0};
	struct outbox outbox = {.n = 0};
	const struct host host = {.clock = &clock,
	    .config = &config,
	    .peer = &peer,
	    .tls = &tls,
	    .outbox = &outbox,
	    .handover = &handover};
	void *s = imap_login_proto.open(&host);
	struct wants w = {WANT_AGAIN, 0};
	struct buf in;

	buf_init(&in, 1 << 20);
	for (;;) {
		if (w.bits & WANT_AGAIN) {
			w = imap_login_proto.run(s, out);
		} else if (outbox.n > 0) {
			struct question q = outbox.q[--outbox.n];

			answer(s, &q);
			w.bits = WANT_AGAIN;
		} else if ((w.bits & WANT_INPUT) && text.n + in.n > 0) {
			size_t n = min_size(piece, text.n);

			buf_add(&in, text.p, n);
			text = str_from_pos(text, n);
			imap_login_proto.event(s,
			    &(struct event){.kind = EVENT_INPUT, .input = &in});
			w.bits = WANT_AGAIN;
		} else {
			break;
		}
	}
	imap_login_proto.close(s);
	buf_release(&in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_str(data, size);
	struct buf whole, bytes;

	if (text.n < 1)
		return 0;
	buf_init(&whole, 1 << 22);
	buf_init(&bytes, 1 << 22);
	play(str_from_pos(text, 1), SIZE_MAX, (unsigned char)text.p[0], &whole);
	play(str_from_pos(text, 1), 1, (unsigned char)text.p[0], &bytes);
	ASSERT(str_eq(buf_str(&whole), buf_str(&bytes)));
	buf_release(&whole);
	buf_release(&bytes);
	return 0;
}
