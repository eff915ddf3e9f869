/* SCRAM against every password of a name, its salt, and switched off. */
#include "auth/fixture_scram.h"

static void
scram_tries_each_password(void **state)
{
	struct world *w = *state;
	struct str p1 = add(w, "anna@example.org", "correct horse"), p2, salt;
	struct str bare, again;
	char *z;
	size_t i, n = 0;

	(void)p1;
	p2 = record_get(admin(w, "app.add", "address", "anna@example.org",
			    "name", "iPhone"),
	    "password");
	assert_int_equal(
	    scram(w, "anna", S("correct horse"), &salt), AUTH_SUCCESS);
	assert_str(w->g.device, "password");
	assert_int_equal(scram(w, "anna", p2, &again), AUTH_SUCCESS);
	assert_true(str_eq(salt, again));
	assert_str(w->g.device, "iPhone");
	z = arena_z(&w->a, p2);
	for (i = 0; i < p2.n; i++)
		if (z[i] != '-')
			z[n++] = z[i];
	bare = str_of(z, n);
	assert_int_equal(scram(w, "anna", bare, &salt), AUTH_SUCCESS);
	assert_int_equal(
	    scram(w, "anna", S("wrong horse"), &salt), AUTH_FAILED);
}

static void
the_fake_salt_is_stable(void **state)
{
	struct world *w = *state;
	struct str one, two, other;

	assert_int_equal(scram(w, "nobody", S("x"), &one), AUTH_FAILED);
	assert_int_equal(
	    scram(w, "NoBody@example.org", S("x"), &two), AUTH_FAILED);
	assert_int_equal(scram(w, "noone", S("x"), &other), AUTH_FAILED);
	assert_int_equal(one.n, SCRAM_SALT);
	assert_true(str_eq(one, two));
	assert_false(str_eq(one, other));
	auth_close(&w->s);
	open_service(w, true);
	assert_int_equal(scram(w, "nobody", S("x"), &two), AUTH_FAILED);
	assert_true(str_eq(one, two));
}

static void
scram_can_be_switched_off_and_on(void **state)
{
	struct world *w = *state;
	struct auth_ask ask = ask_of(S("SCRAM-SHA-256"), S("n,,n=anna,r=x"));
	struct str salt;

	auth_settings(w->s, S("example.org"), false);
	add(w, "anna@example.org", "correct horse");
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_NO_MECHANISM);
	auth_settings(w->s, S("example.org"), true);
	/* Keys are missing: a password that comes by PLAIN makes them. */
	assert_int_equal(
	    scram(w, "anna", S("correct horse"), &salt), AUTH_FAILED);
	assert_int_equal(plain(w, "anna", S("correct horse")), AUTH_SUCCESS);
	assert_int_equal(
	    scram(w, "anna", S("correct horse"), &salt), AUTH_SUCCESS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(scram_tries_each_password),
	    TEST(the_fake_salt_is_stable),
	    TEST(scram_can_be_switched_off_and_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
