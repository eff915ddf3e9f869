#include "proto/login_common.h"

#include "auth/grant.h"
#include "base/test.h"

static void
plain_has_three_parts(void **state UNUSED)
{
	struct arena a = ARENA_INIT;

	assert_true(
	    str_eq(login_plain(&a, S("anna"), S("pw")), S("\0anna\0pw")));
	assert_true(str_eq(login_plain(&a, S(""), S("")), S("\0\0")));
	arena_release(&a);
}

static void
a_response_is_base64(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct str out = S("before");

	assert_true(login_decode(&a, S("AGFubmEAcHc="), &out));
	assert_true(str_eq(out, S("\0anna\0pw")));
	assert_true(login_decode(&a, S(""), &out));
	assert_str(out, "");
	assert_false(login_decode(&a, S("AGFu!"), &out));
	arena_release(&a);
}

static void
one_question_has_the_step(void **state UNUSED)
{
	struct outbox o = {.last_id = 6};
	struct host h = {.outbox = &o};
	struct auth_step step = {.mechanism = S("PLAIN"), .cancel = true};

	assert_int_equal(login_ask(&h, &step), 7);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.q[0].kind, ASK_AUTH);
	assert_str(o.q[0].auth.mechanism, "PLAIN");
	assert_true(o.q[0].auth.cancel);
}

static void
a_device_goes_before_its_credential(void **state UNUSED)
{
	struct grant g = {.person = S("anna@example.test"),
	    .credential = S("c1"),
	    .device = S("iPhone")};
	struct peer peer = {.address = S("192.0.2.1")};
	struct host h = {.grant = &g, .peer = &peer};
	struct origin o = login_origin(&h, S("imap"), S("Mail"));

	assert_str(o.person, "anna@example.test");
	assert_str(o.credential, "iPhone");
	assert_str(o.protocol, "imap");
	assert_str(o.client, "Mail");
	assert_str(o.peer, "192.0.2.1");
	g.device = S("");
	o = login_origin(&h, S("pop3"), S(""));
	assert_str(o.credential, "c1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_has_three_parts),
	    cmocka_unit_test(a_response_is_base64),
	    cmocka_unit_test(one_question_has_the_step),
	    cmocka_unit_test(a_device_goes_before_its_credential),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
