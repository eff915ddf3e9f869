/*
 * FETCH and SEARCH say the same whether their slices are long or short: the
 * clock of one session stands still, that of the other jumps at each look.
 */
#include "imap/imap.h"
#include "proto/config.h"
#include "store/fixture.h"

struct seat {
	struct fixture *f;
	int64_t step, now;
	struct clock clock;
	struct proto_config config;
	struct peer peer;
	struct tls_facts tls;
	struct outbox outbox;
	struct handover handover;
	struct grant grant;
	struct host host;
	void *session;
	struct buf all;
	size_t runs;
};

static int64_t
seat_now(void *ctx)
{
	struct seat *s = ctx;

	return s->now += s->step;
}

static void
seat_settle(struct seat *s)
{
	struct buf out;
	struct wants w;

	buf_init(&out, 1 << 20);
	do {
		w = imap_proto.run(s->session, &out);
		buf_adds(&s->all, buf_str(&out));
		buf_clear(&out);
		s->runs++;
		assert_false(w.bits & WANT_CLOSE);
		if (s->outbox.n > 0) {
			struct arena arena = ARENA_INIT;
			struct changed done;
			struct answer a = {.id = s->outbox.q[0].id};

			s->outbox.n = 0;
			a.status = store_do(s->f->store, s->f->a,
			    s->outbox.q[0].change, &arena, &done);
			a.changed = &done;
			imap_proto.event(s->session,
			    &(struct event){
				.kind = EVENT_ANSWER, .answer = &a});
			arena_release(&arena);
			w.bits |= WANT_AGAIN;
		}
	} while (w.bits & (WANT_AGAIN | WANT_FLUSH));
	buf_release(&out);
}

static void
seat_open(struct seat *s, struct fixture *f, int64_t step)
{
	*s = (struct seat){.f = f, .step = step, .now = 1000};
	s->clock = (struct clock){seat_now, seat_now, s};
	s->config = (struct proto_config){
	    .hostname = S("mx.test"), .max_message = 1 << 20};
	s->peer = (struct peer){.address = S("127.0.0.1"), .loopback = true};
	s->handover.tag = S("*");
	s->grant = (struct grant){.account = S("anna"),
	    .address = S("anna@example.org"),
	    .person = S("anna@example.org"),
	    .rights = RIGHT_ALL};
	s->host = (struct host){.clock = &s->clock,
	    .config = &s->config,
	    .peer = &s->peer,
	    .tls = &s->tls,
	    .outbox = &s->outbox,
	    .handover = &s->handover,
	    .grant = &s->grant,
	    .store = f->store,
	    .account = f->a};
	buf_init(&s->all, 1 << 26);
	s->session = imap_proto.open(&s->host);
	seat_settle(s);
}

/* What it answers. */
static struct str
seat_say(struct seat *s, const char *command)
{
	struct buf in;

	buf_init(&in, 1 << 16);
	buf_addf(&in, "%s\r\n", command);
	buf_clear(&s->all);
	s->runs = 0;
	imap_proto.event(
	    s->session, &(struct event){.kind = EVENT_INPUT, .input = &in});
	seat_settle(s);
	assert_int_equal(in.n, 0);
	buf_release(&in);
	return buf_str(&s->all);
}

static void
seat_close(struct seat *s)
{
	imap_proto.close(s->session);
	buf_release(&s->all);
}

/* A message whose encoded part takes several pieces. */
static char *
large_message(void)
{
	struct buf b;
	char *text;

	buf_init(&b, 1 << 20);
	buf_addz(&b,
	    "Subject: large\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n");
	for (int i = 0; i < 1200; i++)
		buf_addz(&b,
		    "UVVJQ0sgYnJvd24gZm94IGp1bXBzIG92ZXIgdGhlIGxhenkgZG9nLiBRVU"
		    "lDSyBicm93biBm\r\n");
	buf_addz(&b, "bmVlZGxlIGF0IHRoZSBlbmQ=\r\n");
	text = str_dup(buf_str(&b));
	buf_release(&b);
	return text;
}

static void
test_slices(void **state)
{
	static const char *const commands[] = {
	    "a ENABLE IMAP4rev2", /* nobody has a \\Recent of its own */
	    "a SELECT INBOX",
	    "a FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)",
	    "a UID FETCH 1:* (BODY.PEEK[] FLAGS)",
	    "a FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)] UID)",
	    "a FETCH 1:* (BINARY.SIZE[1] BINARY.PEEK[1] BODY.PEEK[2])",
	    "a FETCH 30 (BINARY.PEEK[1]<60000.20000> BODY.PEEK[TEXT]<5.70000>)",
	    "a SEARCH OR SUBJECT large BODY \"needle at the end\"",
	    "a SEARCH NOT TEXT \"quick BROWN\"",
	    "a SEARCH RETURN (ALL COUNT) UNSEEN NOT LARGER 5000",
	};
	struct seat still, jumpy;
	struct fixture f;
	char *large = large_message();

	(void)state;
	fixture_init(&f);
	for (int i = 1; i <= 40; i++)
		(void)fixture_append(&f, "INBOX",
		    i % 30 == 0 ? large
				: "Subject: small\r\nFrom: a@b\r\n\r\nText\r\n",
		    i % 3 == 0 ? FLAG_SEEN : 0, "");
	seat_open(&still, &f, 0);
	seat_open(&jumpy, &f, 10);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct str a = seat_say(&still, commands[i]);
		struct str b = seat_say(&jumpy, commands[i]);

		assert_true(str_ends(a, S("completed\r\n")));
		assert_int_equal(a.n, b.n);
		assert_memory_equal(a.p, b.p, a.n);
		assert_true(jumpy.runs >= still.runs);
	}
	(void)seat_say(&jumpy, "a FETCH 30 BINARY.PEEK[1]");
	assert_true(jumpy.runs > 2);
	seat_close(&still);
	seat_close(&jumpy);
	free(large);
	fixture_release(&f);
}

/* V4: a batch is asked for once, its lines come after the answer. */
static void
test_seen(void **state)
{
	struct fixture f;
	struct seat s;

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < 3; i++)
		(void)fixture_append(
		    &f, "INBOX", "Subject: x\r\n\r\nT\r\n", 0, "");
	seat_open(&s, &f, 10);
	(void)seat_say(&s, "a ENABLE IMAP4rev2");
	(void)seat_say(&s, "a SELECT INBOX");
	assert_str(seat_say(&s, "a FETCH 2:3 BODY[TEXT]"),
	    "* 2 FETCH (BODY[TEXT] {3}\r\nT\r\n FLAGS (\\Seen))\r\n"
	    "* 3 FETCH (BODY[TEXT] {3}\r\nT\r\n FLAGS (\\Seen))\r\n"
	    "a OK FETCH completed\r\n");
	assert_str(fixture_show(&f, "INBOX"), "1: 2:\\Seen 3:\\Seen");
	seat_close(&s);
	fixture_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_slices),
	    cmocka_unit_test(test_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
