#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "store/pack_int.h"
#include "store/store_int.h"

/* An account that is only a folder: a pack needs no more. */
struct fixture {
	char dir[64];
	struct store store;
	struct account account;
};

int
account_open_file(const struct account *a, const char *name, int flags)
{
	return openat(a->dir_fd, name, flags | O_CLOEXEC, 0600);
}

static int
setup(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f));

	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/pack-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->store.cfg.random = &random_system;
	f->store.cfg.clock = &clock_system;
	f->account.store = &f->store;
	f->account.dir_fd = open(f->dir, O_RDONLY | O_DIRECTORY);
	*state = f;
	return 0;
}

static int
remove_one(const char *path, const struct stat *sb UNUSED, int type UNUSED,
    struct FTW *ftw UNUSED)
{
	return remove(path);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	close(f->account.dir_fd);
	nftw(f->dir, remove_one, 10, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static struct incoming *
message(const char *text, size_t extra)
{
	struct incoming *in = incoming_new(-1, UINT64_MAX);
	uint32_t seed = 1;

	assert_ok(incoming_write(in, str_from(text)));
	for (size_t i = 0; i < extra; i++) {
		char c = (char)('a' + (seed >> 24) % 26);

		seed = seed * 1103515245 + 12345;
		assert_ok(incoming_write(in, str_of(&c, 1)));
	}
	assert_ok(incoming_finish(in));
	return in;
}

static struct place
append(struct pack *p, uint64_t id, bool last, struct incoming *in)
{
	struct pack_record r = {.kind = in ? PACK_MESSAGE : PACK_CREATE,
	    .id = id,
	    .group = id,
	    .last_of_group = last,
	    .mailbox = 7,
	    .uid = (uint32_t)id,
	    .flags = S("\\Seen x"),
	    .name = S("Work/A")};
	struct place place;
	uint64_t stored;

	assert_ok(pack_append(p, &r, in, &place, &stored));
	assert_int_equal(pack_end(p).offset, place.offset + stored);
	incoming_free(&in);
	return place;
}

struct seen {
	uint64_t ids[10];
	size_t n;
	uint32_t size;
};

static enum status
see(void *ctx, const struct pack_record *r, struct place place UNUSED,
    uint64_t stored UNUSED, struct place end UNUSED, struct str summary)
{
	struct seen *s = ctx;

	s->ids[s->n++] = r->id;
	if (r->kind == PACK_MESSAGE) {
		assert_str(r->flags, "\\Seen x");
		assert_int_equal(r->mailbox, 7);
		assert_true(summary.n > 0);
		s->size = (uint32_t)r->size;
	} else {
		assert_str(r->name, "Work/A");
	}
	return ST_OK;
}

static struct seen
replay(struct pack *p, struct place from)
{
	struct seen s = {0};

	assert_ok(pack_replay(p, from, see, &s));
	return s;
}

static void
reopen(struct fixture *f, struct pack **p)
{
	pack_close(p);
	assert_ok(pack_open(&f->account, (struct place){0, 0}, p));
}

static void
bytes_come_back_from_any_place(void **state)
{
	struct fixture *f = *state;
	struct pack *p;
	struct place place, small;
	struct buf b;

	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	small = append(p, 1, true, message("A: b\r\n\r\nbody", 0));
	place = append(p, 2, true, message("S: x\r\n\r\n", 1000000));
	buf_init(&b, 2000000);
	assert_ok(pack_read(p, small, 0, UINT64_MAX, &b));
	assert_str(buf_str(&b), "A: b\r\n\r\nbody");
	buf_clear(&b);
	assert_ok(pack_read(p, place, 0, UINT64_MAX, &b));
	assert_int_equal(b.n, 1000008);
	for (uint64_t at = 0; at < 1000008; at += 77777) {
		struct buf part;

		buf_init(&part, 5000);
		assert_ok(pack_read(p, place, at, 5000, &part));
		assert_memory_equal(part.p, b.p + at, part.n);
		assert_int_equal(part.n, min_size(5000, 1000008 - at));
		buf_release(&part);
	}
	buf_clear(&b);
	assert_ok(pack_read(p, place, 1000008, 10, &b));
	assert_int_equal(b.n, 0);
	buf_release(&b);
	pack_close(&p);
}

static void
a_prefix_stands_in_front(void **state)
{
	struct fixture *f = *state;
	struct incoming *in = message("A: b\r\n\r\nbody", 0);
	struct pack *p;
	struct place place;
	struct buf b;

	incoming_set_prefix(in, S("R: <x>\r\n"));
	assert_int_equal(incoming_size(in), 20);
	assert_int_equal(incoming_header_size(in), 16);
	assert_int_equal(incoming_summary(in)->parts[0].body_at, 16);
	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	place = append(p, 1, true, in);
	buf_init(&b, 100);
	assert_ok(pack_read(p, place, 0, 100, &b));
	assert_str(buf_str(&b), "R: <x>\r\nA: b\r\n\r\nbody");
	buf_release(&b);
	pack_close(&p);
}

static void
replay_finds_whole_groups_and_cuts_the_tail(void **state)
{
	struct fixture *f = *state;
	struct pack *p;
	struct place end, third;
	struct seen s;

	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	(void)append(p, 1, true, NULL);
	(void)append(p, 2, true, message("A: b\r\n\r\nbody", 0));
	end = pack_end(p);
	third = append(p, 3, false, message("C: d\r\n\r\n", 0));
	reopen(f, &p);
	s = replay(p, (struct place){0, 0});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 1);
	assert_int_equal(s.ids[1], 2);
	assert_int_equal(s.size, 12);
	/* The third was not the last of its group. */
	assert_int_equal(pack_end(p).offset, end.offset);
	assert_int_equal(third.offset, end.offset);
	/* A record of which the last byte is missing. */
	(void)append(p, 4, true, message("A: b\r\n\r\nbody", 0));
	assert_int_equal(ftruncate(p->fd, (off_t)p->end - 1), 0);
	reopen(f, &p);
	s = replay(p, end);
	assert_int_equal(s.n, 0);
	assert_int_equal(pack_end(p).offset, end.offset);
	pack_close(&p);
}

static void
damage_in_the_middle_is_skipped(void **state)
{
	struct fixture *f = *state;
	struct pack *p;
	struct place second;
	struct seen s;
	char c = '!';

	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	(void)append(p, 1, true, message("A: b\r\n\r\none", 0));
	second = append(p, 2, true, message("A: b\r\n\r\nMSRC two", 0));
	(void)append(p, 3, true, message("A: b\r\n\r\nthree", 0));
	assert_int_equal(pwrite(p->fd, &c, 1, (off_t)second.offset + 40), 1);
	reopen(f, &p);
	s = replay(p, (struct place){0, 0});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[0], 1);
	assert_int_equal(s.ids[1], 3);
	pack_close(&p);
}

/* Of 300,008 bytes, received into a file that can be linked. */
static struct incoming *
large(const struct fixture *f)
{
	struct incoming *in = incoming_new(
	    open(f->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), UINT64_MAX);
	char c = 'x';

	assert_ok(incoming_write(in, S("A: b\r\n\r\n")));
	for (uint32_t i = 0, x = 1; i < 300000; i++) {
		c = (char)('a' + (x >> 24) % 26);
		x = x * 1103515245 + 12345;
		assert_ok(incoming_write(in, str_of(&c, 1)));
	}
	assert_ok(incoming_finish(in));
	return in;
}

static void
a_large_message_has_its_own_file(void **state)
{
	struct fixture *f = *state;
	struct pack *p;
	struct place end, place;
	struct buf all, part;
	struct stat sb;
	struct seen s;
	size_t n = 0;

	f->store.apart_min = 100000;
	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	(void)append(p, 1, true, message("A: b\r\n\r\none", 0));
	end = pack_end(p);
	place = append(p, 2, true, large(f));
	assert_true(pack_end(p).offset - place.offset < 1000);
	assert_int_equal(fstatat(f->account.dir_fd, "large-2", &sb, 0), 0);
	/* S42: the file, the folder, the pack. */
	for (; pack_unsynced(p); n++) {
		int fd = pack_sync_fd(p);

		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(n, 3);
	buf_init(&all, 1 << 20);
	buf_init(&part, 1 << 20);
	reopen(f, &p);
	assert_ok(pack_read(p, place, 0, UINT64_MAX, &all));
	assert_int_equal(all.n, 300008);
	assert_ok(pack_read(p, place, 299000, 500, &part));
	assert_memory_equal(part.p, all.p + 299000, 500);
	s = replay(p, (struct place){0, 0});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.size, 300008);
	/* A turn that fails takes its file along. */
	(void)append(p, 3, true, large(f));
	assert_int_equal(fstatat(f->account.dir_fd, "large-3", &sb, 0), 0);
	assert_ok(pack_cut(p, end));
	assert_int_equal(fstatat(f->account.dir_fd, "large-3", &sb, 0), -1);
	buf_release(&all);
	buf_release(&part);
	pack_close(&p);
}

/* As deliver sends it: all in a memfd, with a trace in front (P4). */
static void
a_large_message_of_another_process_is_moved(void **state)
{
	struct fixture *f = *state;
	struct incoming *sent = large(f), *in;
	struct pack *p;
	struct place place;
	struct buf text, all;
	enum status st = ST_BUSY;
	struct stat sb;
	int fd, calls = 0;

	f->store.apart_min = 100000;
	buf_init(&text, 1 << 16);
	fd = incoming_fd(sent);
	assert_true(fd >= 0);
	incoming_encode(sent, &text);
	assert_ok(incoming_decode(buf_str(&text), dup(fd), &in));
	incoming_free(&sent);
	assert_false(incoming_is_large(in));
	incoming_set_prefix(in, S("R: <x>\r\n"));
	fd = open(f->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	for (; st == ST_BUSY; calls++)
		st = incoming_move(in, fd);
	assert_ok(st);
	assert_int_equal(calls, 1); /* 3 frames */
	assert_int_equal(incoming_size(in), 300016);
	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	place = append(p, 1, true, in);
	assert_int_equal(fstatat(f->account.dir_fd, "large-1", &sb, 0), 0);
	reopen(f, &p);
	buf_init(&all, 1 << 20);
	assert_ok(pack_read(p, place, 0, UINT64_MAX, &all));
	assert_int_equal(all.n, 300016);
	assert_memory_equal(all.p, "R: <x>\r\nA: b\r\n\r\n", 16);
	assert_int_equal(replay(p, (struct place){0, 0}).n, 1);
	buf_release(&all);
	buf_release(&text);
	pack_close(&p);
}

static void
a_large_message_with_a_wrong_byte_is_none(void **state)
{
	struct fixture *f = *state;
	struct pack *p;
	struct place place;
	struct seen s;
	struct buf b;
	int fd;

	f->store.apart_min = 100000;
	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	place = append(p, 1, true, large(f));
	fd = openat(f->account.dir_fd, "large-1", O_WRONLY);
	assert_int_equal(pwrite(fd, "!", 1, 1000), 1);
	close(fd);
	buf_init(&b, 1 << 20);
	assert_int_equal(pack_read(p, place, 0, UINT64_MAX, &b), ST_CORRUPT);
	buf_release(&b);
	reopen(f, &p);
	s = replay(p, (struct place){0, 0});
	assert_int_equal(s.n, 0);
	assert_int_equal(pack_end(p).offset, PACK_HEADER);
	pack_close(&p);
}

static void
what_is_given_up_is_never_replayed(void **state)
{
	struct fixture *f = *state;
	struct pack *p;
	struct place end;
	struct seen s;

	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	(void)append(p, 1, true, message("A: b\r\n\r\none", 0));
	end = pack_end(p);
	(void)append(p, 2, true, message("A: b\r\n\r\ntwo", 0));
	assert_ok(pack_give_up(p, end));
	assert_int_equal(pack_end(p).pack, 2);
	(void)append(p, 3, true, message("A: b\r\n\r\nthree", 0));
	reopen(f, &p);
	s = replay(p, (struct place){0, 0});
	assert_int_equal(s.n, 2);
	assert_int_equal(s.ids[1], 3);
	pack_close(&p);
}

static void
a_pack_shorter_than_its_rows_is_corrupt(void **state)
{
	struct fixture *f = *state;
	struct pack *p;

	assert_ok(pack_open(&f->account, (struct place){0, 0}, &p));
	pack_close(&p);
	assert_int_equal(
	    pack_open(&f->account, (struct place){1, 1000}, &p), ST_CORRUPT);
	pack_close(&p);
	assert_int_equal(
	    pack_open(&f->account, (struct place){2, 64}, &p), ST_CORRUPT);
	pack_close(&p);
}

static void
another_process_gets_the_same(void **state UNUSED)
{
	struct incoming *in = message("A: b\r\n\r\n", 300000), *got;
	struct str words[] = {STR_INIT("Work")};
	struct flags flags = {FLAG_SEEN, words, 1};
	struct buf text, a, b;
	int64_t ms;
	int32_t zone;

	incoming_set_flags(in, &flags);
	incoming_set_date(in, 1234567, 60);
	buf_init(&text, 1000);
	assert_true(incoming_fd(in) >= 0);
	incoming_encode(in, &text);
	assert_ok(incoming_decode(buf_str(&text), dup(incoming_fd(in)), &got));
	assert_int_equal(incoming_size(got), 300008);
	assert_int_equal(incoming_flags(got)->bits, FLAG_SEEN);
	assert_str(incoming_flags(got)->keywords[0], "Work");
	incoming_date(got, 0, &ms, &zone);
	assert_int_equal(ms, 1234567);
	assert_int_equal(zone, 60);
	buf_init(&a, 1000000);
	buf_init(&b, 1000000);
	assert_ok(incoming_stored(
	    in, 0, (size_t)frames_stored(incoming_frames(in)), &a));
	assert_ok(incoming_stored(
	    got, 0, (size_t)frames_stored(incoming_frames(got)), &b));
	assert_true(a.n > 1000 && str_eq(buf_str(&a), buf_str(&b)));
	buf_release(&text);
	buf_release(&a);
	buf_release(&b);
	incoming_free(&in);
	incoming_free(&got);
}

static void
limits_of_incoming(void **state UNUSED)
{
	struct incoming *in = incoming_new(-1, 10);

	assert_int_equal(incoming_write(in, S("a\0b")), ST_INVALID);
	assert_ok(incoming_write(in, S("1234567890")));
	assert_int_equal(incoming_write(in, S("1")), ST_LIMIT);
	incoming_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		bytes_come_back_from_any_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_prefix_stands_in_front, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		replay_finds_whole_groups_and_cuts_the_tail, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		damage_in_the_middle_is_skipped, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_large_message_has_its_own_file, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_large_message_of_another_process_is_moved, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_large_message_with_a_wrong_byte_is_none, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		what_is_given_up_is_never_replayed, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_pack_shorter_than_its_rows_is_corrupt, setup, teardown),
	    cmocka_unit_test(another_process_gets_the_same),
	    cmocka_unit_test(limits_of_incoming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
