#include "base/test.h"
#include "imap/section.h"

static bool
parse(struct arena *a, const char *text, bool binary, struct section *out)
{
	struct imap_parse p;

	*out = (struct section){0};
	imap_parse_init(&p, str_from(text), false, a);
	return (binary ? section_parse_binary(&p, out)
		       : section_parse(&p, out)) &&
	    p.p == p.end;
}

static void
assert_round(const char *text, const char *written)
{
	struct arena a = ARENA_INIT;
	struct section s;
	struct buf b;

	buf_init(&b, 1000);
	assert_true(parse(&a, text, false, &s));
	section_write(&s, &b);
	assert_str(buf_str(&b), written);
	buf_release(&b);
	arena_release(&a);
}

static void
test_write(void **state)
{
	(void)state;
	assert_round("[]", "[]");
	assert_round("[header]", "[HEADER]");
	assert_round("[1]", "[1]");
	assert_round("[4.2.1.mime]", "[4.2.1.MIME]");
	assert_round("[3.Text]", "[3.TEXT]");
	assert_round(
	    "[HEADER.FIELDS (From \"To\")]", "[HEADER.FIELDS (From To)]");
	assert_round("[2.header.fields.not (\"a b\")]",
	    "[2.HEADER.FIELDS.NOT (\"a b\")]");
}

static void
test_refuse(void **state)
{
	static const char *const bad[] = {"[", "[0]", "[1.]", "[.1]", "[MIME]",
	    "[1.FOO]", "[HEADER.FIELDS]", "[HEADER.FIELDS ()]",
	    "[HEADER.FIELDS (a b]", "[HEADERS]", "[1 ]", "[1.0]",
	    "[4294967296]"};
	struct arena a = ARENA_INIT;
	struct section s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(parse(&a, bad[i], false, &s));
	assert_true(parse(&a, "[1.2]", true, &s));
	assert_true(parse(&a, "[]", true, &s));
	assert_false(parse(&a, "[1.MIME]", true, &s));
	assert_false(parse(&a, "[TEXT]", true, &s));
	arena_release(&a);
}

/*
 * RFC 9051 6.4.5.1, in small: multipart/mixed of a text, a message/rfc822
 * that holds a multipart of two texts, and a message/rfc822 of one text.
 */
static struct summary_part parts[] = {
    {.kind = PART_MULTIPART,
	.header_size = 100,
	.body_at = 100,
	.body_size = 900,
	.first_child = 1,
	.n_children = 3},
    {.number = 1,
	.header_at = 110,
	.header_size = 10,
	.body_at = 120,
	.body_size = 30,
	.encoding = ENC_QP,
	.next_sibling = 2},
    {.number = 2,
	.kind = PART_MESSAGE,
	.header_at = 160,
	.header_size = 10,
	.body_at = 170,
	.body_size = 300,
	.first_child = 4,
	.n_children = 1,
	.next_sibling = 3},
    {.number = 3,
	.kind = PART_MESSAGE,
	.header_at = 480,
	.header_size = 10,
	.body_at = 490,
	.body_size = 200,
	.first_child = 7,
	.n_children = 1},
    {.number = 1,
	.parent = 2,
	.kind = PART_MULTIPART,
	.header_at = 170,
	.header_size = 50,
	.body_at = 220,
	.body_size = 250,
	.first_child = 5,
	.n_children = 2},
    {.number = 1,
	.parent = 4,
	.header_at = 230,
	.header_size = 5,
	.body_at = 235,
	.body_size = 40,
	.encoding = ENC_BASE64,
	.next_sibling = 6},
    {.number = 2,
	.parent = 4,
	.header_at = 280,
	.header_size = 5,
	.body_at = 285,
	.body_size = 50},
    {.number = 1,
	.parent = 3,
	.header_at = 490,
	.header_size = 60,
	.body_at = 550,
	.body_size = 140,
	.encoding = ENC_8BIT},
};
static const struct summary mixed = {
    .parts = parts, .n_parts = ARRAY_LEN(parts)};
static const struct message message = {.size = 1000, .header_size = 100};

static void
assert_span(const char *text, uint64_t at, uint64_t size, int encoding)
{
	struct arena a = ARENA_INIT;
	struct section_span span;
	struct section s;

	assert_true(parse(&a, text, false, &s));
	assert_true(section_find(
	    &s, &message, section_needs_parts(&s) ? &mixed : NULL, &span));
	assert_int_equal(span.at, at);
	assert_int_equal(span.size, size);
	assert_int_equal(span.encoding, encoding);
	arena_release(&a);
}

static void
assert_none(const char *text)
{
	struct arena a = ARENA_INIT;
	struct section_span span;
	struct section s;

	assert_true(parse(&a, text, false, &s));
	assert_false(section_find(&s, &message, &mixed, &span));
	arena_release(&a);
}

static void
test_find(void **state)
{
	(void)state;
	assert_span("[]", 0, 1000, ENC_BINARY);
	assert_span("[HEADER]", 0, 100, ENC_BINARY);
	assert_span("[HEADER.FIELDS (a)]", 0, 100, ENC_BINARY);
	assert_span("[TEXT]", 100, 900, ENC_BINARY);
	assert_span("[1]", 120, 30, ENC_QP);
	assert_span("[1.MIME]", 110, 10, ENC_BINARY);
	assert_span("[2]", 170, 300, ENC_BINARY);
	assert_span("[2.MIME]", 160, 10, ENC_BINARY);
	assert_span("[2.HEADER]", 170, 50, ENC_BINARY);
	assert_span("[2.TEXT]", 220, 250, ENC_BINARY);
	assert_span("[2.1]", 235, 40, ENC_BASE64);
	assert_span("[2.2]", 285, 50, ENC_7BIT);
	assert_span("[2.2.MIME]", 280, 5, ENC_BINARY);
	/* A message that is not multipart has one part. */
	assert_span("[3.1]", 550, 140, ENC_8BIT);
	assert_span("[3.TEXT]", 550, 140, ENC_BINARY);
	assert_none("[4]");
	assert_none("[1.1]");
	assert_none("[1.HEADER]");
	assert_none("[1.TEXT]");
	assert_none("[2.3]");
	assert_none("[2.1.1]");
	assert_none("[3.2]");
	assert_none("[3.1.1]");
}

static void
test_find_single(void **state)
{
	struct summary_part one = {.header_size = 100,
	    .body_at = 100,
	    .body_size = 900,
	    .encoding = ENC_BASE64};
	struct summary sum = {.parts = &one, .n_parts = 1};
	struct arena a = ARENA_INIT;
	struct section_span span;
	struct section s;

	(void)state;
	assert_true(parse(&a, "[1]", false, &s));
	assert_true(section_find(&s, &message, &sum, &span));
	assert_int_equal(span.at, 100);
	assert_int_equal(span.size, 900);
	assert_int_equal(span.encoding, ENC_BASE64);
	assert_true(parse(&a, "[1.MIME]", false, &s));
	assert_true(section_find(&s, &message, &sum, &span));
	assert_int_equal(span.at, 0);
	assert_int_equal(span.size, 100);
	assert_true(parse(&a, "[2]", false, &s));
	assert_false(section_find(&s, &message, &sum, &span));
	assert_true(parse(&a, "[1.1]", false, &s));
	assert_false(section_find(&s, &message, &sum, &span));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_refuse),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_find_single),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
