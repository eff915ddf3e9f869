#include "cli/import.h"

#include "base/test.h"

static void
from_lines(void **state UNUSED)
{
	static const struct {
		struct str line;
		int64_t s; /* 0: none */
	} table[] = {
	    {STR_INIT("From anna Mon Jan  1 12:00:00 2024"), 1704110400},
	    {STR_INIT("From a b@x Mon Jan 1 12:00:00 2024\r\n"), 1704110400},
	    {STR_INIT("From anna@x Mon Jan  1 12:00 2024"), 1704110400},
	    {STR_INIT("From - Mon Jan 01 12:00:00 +0000 2024"), 1704110400},
	    {STR_INIT("From anna Mon Jan 41 12:00:00 2024"), 0},
	    {STR_INIT("From here to there"), 0},
	    {STR_INIT("From "), 0},
	    {STR_INIT(">From anna Mon Jan  1 12:00:00 2024"), 0},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct import_facts f = {0};

		assert_int_equal(
		    import_from_line(table[i].line, &f), table[i].s != 0);
		assert_int_equal(f.dated, table[i].s != 0);
		assert_int_equal(f.date_ms, table[i].s * 1000);
	}
}

static void
maildir_flags(void **state UNUSED)
{
	struct str letters[26] = {S("$Label1"), S("")};
	struct import_facts f = {0};
	struct arena a = ARENA_INIT;

	import_maildir_flags(S("1.a.b:2,DFPRSTabZ"), letters, &a, &f);
	assert_int_equal(f.bits, FLAG_SYSTEM);
	assert_int_equal(f.n_keywords, 2);
	assert_str(f.keywords[0], "$Forwarded");
	assert_str(f.keywords[1], "$Label1");
	f = (struct import_facts){0};
	import_maildir_flags(S("1.a.S:1,S"), letters, &a, &f);
	assert_int_equal(f.bits, 0);
	assert_int_equal(f.n_keywords, 0);
	arena_release(&a);
}

/* What the tables say must be told by help and be free of traps. */
static void
rows_are_well_formed(void **state UNUSED)
{
	size_t i, j;

	assert_true(n_cli_rows > 0);
	for (i = 0; i < n_cli_rows; i++) {
		assert_non_null(cli_rows[i].run);
		assert_true(cli_rows[i].least <= cli_rows[i].most);
		assert_true(strlen(cli_rows[i].summary) > 0);
		for (j = i + 1; j < n_cli_rows; j++)
			assert_string_not_equal(
			    cli_rows[i].verb, cli_rows[j].verb);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(from_lines),
	    cmocka_unit_test(maildir_flags),
	    cmocka_unit_test(rows_are_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
