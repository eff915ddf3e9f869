#include <unistd.h>

#include "auth/admin.h"
#include "auth/record.h"
#include "base/test.h"

struct world {
	char dir[64], directory[80], credentials[80];
	struct admin ad;
	struct buf revoked; /* "account credential," */
	struct arena a;
	struct str anna, ben, phone;
};

static void
end_sessions(void *ctx, struct str account, struct str credential)
{
	struct world *w = ctx;

	buf_addf(&w->revoked, STR_FMT " " STR_FMT ",", STR_ARG(account),
	    STR_ARG(credential));
}

static enum status
ask(struct world *w, struct str *answer_out, const char *verb, const char *key1,
    struct str value1, const char *key2, struct str value2)
{
	struct buf in, out;
	enum status st;

	buf_init(&in, 10000);
	buf_init(&out, 10000);
	record_str(&in, "verb", str_from(verb));
	record_str(&in, key1, value1);
	if (key2)
		record_str(&in, key2, value2);
	record_end(&in);
	st = admin_run(&w->ad, buf_str(&in), &out);
	*answer_out = arena_str(&w->a, buf_str(&out));
	buf_release(&in);
	buf_release(&out);
	return st;
}

static struct str
add(struct world *w, struct str address)
{
	struct str got, id;

	assert_ok(
	    ask(w, &got, "account.begin", "address", address, NULL, S("")));
	id = record_get(got, "id");
	assert_ok(ask(w, &got, "account.ready", "id", id, NULL, S("")));
	return id;
}

static int
setup(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct credential *list;
	struct str got;
	size_t n;

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/suspend-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(
	    w->directory, sizeof(w->directory), "%s/directory", w->dir);
	(void)snprintf(
	    w->credentials, sizeof(w->credentials), "%s/credentials", w->dir);
	w->ad = (struct admin){.clock = &clock_system,
	    .random = &random_system,
	    .revoke = end_sessions,
	    .ctx = w};
	assert_ok(directory_open(w->directory, &w->ad.directory));
	assert_ok(credentials_open(
	    w->credentials, &random_system, &w->ad.credentials));
	buf_init(&w->revoked, 1000);
	w->anna = add(w, S("anna@example.org"));
	w->ben = add(w, S("ben@example.org"));
	assert_ok(ask(w, &got, "app.add", "address", S("anna@example.org"),
	    "name", S("phone")));
	assert_ok(credentials_list(
	    w->ad.credentials, w->anna, false, &w->a, &list, &n));
	assert_int_equal(n, 2);
	w->phone = credential_text(&w->a, list[1].id);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	credentials_close(&w->ad.credentials);
	directory_close(&w->ad.directory);
	assert_int_equal(unlink(w->directory), 0);
	assert_int_equal(unlink(w->credentials), 0);
	assert_int_equal(rmdir(w->dir), 0);
	buf_release(&w->revoked);
	arena_release(&w->a);
	free(w);
	return 0;
}

static size_t
open_doors(struct world *w)
{
	struct credential *list;
	size_t n;

	assert_ok(credentials_list(
	    w->ad.credentials, w->anna, true, &w->a, &list, &n));
	return n;
}

static void
a_suspended_one_opens_nothing(void **state)
{
	struct world *w = *state;
	struct str got;

	assert_ok(ask(
	    w, &got, "suspend", "account", w->anna, "credential", w->phone));
	assert_str(buf_str(&w->revoked),
	    arena_printf(&w->a, STR_FMT " " STR_FMT ",", STR_ARG(w->anna),
		STR_ARG(w->phone))
		.p);
	assert_int_equal(open_doors(w), 1);
	assert_ok(ask(w, &got, "app.list", "address", S("anna@example.org"),
	    NULL, S("")));
	assert_int_equal(record_number(got, "suspended"), 1);
	assert_ok(ask(
	    w, &got, "resume", "address", S("anna@example.org"), NULL, S("")));
	assert_int_equal(record_number(got, "resumed"), 1);
	assert_int_equal(open_doors(w), 2);
}

/* A worker names an account of its own, and somebody else's password. */
static void
those_of_others_stay(void **state)
{
	struct world *w = *state;
	struct str got;

	assert_int_equal(
	    ask(w, &got, "suspend", "account", w->ben, "credential", w->phone),
	    ST_DENIED);
	assert_int_equal(
	    ask(w, &got, "suspend", "account", w->anna, "credential", S("c99")),
	    ST_NOT_FOUND);
	assert_int_equal(
	    ask(w, &got, "suspend", "account", w->anna, "credential", S("99")),
	    ST_SYNTAX);
	assert_int_equal(open_doors(w), 2);
	assert_int_equal(w->revoked.n, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_suspended_one_opens_nothing),
	    TEST(those_of_others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
