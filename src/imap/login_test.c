/*
 * The machine before the login, against a host of a few lines: no socket, no
 * store, an `auth` that answers from a table.
 */
#include "base/test.h"
#include "imap/imap.h"
#include "proto/config.h"
#include "proto/limits.h"

static int64_t now_ms;

static int64_t
test_now(void *ctx)
{
	(void)ctx;
	return now_ms;
}

struct door {
	struct clock clock;
	struct proto_config config;
	struct peer peer;
	struct tls_facts tls;
	struct outbox outbox;
	struct handover handover;
	struct host host;
	void *session;
	struct buf out, in;
	struct wants wants;
	char asked[200]; /* the last step: "PLAIN|response" */
};

static void
door_open(struct door *d)
{
	memset(d, 0, sizeof(*d));
	now_ms = 1000;
	d->clock = (struct clock){test_now, test_now, NULL};
	d->config = (struct proto_config){.hostname = S("mx.test"),
	    .cleartext = CLEARTEXT_LOOPBACK,
	    .scram = true,
	    .starttls = true};
	d->peer = (struct peer){.address = S("127.0.0.1"), .loopback = true};
	d->host = (struct host){.clock = &d->clock,
	    .config = &d->config,
	    .peer = &d->peer,
	    .tls = &d->tls,
	    .outbox = &d->outbox,
	    .handover = &d->handover};
	buf_init(&d->out, 1 << 20);
	buf_init(&d->in, 1 << 20);
}

static void
door_close(struct door *d)
{
	imap_login_proto.close(d->session);
	buf_release(&d->out);
	buf_release(&d->in);
}

/* anna / secret is right; CHAL asks twice, with a final text. */
static void
answer(struct door *d, const struct question *q)
{
	static const struct {
		const char *asked;
		enum auth_outcome outcome;
		const char *data;
	} table[] = {
	    {"PLAIN|.anna.secret", AUTH_SUCCESS, ""},
	    {"PLAIN|.busy.secret", AUTH_UNAVAILABLE, ""},
	    {"PLAIN|.off.secret", AUTH_DISABLED, ""},
	    {"PLAIN|", AUTH_CHALLENGE, ""},
	    {"|.anna.secret", AUTH_SUCCESS, ""},
	    {"SCRAM-SHA-256|first", AUTH_CHALLENGE, "salt"},
	    {"|proof", AUTH_SUCCESS, "v=sig"},
	    {"cancel", AUTH_BAD, ""},
	};
	struct answer a = {.id = q->id, .status = ST_OK};
	size_t i;
	char *c;

	assert_int_equal(q->kind, ASK_AUTH);
	(void)snprintf(d->asked, sizeof(d->asked), STR_FMT "|",
	    STR_ARG(q->auth.mechanism));
	c = d->asked + strlen(d->asked);
	for (i = 0; i < q->auth.response.n; i++)
		*c++ = q->auth.response.p[i] ? q->auth.response.p[i] : '.';
	*c = '\0';
	if (q->auth.cancel)
		(void)snprintf(d->asked, sizeof(d->asked), "cancel");
	a.auth.outcome = AUTH_FAILED;
	for (i = 0; i < ARRAY_LEN(table); i++)
		if (strcmp(table[i].asked, d->asked) == 0) {
			a.auth.outcome = table[i].outcome;
			a.auth.data = str_from(table[i].data);
		}
	imap_login_proto.event(
	    d->session, &(struct event){.kind = EVENT_ANSWER, .answer = &a});
}

static void
turn(struct door *d)
{
	struct question q;

	do {
		d->wants = imap_login_proto.run(d->session, &d->out);
		if (d->outbox.n > 0) {
			q = d->outbox.q[--d->outbox.n];
			answer(d, &q);
			d->wants.bits |= WANT_AGAIN;
		}
	} while (d->wants.bits & WANT_AGAIN);
}

/* Says it byte by byte; what comes back is exactly `want`. */
static void
talk(struct door *d, struct str say, const char *want)
{
	struct event e = {.kind = EVENT_INPUT, .input = &d->in};
	size_t i;

	if (!d->session) {
		d->session = imap_login_proto.open(&d->host);
		turn(d);
	}
	for (i = 0; i < say.n; i++) {
		buf_addc(&d->in, say.p[i]);
		if (!(d->wants.bits & WANT_INPUT))
			continue;
		imap_login_proto.event(d->session, &e);
		turn(d);
	}
	assert_str(buf_str(&d->out), want);
	buf_clear(&d->out);
}

#define REV      "IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR"
#define GREET(c) "* OK [CAPABILITY " REV c "] mx.test Mailstead ready\r\n"

static void
test_capability(void **state)
{
	struct door d;

	(void)state;
	door_open(&d);
	talk(&d, S("a capability\r\n"),
	    GREET(
		" STARTTLS AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN") "* "
								      "CAPABILI"
								      "TY " REV
								      " STARTTL"
								      "S "
								      "AUTH="
								      "SCRAM-"
								      "SHA-256 "
								      "AUTH="
								      "PLAIN "
								      "AUTH="
								      "LOGIN\r"
								      "\na OK "
								      "CAPABILI"
								      "TY "
								      "complete"
								      "d\r\n");
	door_close(&d);

	door_open(&d);
	d.peer.loopback = false;
	d.config.scram = false;
	talk(&d, S("a login anna secret\r\na authenticate plain\r\n"),
	    GREET(" STARTTLS LOGINDISABLED") "a NO [PRIVACYREQUIRED] Begin TLS "
					     "first\r\n"
					     "a NO [PRIVACYREQUIRED] Begin TLS "
					     "first\r\n");
	assert_string_equal(d.asked, "");
	door_close(&d);

	door_open(&d);
	d.peer.loopback = false;
	d.tls.on = true;
	d.tls.exporter = S("x");
	talk(&d, S("a starttls\r\n"),
	    GREET(" AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN "
		  "AUTH=LOGIN") "a BAD [CLIENTBUG] TLS cannot begin here\r\n");
	door_close(&d);
}

static void
test_login(void **state)
{
	struct door d;

	(void)state;
	door_open(&d);
	d.session = imap_login_proto.open(&d.host);
	turn(&d);
	buf_clear(&d.out);
	talk(&d, S("a id (\"name\" \"Test\" \"version\" \"1\" \"os\" NIL)\r\n"),
	    "* ID (\"name\" \"Mailstead\")\r\na OK ID completed\r\n");
	talk(&d, S("a login anna wrong\r\n"),
	    "a NO [AUTHENTICATIONFAILED] The name or the password is "
	    "wrong\r\n");
	talk(&d, S("b login busy secret\r\n"),
	    "b NO [UNAVAILABLE] Logins are not possible now, try again\r\n");
	talk(&d, S("b login off secret\r\n"),
	    "b NO [CONTACTADMIN] IMAP is switched off for this account\r\n");
	talk(&d, S("c login {4}\r\nanna {6+}\r\nsecret\r\nd noop\r\n"),
	    "+ OK\r\n");
	assert_string_equal(d.asked, "PLAIN|.anna.secret");
	assert_int_equal(d.wants.bits & ~(unsigned)WANT_HANDOVER, 0);
	assert_str(d.handover.tag, "c");
	assert_str(d.handover.client, "Test/1");
	assert_false(d.handover.sasl_final);
	/* What the client has sent beyond it is the next machine's. */
	assert_str(buf_str(&d.in), "d noop\r\n");
	door_close(&d);
}

static void
test_authenticate(void **state)
{
	static const struct {
		const char *say, *want, *asked;
		bool in;
	} t[] = {
	    {"a authenticate plain AGFubmEAc2VjcmV0\r\n", "",
		"PLAIN|.anna.secret", true},
	    {"a authenticate plain\r\nAGFubmEAc2VjcmV0\r\n", "+ \r\n",
		"|.anna.secret", true},
	    {"a authenticate login\r\nYW5uYQ==\r\nc2VjcmV0\r\n",
		"+ VXNlcm5hbWU6\r\n+ UGFzc3dvcmQ6\r\n", "PLAIN|.anna.secret",
		true},
	    {"a authenticate scram-sha-256 Zmlyc3Q=\r\ncHJvb2Y=\r\n\r\n",
		"+ c2FsdA==\r\n+ dj1zaWc=\r\n", "|proof", true},
	    {"a authenticate plain\r\n*\r\n", "+ \r\na BAD Cancelled\r\n",
		"cancel", false},
	    {"a authenticate login\r\n*\r\n",
		"+ VXNlcm5hbWU6\r\na BAD Cancelled\r\n", "", false},
	    {"a authenticate plain\r\n!\r\n", "+ \r\na BAD Cancelled\r\n",
		"cancel", false},
	    {"a authenticate plain !\r\n", "a BAD Not base64\r\n", "", false},
	    {"a authenticate gssapi\r\n",
		"a NO [CANNOT] There is no such mechanism\r\n", "", false},
	    {"a authenticate scram-sha-256-plus\r\n",
		"a NO [CANNOT] There is no such mechanism\r\n", "", false},
	    {"a authenticate plain AHgAeQ==\r\n",
		"a NO [AUTHENTICATIONFAILED] The name or the password is "
		"wrong\r\n",
		"PLAIN|.x.y", false},
	};
	struct door d;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		door_open(&d);
		d.session = imap_login_proto.open(&d.host);
		turn(&d);
		buf_clear(&d.out);
		talk(&d, str_from(t[i].say), t[i].want);
		assert_string_equal(d.asked, t[i].asked);
		assert_int_equal(d.handover.sasl_final, t[i].in);
		assert_int_equal(d.wants.bits & ~(unsigned)WANT_HANDOVER,
		    t[i].in ? 0 : WANT_INPUT);
		door_close(&d);
	}
}

static void
test_starttls(void **state)
{
	struct tls_facts tls = {.on = true, .exporter = S("x")};
	struct door d;

	(void)state;
	door_open(&d);
	d.peer.loopback = false;
	d.config.scram = false;
	talk(&d, S("a starttls\r\nb noop\r\n"),
	    GREET(" STARTTLS LOGINDISABLED") "a OK Begin TLS now\r\n");
	assert_str(buf_str(&d.in), "b noop\r\n");
	buf_clear(&d.in); /* as the host does: it came before TLS */
	imap_login_proto.event(
	    d.session, &(struct event){.kind = EVENT_SECURED, .tls = &tls});
	turn(&d);
	talk(&d, S("c capability\r\n"),
	    "* CAPABILITY " REV " AUTH=PLAIN AUTH=LOGIN\r\n"
	    "c OK CAPABILITY completed\r\n");
	door_close(&d);
}

static void
test_refusals(void **state)
{
	struct door d;

	(void)state;
	door_open(&d);
	d.session = imap_login_proto.open(&d.host);
	turn(&d);
	buf_clear(&d.out);
	talk(&d, S("GET / HTTP/1.0\r\n"), "GET BAD Unknown command\r\n");
	talk(&d, S("\r\n"), "* BAD A command begins with a tag\r\n");
	talk(&d, S("a select inbox\r\n"), "a BAD [CLIENTBUG] Log in first\r\n");
	talk(&d, S("a login {9999}\r\n"),
	    "a BAD [TOOBIG] Larger than this server takes\r\n");
	talk(&d, S("a login x\r\n"),
	    "a BAD The arguments are not valid\r\n"
	    "* BYE Too many bad commands\r\n");
	assert_int_equal(d.wants.bits, WANT_CLOSE);
	door_close(&d);

	door_open(&d);
	d.session = imap_login_proto.open(&d.host);
	turn(&d);
	buf_clear(&d.out);
	now_ms += LIMIT_LOGIN_MS;
	assert_int_equal(d.wants.deadline, now_ms);
	imap_login_proto.event(d.session, &(struct event){.kind = EVENT_TIMER});
	turn(&d);
	assert_str(buf_str(&d.out), "* BYE No login in time\r\n");
	door_close(&d);
}

static void
test_logout(void **state)
{
	struct door d;

	(void)state;
	door_open(&d);
	d.session = imap_login_proto.open(&d.host);
	turn(&d);
	buf_clear(&d.out);
	talk(&d, S("a logout\r\nb noop\r\n"),
	    "* BYE Goodbye\r\na OK LOGOUT completed\r\n");
	assert_int_equal(d.wants.bits, WANT_CLOSE);
	door_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_capability),
	    cmocka_unit_test(test_login),
	    cmocka_unit_test(test_authenticate),
	    cmocka_unit_test(test_starttls),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_logout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
