#include "base/test.h"
#include "store/flagset.h"

static uint32_t
intern(struct flagsets *fs, const char *text)
{
	struct arena a = ARENA_INIT;
	struct flags f;
	uint32_t id;

	assert_ok(flags_parse(str_from(text), &a, &f));
	assert_ok(flagset_intern(fs, &f, &id));
	arena_release(&a);
	return id;
}

static void
equal_sets_share_an_id(void **state UNUSED)
{
	struct flagsets *fs = flagsets_new();
	uint32_t a = intern(fs, "\\Seen $Forwarded Work");

	assert_int_equal(intern(fs, ""), 1);
	assert_int_equal(intern(fs, "work \\seen $FORWARDED"), a);
	assert_str(flagset_get(fs, a)->text, "\\Seen $Forwarded Work");
	assert_int_equal(flagsets_count(fs), 2);
	flagsets_free(&fs);
	assert_null(fs);
}

static void
operations(void **state UNUSED)
{
	struct flagsets *fs = flagsets_new();
	struct str work[] = {STR_INIT("WORK")};
	struct flags add = {FLAG_SEEN | FLAG_DELETED, work, 1};
	uint32_t a = intern(fs, "\\Answered x"), b;

	assert_ok(flagset_apply(fs, a, FLAGS_ADD, &add, &b));
	assert_str(
	    flagset_get(fs, b)->text, "\\Answered \\Deleted \\Seen WORK x");
	assert_ok(flagset_apply(fs, b, FLAGS_REMOVE, &add, &b));
	assert_int_equal(a, b);
	assert_ok(flagset_apply(fs, a, FLAGS_SET, &add, &b));
	assert_str(flagset_get(fs, b)->text, "\\Deleted \\Seen WORK");
	flagsets_free(&fs);
}

static void
limits_and_bad_names(void **state UNUSED)
{
	struct flagsets *fs = flagsets_new();
	struct arena a = ARENA_INIT;
	struct str words[65];
	struct flags f = {0, words, 64}, parsed;
	uint32_t id = 7;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		words[i] = arena_printf(&a, "k%zu", i);
	assert_ok(flagset_intern(fs, &f, &id));
	f.bits = FLAG_SEEN;
	assert_int_equal(flagset_intern(fs, &f, &id), ST_LIMIT);
	f.bits = 0;
	f.n_keywords = 65;
	assert_int_equal(flagset_intern(fs, &f, &id), ST_LIMIT);
	words[0] = S("a b");
	f.n_keywords = 1;
	assert_int_equal(flagset_intern(fs, &f, &id), ST_INVALID);
	assert_int_equal(flags_parse(S("\\Foo"), &a, &parsed), ST_INVALID);
	arena_release(&a);
	flagsets_free(&fs);
}

static void
loads_in_order_only(void **state UNUSED)
{
	struct flagsets *fs = flagsets_new();

	assert_ok(flagset_load(fs, 1, S("")));
	assert_ok(flagset_load(fs, 2, S("\\Seen b")));
	assert_ok(flagset_load(fs, 4, S("\\Draft")));
	assert_int_equal(flagsets_count(fs), 4);
	assert_true(flagset_has(fs, 2));
	assert_false(flagset_has(fs, 3)); /* its row went */
	assert_int_equal(flagset_get(fs, 3)->text.n, 0);
	assert_true(flagset_has(fs, 4));
	assert_false(flagset_has(fs, 5));
	assert_int_equal(flagset_load(fs, 3, S("\\Flagged")), ST_CORRUPT);
	assert_int_equal(flagset_load(fs, 9, S("b \\Seen")), ST_CORRUPT);
	assert_int_equal(
	    flagset_load(fs, FLAGSETS_MAX + 1, S("\\Answered")), ST_CORRUPT);
	flagsets_free(&fs);
}

/* A row that went is written again when its set is asked for. */
static void
sets_to_save(void **state UNUSED)
{
	struct flagsets *fs = flagsets_new();
	const struct flags seen = {.bits = FLAG_SEEN};
	const struct flags draft = {.bits = FLAG_DRAFT};
	const uint32_t *ids;
	uint32_t id;

	assert_ok(flagset_intern(fs, &seen, &id));
	assert_ok(flagset_intern(fs, &draft, &id));
	assert_int_equal(id, 3);
	flagset_unsaved(fs, 2);
	flagset_unsaved(fs, 3);
	assert_int_equal(flagsets_to_save(fs, &ids), 0);
	assert_true(flagset_has(fs, 3));
	for (int i = 0; i < 2; i++) {
		assert_ok(flagset_intern(fs, &draft, &id));
		assert_int_equal(id, 3);
		assert_int_equal(flagsets_to_save(fs, &ids), 1);
		assert_int_equal(ids[0], 3);
	}
	assert_ok(flagset_intern(fs, &seen, &id));
	assert_int_equal(flagsets_to_save(fs, &ids), 2);
	flagsets_are_saved(fs, 1);
	assert_int_equal(flagsets_to_save(fs, &ids), 1);
	assert_int_equal(ids[0], 2);
	flagsets_are_saved(fs, 1);
	assert_int_equal(flagsets_to_save(fs, &ids), 0);
	flagsets_free(&fs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(equal_sets_share_an_id),
	    cmocka_unit_test(operations),
	    cmocka_unit_test(limits_and_bad_names),
	    cmocka_unit_test(loads_in_order_only),
	    cmocka_unit_test(sets_to_save),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
