#include "daemon/squeeze.h"

#include "base/test.h"

/* What one side says arrives at the other, in pieces and after idling. */
static void
round_trips_through_idle(void **state UNUSED)
{
	struct squeeze *a = squeeze_new(), *b = squeeze_new();
	struct buf wire, in, all;
	size_t plain = 0;

	buf_init(&wire, 1 << 20);
	buf_init(&in, 1000);
	buf_init(&all, 1 << 20);
	for (int i = 0; i < 50; i++) {
		struct buf *w = &wire;

		buf_clear(w);
		buf_addz(w, "=");
		for (int k = 0; k < 300; k++)
			buf_addf(w, "%d FETCH (FLAGS (\\Seen)) ", i * k);
		plain += w->n - 1;
		squeeze_out(a, w, 1);
		assert_int_equal(w->p[0], '=');
		buf_consume(w, 1);
		while (w->n || squeeze_pending(b)) {
			size_t n = min_size(w->n, 97);

			squeeze_in(b, str_of(w->p, n));
			buf_consume(w, n);
			assert_ok(squeeze_inflate(b, &in));
			buf_adds(&all, buf_str(&in));
			buf_clear(&in);
		}
		if (i % 3 == 0)
			squeeze_idle(a);
		if (i % 2 == 0)
			squeeze_idle(b);
	}
	assert_int_equal(all.n, plain);
	assert_true(
	    str_ends(buf_str(&all), S("14651 FETCH (FLAGS (\\Seen)) ")));
	squeeze_free(&a);
	squeeze_free(&b);
	buf_release(&wire);
	buf_release(&in);
	buf_release(&all);
}

static void
a_bomb_waits_and_rubbish_is_refused(void **state UNUSED)
{
	struct squeeze *a = squeeze_new(), *b = squeeze_new(),
		       *c = squeeze_new();
	struct buf wire, in;
	size_t got = 0;

	buf_init(&wire, 8 << 20);
	buf_init(&in, 1000);
	for (int i = 0; i < 1 << 20; i++)
		buf_addc(&wire, 'x');
	squeeze_out(a, &wire, 0);
	assert_true(wire.n < SQUEEZE_RAW);
	squeeze_in(b, buf_str(&wire));
	while (squeeze_pending(b)) {
		assert_ok(squeeze_inflate(b, &in));
		assert_true(in.n <= 1000);
		got += in.n;
		buf_clear(&in);
	}
	assert_int_equal(got, 1 << 20);
	squeeze_in(c, S("\xff\xff\xff\xffrubbish"));
	assert_int_equal(squeeze_inflate(c, &in), ST_CORRUPT);
	squeeze_free(&a);
	squeeze_free(&b);
	squeeze_free(&c);
	buf_release(&wire);
	buf_release(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trips_through_idle),
	    cmocka_unit_test(a_bomb_waits_and_rubbish_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
