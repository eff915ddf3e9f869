#include "base/test.h"
#include "store/change.h"

static void
a_change_crosses_whole(void **state UNUSED)
{
	struct viewer v = {S("ben@example.test"), RIGHT_READ | RIGHT_SEEN};
	struct origin o = {
	    S("ben@example.test"), S("c1"), S("imap"), S("mutt"), S("::1")};
	struct str words[] = {STR_INIT("$Forwarded"), STR_INIT("x")};
	struct change c = {.kind = CHANGE_FLAGS,
	    .viewer = &v,
	    .origin = &o,
	    .mailbox = 7,
	    .target = UINT64_MAX,
	    .name = S("Ordner/Ä"),
	    .op = FLAGS_REMOVE,
	    .flags = {FLAG_SEEN | FLAG_DRAFT, words, 2},
	    .conditional = true,
	    .unchanged_since = 1ULL << 60,
	    .special_use = USE_JUNK,
	    .quota = 5,
	    .at = 1ULL << 50,
	    .move_back = true,
	    .first = 4,
	    .last = 99,
	    .by = 3,
	    .events = (const uint64_t[]){7, 1ULL << 41, 12},
	    .n_events = 3};
	struct arena a = ARENA_INIT;
	struct change d;
	struct buf b;

	uidset_add(&c.uids, 1, 5);
	uidset_add(&c.uids, UINT32_MAX, UINT32_MAX);
	buf_init(&b, 10000);
	change_encode(&c, &b);
	assert_ok(change_decode(buf_str(&b), &a, &d));
	assert_int_equal(d.kind, CHANGE_FLAGS);
	assert_str(d.viewer->person, "ben@example.test");
	assert_int_equal(d.viewer->rights, RIGHT_READ | RIGHT_SEEN);
	assert_str(d.origin->client, "mutt");
	assert_str(d.origin->peer, "::1");
	assert_true(d.target == UINT64_MAX && d.mailbox == 7);
	assert_str(d.name, "Ordner/Ä");
	assert_int_equal(d.uids.n_ranges, 2);
	assert_int_equal(d.uids.ranges[0].last, 5);
	assert_true(d.uids.ranges[1].first == UINT32_MAX);
	assert_int_equal(d.op, FLAGS_REMOVE);
	assert_int_equal(d.flags.bits, FLAG_SEEN | FLAG_DRAFT);
	assert_str(d.flags.keywords[1], "x");
	assert_true(d.conditional && d.unchanged_since == 1ULL << 60);
	assert_int_equal(d.special_use, USE_JUNK);
	assert_true(d.at == 1ULL << 50 && d.move_back && !d.flags_back);
	assert_true(d.first == 4 && d.last == 99 && d.by == 3);
	assert_int_equal(d.n_events, 3);
	assert_memory_equal(d.events, c.events, 3 * sizeof(*c.events));
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(
		    change_decode(str_first(buf_str(&b), n), &a, &d),
		    ST_SYNTAX);
	uidset_release(&c.uids);
	buf_release(&b);
	arena_release(&a);
}

static void
an_answer_crosses_whole(void **state UNUSED)
{
	struct changed c = {.modseq = 9,
	    .mailbox = 3,
	    .uidvalidity = 77,
	    .recent_from = 4,
	    .recent_to = 6,
	    .brought = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1u << 31},
	    .more = true};
	struct arena a = ARENA_INIT;
	struct changed d;
	struct buf b;

	uidset_add(&c.from, 3, 4);
	uidset_add(&c.to, 10, 11);
	uidset_add(&c.modified, 2, 2);
	buf_init(&b, 1000);
	changed_encode(&c, &b);
	assert_ok(changed_decode(buf_str(&b), &a, &d));
	assert_int_equal(d.modseq, 9);
	assert_int_equal(d.mailbox, 3);
	assert_int_equal(d.uidvalidity, 77);
	assert_int_equal(d.from.ranges[0].first, 3);
	assert_int_equal(d.to.ranges[0].last, 11);
	assert_int_equal(d.modified.ranges[0].first, 2);
	assert_int_equal(d.recent_to, 6);
	assert_memory_equal(&d.brought, &c.brought, sizeof(c.brought));
	assert_true(d.more);
	uidset_release(&c.from);
	uidset_release(&c.to);
	uidset_release(&c.modified);
	buf_release(&b);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_change_crosses_whole),
	    cmocka_unit_test(an_answer_crosses_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
