#include "base/test.h"
#include "imap/fetch.h"

static const char header[] = "Received: one\r\n\ttwo\r\nFrom: a@b\r\n"
			     "no field\r\nSUBJECT : x\r\n y\r\nFrom: c\r\n\r\n";

static void
assert_fields(bool not, struct str name, const char *text, const char *want)
{
	struct section s = {.text = not ? SECTION_FIELDS_NOT : SECTION_FIELDS,
	    .fields = &name,
	    .n_fields = 1};
	struct buf b;

	buf_init(&b, 1000);
	fetch_fields(&s, str_from(text), &b);
	assert_str(buf_str(&b), want);
	buf_release(&b);
}

static void
test_fields(void **state)
{
	(void)state;
	assert_fields(false, S("from"), header, "From: a@b\r\nFrom: c\r\n\r\n");
	assert_fields(false, S("Subject"), header, "SUBJECT : x\r\n y\r\n\r\n");
	assert_fields(
	    false, S("Received"), header, "Received: one\r\n\ttwo\r\n\r\n");
	assert_fields(false, S("Date"), header, "\r\n");
	assert_fields(true, S("received"), header,
	    "From: a@b\r\nno field\r\nSUBJECT : x\r\n y\r\nFrom: c\r\n\r\n");
}

/* APPEND alters no byte: line ends may be bare, the empty line may be missing. */
static void
test_edges(void **state)
{
	(void)state;
	assert_fields(false, S("a"), "a: 1\nb: 2\na: 3\n\nx", "a: 1\na: 3\n\n");
	assert_fields(false, S("a"), "a: 1", "a: 1");
	assert_fields(false, S("a"), "", "");
	assert_fields(true, S("a"), " begins folded\r\na: 1\r\n\r\n", "\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
