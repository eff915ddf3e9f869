/*
 * The index against the texts themselves: what is in a message is never ruled
 * out, whatever its charset and structure; what is not there mostly is.
 */
#include "store/text_world.h"

static void
what_is_there_is_never_ruled_out(void **state)
{
	struct world *w = world_of(state);
	struct tally header = {0}, text = {0};
	struct text_index *x;

	assert_null(text_index_open(w->f.a));
	assert_int_equal(index_all(w), INDEXED);
	assert_int_equal(index_all(w), 0); /* what is left is too few */
	x = text_index_open(w->f.a);
	assert_non_null(x);
	for (unsigned i = 0; i < 400; i++) {
		size_t from = chance(w, MESSAGES);

		compare(w, x, pick(w, buf_str(&w->fields[from])),
		    TEXT_IN_HEADER, &header);
		compare(
		    w, x, pick(w, buf_str(&w->body[from])), TEXT_IN_ALL, &text);
		compare(
		    w, x, pick(w, buf_str(&w->all[from])), TEXT_IN_ALL, &text);
	}
	assert_true(header.out * 10 > header.absent * 9);
	assert_true(text.out * 10 > text.absent * 8);
	text_index_close(&x);
}

/* P10: who has to be opaque now was not when it was read. */
static void
what_is_opaque_is_not_ruled_out(void **state)
{
	struct world *w = world_of(state);
	struct tally t;

	assert_int_equal(index_all(w), INDEXED);
	store_opaque(w->f.store, account_id(w->f.a), w->ids[3]);
	t = absent(w);
	assert_int_equal(t.out, t.absent - 1);
	assert_ok(text_index_drop(w->f.a));
	assert_null(text_index_open(w->f.a));
}

/* An older mail.db in the place of this one: ids will be given again. */
static void
an_index_of_ids_to_come_goes(void **state)
{
	struct world *w = world_of(state);
	struct text_header h;
	struct buf b;
	int fd;

	assert_int_equal(index_all(w), INDEXED);
	fixture_reopen(&w->f);
	fd = text_index_file(w->f.a, O_RDWR, &h);
	assert_true(fd >= 0);
	h.last = w->f.a->next_id;
	buf_init(&b, TEXT_HEADER);
	text_header_put(&h, &b);
	assert_int_equal(pwrite(fd, b.p, b.n, 0), TEXT_HEADER);
	close(fd);
	fixture_reopen(&w->f);
	assert_int_equal(
	    faccessat(w->f.a->dir_fd, TEXT_INDEX_NAME, F_OK, 0), -1);
	buf_release(&b);
}

/* The keeper died while it read a message: by the header that it left. */
static void
die_of(struct world *w, size_t i)
{
	int fd = account_open_file(w->f.a, TEXT_INDEX_NAME, O_RDWR);
	struct buf b;

	assert_true(fd >= 0);
	buf_init(&b, 8);
	wire_put_u64(&b, w->ids[i]);
	assert_int_equal(pwrite(fd, b.p, b.n, TEXT_TRYING), 8);
	buf_release(&b);
	close(fd);
}

static void
a_message_that_kills_is_left_out(void **state)
{
	struct world *w = world_of(state);
	struct text_indexer_config cfg;
	struct text_indexer *x;
	struct tally t = {0};
	struct text_index *index;

	cfg = config(w);
	assert_ok(text_indexer_open(&cfg, &x)); /* makes the file */
	text_indexer_close(&x);
	die_of(w, 5);
	assert_int_equal(index_all(w), INDEXED - 1);
	index = text_index_open(w->f.a);
	compare(w, index, S("zz never said"), TEXT_IN_ALL, &t);
	assert_int_equal(t.out, t.absent - 1);
	text_index_close(&index);
	assert_ok(text_index_drop(w->f.a));
	for (int i = 0; i < 2; i++) {
		assert_ok(text_indexer_open(&cfg, &x));
		text_indexer_close(&x);
		die_of(w, 5);
	}
	assert_int_equal(index_all(w), 0);
	assert_null(text_index_open(w->f.a)); /* no segment */
}

static void
runs_and_sizes(void **state UNUSED)
{
	static struct grams g, pieces;
	uint32_t grams[8];
	struct buf a, b;

	assert_int_equal(grams_of(S("abc"), grams, 8), 0);
	assert_int_equal(grams_of(S("abc\r\ndef"), grams, 8), 0);
	assert_int_equal(grams_of(S("abcd\nefghi"), grams, 8), 6);
	grams_clear(&g);
	grams_clear(&pieces);
	assert_int_equal(grams_size(&g), GRAMS_LEAST_BITS);
	grams_add(&g, S("abcdef\r\nghijk"));
	grams_add(&pieces, S("abc"));
	grams_add(&pieces, S("def\r"));
	grams_add(&pieces, S("\ngh"));
	grams_add(&pieces, S("ijk"));
	assert_memory_equal(g.bits, pieces.bits, sizeof(g.bits));
	grams_break(&pieces);
	grams_add(&pieces, S("xyz"));
	assert_memory_equal(g.bits, pieces.bits, sizeof(g.bits));
	buf_init(&a, 1 << 15);
	grams_put(&g, GRAMS_MOST_BITS, &a);
	assert_int_equal(a.n, 1 << 15);
	buf_init(&b, 1 << 15);
	grams_put(&g, 6, &b);
	assert_int_equal(b.n, 8);
	assert_int_equal(grams_of(S("abcdef"), grams, 8), 6);
	for (size_t i = 0; i < 6; i++) {
		uint32_t bit = gram_bit(grams[i], 6);

		assert_true(b.p[bit / 8] >> bit % 8 & 1);
		assert_true(a.p[grams[i] / 8] >> grams[i] % 8 & 1);
	}
	/* A text with nearly every run rules nothing out. */
	memset(g.bits, 0x7f, sizeof(g.bits));
	assert_int_equal(grams_size(&g), 0);
	buf_release(&a);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_and_sizes),
	    cmocka_unit_test(what_is_there_is_never_ruled_out),
	    cmocka_unit_test(what_is_opaque_is_not_ruled_out),
	    cmocka_unit_test(an_index_of_ids_to_come_goes),
	    cmocka_unit_test(a_message_that_kills_is_left_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
