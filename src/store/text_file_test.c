/* The file of the text index: damage hides nothing, what is dead goes. */
#include <sys/stat.h>

#include "store/fixture_tend.h"
#include "store/text_world.h"

#define DAY INT64_C(86400000)

static void
count_call(void *ctx, struct account *a UNUSED)
{
	++*(unsigned *)ctx;
}

static struct text_place
first_segment(struct world *w)
{
	struct text_layout l = {0};
	struct text_header h;
	struct text_place p;
	int fd = text_index_file(w->f.a, O_RDONLY, &h);

	assert_true(fd >= 0);
	assert_ok(text_layout_read(fd, h.end, &l));
	assert_int_equal(l.n_places, 1);
	p = l.places[0];
	assert_int_equal(h.end, p.at + p.f.table + p.f.sets);
	free(l.places);
	close(fd);
	return p;
}

static void
read_file(struct world *w, uint64_t n, struct buf *out)
{
	int fd = account_open_file(w->f.a, TEXT_INDEX_NAME, O_RDONLY);
	char *to = buf_reserve(out, n);

	assert_non_null(to);
	assert_int_equal(read(fd, to, n), n);
	buf_commit(out, n);
	close(fd);
}

static void
put_back(struct world *w, const struct buf *file)
{
	int fd = account_open_file(
	    w->f.a, TEXT_INDEX_NAME, O_WRONLY | O_CREAT | O_TRUNC);

	assert_int_equal(write(fd, file->p, file->n), file->n);
	close(fd);
	/* What has been looked at is trusted until then. */
	fixture_reopen(&w->f);
}

/* Damaged at `at`, it is noticed, rules nothing out, and is dropped. */
static void
damage_is_noticed(struct world *w, uint64_t at)
{
	struct text_proof proof;
	struct tally t;
	unsigned calls = 0;

	w->f.store->cfg.host.ctx = &calls;
	w->f.store->cfg.host.text_behind = count_call;
	damage(w, at);
	assert_int_equal(text_index_verify(w->f.a, &proof), ST_CORRUPT);
	assert_true(proof.at <= at);
	search_all(w);
	assert_false(has_file(w));
	assert_int_equal(calls, 1);
	t = absent(w);
	assert_int_equal(t.out, 0);
}

static void
a_flipped_bit_hides_nothing(void **state)
{
	struct world *w = world_of(state);
	struct text_place p;
	struct text_proof proof;
	struct tally sound, anew;
	struct buf file;

	assert_int_equal(text_index_verify(w->f.a, &proof), ST_NOT_FOUND);
	assert_int_equal(index_all(w), INDEXED);
	assert_ok(text_index_verify(w->f.a, &proof));
	assert_int_equal(proof.messages, INDEXED);
	p = first_segment(w);
	assert_int_equal(proof.at, p.at + p.f.table + p.f.sets);
	sound = absent(w);
	assert_true(sound.out > 0);
	buf_init(&file, 1 << 30);
	read_file(w, proof.at, &file);

	const uint64_t places[] = {TEXT_HEADER + 9, /* the segment's size */
	    TEXT_HEADER + 57,                       /* its sum */
	    p.at, p.at + p.f.table - 1, p.at + p.f.table, /* the sets */
	    p.at + p.f.table + p.f.sets / 2, proof.at - 1};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		put_back(w, &file);
		damage_is_noticed(w, places[i]);
	}
	buf_release(&file);
	assert_int_equal(index_all(w), INDEXED);
	assert_ok(text_index_verify(w->f.a, &proof));
	anew = absent(w);
	assert_int_equal(anew.out, sound.out);
}

static void
a_header_of_no_use_is_dropped(void **state)
{
	struct world *w = world_of(state);
	struct text_proof proof;
	struct tally t;

	assert_int_equal(index_all(w), INDEXED);
	damage(w, 9);
	assert_int_equal(text_index_verify(w->f.a, &proof), ST_CORRUPT);
	assert_int_equal(proof.at, 0);
	assert_null(text_index_open(w->f.a));
	fixture_reopen(&w->f);
	assert_false(has_file(w));
	assert_int_equal(index_all(w), INDEXED);
	damage(w, 9);
	assert_int_equal(index_all(w), INDEXED); /* by the keeper itself */
	t = absent(w);
	assert_true(t.out > 0);
}

/* Gone for good: the first n. */
static void
lose(struct world *w, size_t n)
{
	static struct timeline times;
	struct tender_report r;
	size_t before = w->first;

	fixture_pass(&w->f, &times, DAY);
	assert_ok(fixture_uids(&w->f, CHANGE_EXPUNGE, "INBOX", NULL,
	    (uint32_t)before + 1, (uint32_t)n));
	fixture_pass(&w->f, &times, 8 * DAY);
	assert_ok(fixture_flags(&w->f, "INBOX", FLAGS_SET,
	    before ? 0 : FLAG_SEEN, MESSAGES, MESSAGES));
	r = fixture_tend(&w->f, &times, 7 * DAY);
	assert_int_equal(r.messages, n - before);
	w->first = n;
}

static uint64_t
header_of(struct world *w, struct text_header *h)
{
	int fd = text_index_file(w->f.a, O_RDONLY, h);
	struct stat sb;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &sb), 0);
	close(fd);
	return sb.st_ino;
}

/* Of the sound ones; each speaks of messages that are there. */
static void
is_whole(struct world *w, uint64_t messages)
{
	struct text_proof proof;
	struct text_header h;

	assert_ok(text_index_verify(w->f.a, &proof));
	assert_int_equal(proof.messages, messages);
	header_of(w, &h);
	assert_int_equal(h.messages, messages);
	assert_int_equal(h.end, proof.at);
	search_all(w);
}

static void
what_is_gone_goes_from_the_index(void **state)
{
	struct world *w = world_of(state);
	struct text_header full, h;
	struct tally before, after;
	uint64_t inode;
	int fd;

	assert_int_equal(index_all(w), INDEXED);
	inode = header_of(w, &full);
	lose(w, 170); /* one less than a third, and too few */
	assert_int_equal(index_all(w), 0);
	assert_int_equal(header_of(w, &h), inode);
	assert_int_equal(h.counted, w->f.a->history_from);
	is_whole(w, INDEXED);
	lose(w, 300);
	before = absent(w);
	assert_true(before.out > 0);
	/* A run was killed: what it left is no matter. */
	fd =
	    account_open_file(w->f.a, TEXT_INDEX_NAME ".new", O_RDWR | O_CREAT);
	assert_int_equal(write(fd, "rubbish", 7), 7);
	close(fd);
	assert_int_equal(index_all(w), 0);
	assert_int_equal(
	    faccessat(w->f.a->dir_fd, TEXT_INDEX_NAME ".new", F_OK, 0), -1);
	assert_true(header_of(w, &h) != inode);
	assert_int_equal(h.last, full.last);
	assert_int_equal(h.counted, w->f.a->history_from);
	assert_true(h.end < full.end / 2 + full.end / 20);
	is_whole(w, INDEXED - 300);
	after = absent(w);
	assert_int_equal(after.absent, before.absent);
	assert_int_equal(after.out, before.out);
	/* Nothing more can be dead: it is not even looked at. */
	inode = header_of(w, &h);
	damage(w, TEXT_HEADER + TEXT_FIXED);
	assert_int_equal(index_all(w), 0);
	assert_int_equal(header_of(w, &h), inode);
	damage(w, TEXT_HEADER + TEXT_FIXED); /* as it was */
	is_whole(w, INDEXED - 300);
}

static void
a_damaged_index_is_not_copied(void **state)
{
	struct world *w = world_of(state);
	struct text_header h;

	assert_int_equal(w->first, 300); /* by the test before */
	/* What is there is indexed from the beginning. */
	assert_int_equal(index_all(w), MESSAGES - 300);
	lose(w, MESSAGES - 1);
	header_of(w, &h);
	damage(w, h.end - 1);
	assert_int_equal(index_all(w), 0);
	header_of(w, &h);
	assert_int_equal(h.end, TEXT_HEADER);
	assert_int_equal(h.last, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_flipped_bit_hides_nothing),
	    cmocka_unit_test(a_header_of_no_use_is_dropped),
	    cmocka_unit_test(what_is_gone_goes_from_the_index),
	    cmocka_unit_test(a_damaged_index_is_not_copied),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
