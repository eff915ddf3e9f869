#include "auth/directory.h"

#include <sqlite3.h>
#include <unistd.h>

#include "auth/address.h"
#include "base/test.h"

struct world {
	char dir[64];
	char path[80];
	struct directory *d;
	struct arena a;
	struct directory_account anna, ben;
};

static int
setup(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/directory-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->path, sizeof(w->path), "%s/directory.db", w->dir);
	assert_ok(directory_open(w->path, &w->d));
	assert_ok(directory_domain_add(w->d, S("example.org")));
	assert_ok(directory_account_add(w->d, &random_system,
	    S("anna@example.org"), 1000, &w->a, &w->anna));
	assert_ok(directory_account_add(
	    w->d, &random_system, S("ben@example.org"), 1000, &w->a, &w->ben));
	assert_ok(directory_account_ready(w->d, w->anna.id));
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	directory_close(&w->d);
	assert_int_equal(unlink(w->path), 0);
	assert_int_equal(rmdir(w->dir), 0);
	arena_release(&w->a);
	free(w);
	return 0;
}

static void
an_account_has_an_id_and_one_address(void **state)
{
	struct world *w = *state;
	struct directory_account got;
	size_t i;

	assert_int_equal(w->anna.id.n, 26);
	for (i = 0; i < 26; i++)
		assert_true(
		    (w->anna.id.p[i] >= 'a' && w->anna.id.p[i] <= 'z') ||
		    (w->anna.id.p[i] >= '2' && w->anna.id.p[i] <= '7'));
	assert_false(str_eq(w->anna.id, w->ben.id));
	assert_int_equal(directory_account_add(w->d, &random_system,
			     S("anna@example.org"), 1, &w->a, &got),
	    ST_EXISTS);
	assert_int_equal(directory_account_add(w->d, &random_system,
			     S("anna@other.org"), 1, &w->a, &got),
	    ST_NOT_FOUND);
	assert_ok(directory_account(w->d, S("anna@example.org"), &w->a, &got));
	assert_true(str_eq(got.id, w->anna.id));
	assert_true(got.imap && got.pop3 && got.ready);
	assert_int_equal(got.created_ms, 1000);
}

static void
resolve_goes_from_exact_to_catch_all(void **state)
{
	static const struct {
		struct str address, account, detail;
	} table[] = {
	    {STR_INIT("anna@example.org"), STR_INIT("anna"), STR_INIT("")},
	    {STR_INIT("a.b@example.org"), STR_INIT("anna"), STR_INIT("")},
	    {STR_INIT("anna+shop@example.org"), STR_INIT("anna"),
		STR_INIT("shop")},
	    {STR_INIT("a.b+x+y@example.org"), STR_INIT("anna"),
		STR_INIT("x+y")},
	    {STR_INIT("anna+@example.org"), STR_INIT("anna"), STR_INIT("")},
	    {STR_INIT("anna+list@example.org"), STR_INIT("ben"), STR_INIT("")},
	    {STR_INIT("nobody@example.org"), STR_INIT("ben"), STR_INIT("")},
	    {STR_INIT("no+one@example.org"), STR_INIT("ben"), STR_INIT("")},
	};
	struct world *w = *state;
	struct directory_hit hit;
	size_t i;

	assert_int_equal(
	    directory_resolve(w->d, S("nobody@example.org"), &w->a, &hit),
	    ST_NOT_FOUND);
	/* Ben's folder is not made. */
	assert_int_equal(
	    directory_resolve(w->d, S("ben@example.org"), &w->a, &hit),
	    ST_BUSY);
	assert_ok(directory_account_ready(w->d, w->ben.id));
	assert_ok(directory_alias_add(w->d, w->anna.id, S("a.b@example.org")));
	assert_ok(
	    directory_alias_add(w->d, w->ben.id, S("anna+list@example.org")));
	assert_ok(
	    directory_catch_all(w->d, S("example.org"), S("ben@example.org")));
	for (i = 0; i < ARRAY_LEN(table); i++) {
		assert_ok(
		    directory_resolve(w->d, table[i].address, &w->a, &hit));
		assert_true(str_eq(
		    address_local(hit.account.address), table[i].account));
		assert_true(str_eq(hit.detail, table[i].detail));
	}
	assert_int_equal(
	    directory_resolve(w->d, S("anna@other.org"), &w->a, &hit),
	    ST_NOT_FOUND);
}

static void
aliases_are_addresses(void **state)
{
	struct world *w = *state;
	struct str *list;
	size_t n;

	assert_int_equal(
	    directory_alias_add(w->d, w->anna.id, S("ben@example.org")),
	    ST_EXISTS);
	assert_int_equal(
	    directory_alias_add(w->d, w->anna.id, S("x@other.org")),
	    ST_NOT_FOUND);
	assert_ok(directory_alias_add(w->d, w->anna.id, S("x@example.org")));
	assert_int_equal(
	    directory_alias_add(w->d, w->ben.id, S("x@example.org")),
	    ST_EXISTS);
	assert_int_equal(
	    directory_alias_remove(w->d, w->ben.id, S("x@example.org")),
	    ST_NOT_FOUND);
	assert_ok(
	    directory_catch_all(w->d, S("example.org"), S("x@example.org")));
	assert_ok(directory_aliases(w->d, w->anna.id, &w->a, &list, &n));
	assert_int_equal(n, 1);
	assert_str(list[0], "x@example.org");
	/* The catch-all led through it. */
	assert_ok(directory_alias_remove(w->d, w->anna.id, S("x@example.org")));
	assert_ok(directory_aliases(w->d, w->anna.id, &w->a, &list, &n));
	assert_int_equal(n, 0);
	struct directory_domain *domains;
	assert_ok(directory_domains(w->d, &w->a, &domains, &n));
	assert_str(domains[0].catch_all, "");
}

static void
domains_go_when_they_are_empty(void **state)
{
	struct world *w = *state;
	struct directory_domain *list;
	size_t n;

	assert_int_equal(
	    directory_domain_add(w->d, S("example.org")), ST_EXISTS);
	assert_int_equal(
	    directory_domain_remove(w->d, S("none.org")), ST_NOT_FOUND);
	assert_int_equal(
	    directory_domain_remove(w->d, S("example.org")), ST_HAS_CHILDREN);
	assert_int_equal(directory_catch_all(
			     w->d, S("example.org"), S("nobody@example.org")),
	    ST_INVALID);
	assert_ok(directory_domains(w->d, &w->a, &list, &n));
	assert_int_equal(n, 1);
	assert_str(list[0].name, "example.org");
	assert_int_equal(list[0].accounts, 2);
	assert_ok(directory_account_remove(w->d, w->anna.id));
	assert_ok(directory_account_remove(w->d, w->ben.id));
	assert_int_equal(
	    directory_account_remove(w->d, w->ben.id), ST_NOT_FOUND);
	assert_ok(directory_domain_remove(w->d, S("example.org")));
}

static void
members_and_settings(void **state)
{
	struct world *w = *state;
	struct directory_account got;
	struct str *list;
	size_t n;

	assert_int_equal(
	    directory_is_member(w->d, w->ben.id, w->anna.id), ST_NOT_FOUND);
	assert_ok(directory_member_add(w->d, w->ben.id, w->anna.id));
	assert_ok(directory_member_add(w->d, w->ben.id, w->anna.id));
	assert_ok(directory_is_member(w->d, w->ben.id, w->anna.id));
	assert_int_equal(
	    directory_is_member(w->d, w->anna.id, w->ben.id), ST_NOT_FOUND);
	assert_ok(directory_members(w->d, w->ben.id, &w->a, &list, &n));
	assert_int_equal(n, 1);
	assert_str(list[0], "anna@example.org");
	w->anna.quota = 5ull << 32;
	w->anna.pop3 = false;
	assert_ok(directory_account_set(w->d, &w->anna));
	assert_ok(directory_account_remove(w->d, w->ben.id));
	directory_close(&w->d);
	assert_ok(directory_open(w->path, &w->d));
	assert_ok(directory_account_by_id(w->d, w->anna.id, &w->a, &got));
	assert_true(got.quota == 5ull << 32);
	assert_false(got.pop3);
	assert_true(got.imap);
}

static void
addresses_are_normalised(void **state)
{
	static const struct {
		struct str in;
		const char *out; /* NULL: none */
	} table[] = {
	    {STR_INIT("Anna@Example.ORG"), "anna@example.org"},
	    {STR_INIT("\"Anna\"@example.org"), "anna@example.org"},
	    {STR_INIT("a+B@x"), "a+b@x"},
	    {STR_INIT("\xc3\xa4@b\xc3\xbc.de"), "\xc3\xa4@xn--b-eha.de"},
	    {STR_INIT("\xc3\x84@B\xc3\x9c.de"), "\xc3\xa4@xn--b-eha.de"},
	    /* a and a combining diaeresis, u and one */
	    {STR_INIT("A\xcc\x88@bu\xcc\x88.de"), "\xc3\xa4@xn--b-eha.de"},
	    {STR_INIT("x@XN--B-EHA.de"), "x@xn--b-eha.de"},
	    {STR_INIT("x@stra\xc3\x9f"
		      "e.de"),
		"x@xn--strae-oqa.de"},
	    {STR_INIT("x@b\xc3\xbc\xe3\x80\x82"
		      "de"),
		"x@xn--b-eha.de"},
	    {STR_INIT("x@xn--b"), NULL},
	    {STR_INIT("x@xn--a-ecp.ru"), NULL},
	    {STR_INIT("x@b\xc3\xbc..de"), NULL},
	    {STR_INIT("anna"), NULL},
	    {STR_INIT("@example.org"), NULL},
	    {STR_INIT("anna@"), NULL},
	    {STR_INIT("an na@example.org"), NULL},
	    {STR_INIT("a\0b@example.org"), NULL},
	    {STR_INIT("anna@-x.org"), NULL},
	    {STR_INIT("anna@x..org"), NULL},
	    {STR_INIT("anna@x.org."), NULL},
	    {STR_INIT("\xff@x.org"), NULL},
	};
	struct world *w = *state;
	struct str out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].out) {
			assert_ok(address_normal(table[i].in, &w->a, &out));
			assert_str(out, table[i].out);
		} else {
			assert_int_equal(
			    address_normal(table[i].in, &w->a, &out),
			    ST_INVALID);
		}
	}
}

static void
a_domain_is_shown_as_it_is_read(void **state)
{
	struct world *w = *state;

	assert_str(address_readable(S("anna@xn--mller-kva.example"), &w->a),
	    "anna@m\xc3\xbcller.example");
	assert_str(domain_readable(S("example.org"), &w->a), "example.org");
	assert_str(domain_readable(S("xn--zzzzzzzz-"), &w->a), "xn--zzzzzzzz-");
}

/* One of before Past/ could be switched on. */
static void
an_older_one_is_upgraded(void **state)
{
	struct world *w = *state;
	struct directory_account got;
	sqlite3 *db;

	directory_close(&w->d);
	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
			     "ALTER TABLE account DROP COLUMN past_until;"
			     "PRAGMA user_version = 1",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_ok(directory_open(w->path, &w->d));
	assert_ok(directory_account_by_id(w->d, w->anna.id, &w->a, &got));
	assert_int_equal(got.past_until_ms, 0);
	got.past_until_ms = INT64_C(1790000000000);
	assert_ok(directory_account_set(w->d, &got));
	assert_ok(directory_account_by_id(w->d, w->anna.id, &w->a, &got));
	assert_true(got.past_until_ms == INT64_C(1790000000000));
}

/* A program of before this one does not touch it. */
static void
a_newer_one_is_refused(void **state)
{
	struct world *w = *state;
	struct directory *d;
	sqlite3 *db;

	directory_close(&w->d);
	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(directory_open(w->path, &d), ST_TOO_NEW);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(an_account_has_an_id_and_one_address),
	    TEST(resolve_goes_from_exact_to_catch_all),
	    TEST(aliases_are_addresses),
	    TEST(domains_go_when_they_are_empty),
	    TEST(members_and_settings),
	    TEST(addresses_are_normalised),
	    TEST(a_domain_is_shown_as_it_is_read),
	    TEST(an_older_one_is_upgraded),
	    TEST(a_newer_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
