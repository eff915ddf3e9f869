#include "net/channel.h"

#include <unistd.h>

#include "base/test.h"

struct side {
	struct channel *c;
	unsigned type;
	size_t n, bytes;
	char last[16];
	int fd;
	bool closed;
	bool free_at_once;
};

static void
message(void *ctx, struct channel *c UNUSED, struct packet *m)
{
	struct side *s = ctx;

	s->type = m->type;
	s->n++;
	s->bytes += m->body.n;
	memset(s->last, 0, sizeof(s->last));
	memcpy(s->last, m->body.p, min_size(m->body.n, sizeof(s->last) - 1));
	if (m->n_fds)
		s->fd = packet_take(m, 0);
	if (s->free_at_once)
		channel_free(&s->c);
}

static void
closed(void *ctx, struct channel *c UNUSED)
{
	((struct side *)ctx)->closed = true;
}

static const struct channel_ops ops = {message, closed};

static void
carries_messages_and_descriptors(void **state UNUSED)
{
	struct loop *l = loop_new();
	struct side a = {.fd = -1}, b = {.fd = -1};
	int ends[2], p[2];
	char x;

	assert_true(channel_pair(ends));
	a.c = channel_new(l, ends[0], &ops, &a);
	b.c = channel_new(l, ends[1], &ops, &b);
	assert_int_equal(pipe(p), 0);
	assert_ok(channel_send(a.c, 300, S("hello"), &p[1], 1));
	assert_ok(channel_send(a.c, 7, S(""), NULL, 0));
	loop_once(l, 100);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.type, 7);
	assert_true(b.fd >= 0);
	assert_int_equal(write(b.fd, "z", 1), 1);
	assert_int_equal(read(p[0], &x, 1), 1);
	assert_int_equal(x, 'z');
	channel_free(&a.c);
	loop_once(l, 100);
	assert_true(b.closed);
	assert_int_equal(channel_send(b.c, 1, S("x"), NULL, 0), ST_CLOSED);
	channel_free(&b.c);
	close(p[0]);
	close(b.fd);
	loop_free(&l);
}

static void
queues_and_is_bounded(void **state UNUSED)
{
	struct loop *l = loop_new();
	struct side a = {.fd = -1}, b = {.fd = -1};
	static char big[CHANNEL_MESSAGE - 2];
	size_t sent = 0;
	int ends[2];

	assert_true(channel_pair(ends));
	a.c = channel_new(l, ends[0], &ops, &a);
	b.c = channel_new(l, ends[1], &ops, &b);
	while (channel_send(a.c, 1, str_of(big, sizeof(big)), NULL, 0) == ST_OK)
		sent++;
	assert_true(sent >= CHANNEL_QUEUE_BYTES / CHANNEL_MESSAGE);
	assert_true(sent < CHANNEL_QUEUE_BYTES / CHANNEL_MESSAGE + 16);
	assert_int_equal(
	    channel_send(a.c, 1, str_of(big, sizeof(big) + 1), NULL, 0),
	    ST_LIMIT);
	for (int i = 0; i < 1000 && b.n < sent; i++)
		loop_once(l, 100);
	assert_int_equal(b.n, sent);
	assert_int_equal(b.bytes, sent * sizeof(big));
	channel_free(&a.c);
	channel_free(&b.c);
	loop_free(&l);
}

static void
may_be_freed_by_its_own_message(void **state UNUSED)
{
	struct loop *l = loop_new();
	struct side a = {.fd = -1}, b = {.fd = -1, .free_at_once = true};
	int ends[2];

	assert_true(channel_pair(ends));
	a.c = channel_new(l, ends[0], &ops, &a);
	b.c = channel_new(l, ends[1], &ops, &b);
	channel_tell(a.c, 1, S("one"));
	channel_tell(a.c, 2, S("two"));
	loop_once(l, 100);
	assert_int_equal(b.n, 1);
	assert_null(b.c);
	loop_once(l, 100);
	assert_true(a.closed);
	channel_free(&a.c);
	loop_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(carries_messages_and_descriptors),
	    cmocka_unit_test(queues_and_is_bounded),
	    cmocka_unit_test(may_be_freed_by_its_own_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
