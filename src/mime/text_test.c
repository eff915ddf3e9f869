#include "base/test.h"
#include "mime/text.h"

static struct str
needle(struct arena *a, const char *charset, const char *text)
{
	struct str s;

	assert_ok(text_needle(str_from(charset), str_from(text), a, &s));
	return s;
}

static void
needles_fold(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct str s = S("untouched");

	assert_str(needle(&a, "", "HeLLo"), "hello");
	assert_str(
	    needle(&a, "UTF-8", "M\xc3\x9cLLER \xe1\xba\x9e \xef\xac\x81"),
	    "mu\xcc\x88ller ss fi");
	assert_str(needle(&a, "iso-8859-1", "M\xdcLLER"), "mu\xcc\x88ller");
	assert_str(
	    needle(&a, "koi8-r", "\xf0\xf2\xe9"), "\xd0\xbf\xd1\x80\xd0\xb8");
	assert_int_equal(text_needle(S("x-none"), S("a"), &a, &s), ST_CHARSET);
	assert_int_equal(text_needle(S(""), S("a\xff"), &a, &s), ST_INVALID);
	assert_str(s, "untouched");
	arena_release(&a);
}

static void
fields_are_decoded(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 1000);
	text_field(
	    S("=?utf-8?q?J=C3=B6rg?=\r\n =?utf-8?b?IEI=?=\r\n\tTAB"), &b);
	assert_str(buf_str(&b), "jo\xcc\x88rg b tab");
	buf_clear(&b);
	text_header(
	    S("Subject : One\r\n two\r\njunk\r\nTo: X\r\n\r\nno: y"), &b);
	assert_str(buf_str(&b), "subject: one two\r\nto: x\r\n");
	buf_release(&b);
}

static const char mail[] = "Subject: Top\r\n"
			   "Content-Type: multipart/mixed; boundary=b\r\n"
			   "\r\n"
			   "preamble\r\n"
			   "--b\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\n"
			   "Content-Transfer-Encoding: quoted-printable\r\n"
			   "\r\n"
			   "One=\r\n"
			   " Two =E2=82=AC\r\n"
			   "--b\r\n"
			   "Content-Type: text/plain; charset=iso-8859-1\r\n"
			   "Content-Transfer-Encoding: base64\r\n"
			   "\r\n"
			   "xE\r\n"
			   "RFRg==\r\n"
			   "--b\r\n"
			   "Content-Type: image/png\r\n"
			   "\r\n"
			   "picture\r\n"
			   "--b\r\n"
			   "Content-Type: message/rfc822\r\n"
			   "\r\n"
			   "Subject: Inner\r\n"
			   "\r\n"
			   "Deep\r\n"
			   "--b--\r\n";

static struct summary
summarize(struct arena *a, struct str text)
{
	struct summarizer *z = summarizer_new();
	struct summary s;

	summarizer_feed(z, text);
	summarizer_finish(z, a, &s);
	summarizer_free(&z);
	return s;
}

static void
read_all(const struct summary *s, enum text_what what, size_t step,
    struct buf *out, struct text_match *m)
{
	struct text_reader *r = text_reader_new(s, what);
	uint64_t at, n;

	while (text_reader_next(r, &at, &n)) {
		size_t from = out->n;

		text_reader_feed(
		    r, str_of(mail + at, min_size((size_t)n, step)), out);
		text_match_feed(m, str_from_pos(buf_str(out), from));
	}
	text_reader_free(&r);
}

static void
reader_gives_text_parts(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct summary s = summarize(&a, str_from(mail));
	struct str needles[] = {needle(&a, "", "two \xe2\x82\xac"),
	    needle(&a, "",
		"\xc3\x84"
		"de"),
	    needle(&a, "", "picture"), needle(&a, "", "one two"),
	    needle(&a, "", "deep"), needle(&a, "", ""),
	    needle(&a, "", "subject: top"), needle(&a, "", "tdeep")};
	struct text_match m;
	struct buf b;

	buf_init(&b, 10000);
	for (size_t step = 1; step < 40; step++) {
		buf_clear(&b);
		text_match_init(&m, needles, ARRAY_LEN(needles));
		read_all(&s, TEXT_BODY, step, &b, &m);
		assert_str(buf_str(&b),
		    "one two \xe2\x82\xac\r\n"
		    "a\xcc\x88"
		    "def\r\n"
		    "subject: inner\r\n\r\n"
		    "deep\r\n");
		assert_int_equal(m.found, 0x3b);
		text_match_release(&m);
	}
	buf_clear(&b);
	text_match_init(&m, needles, ARRAY_LEN(needles));
	read_all(&s, TEXT_ALL, 1000, &b, &m);
	assert_int_equal(m.found, 0x7b);
	assert_false(text_match_all(&m));
	text_match_release(&m);
	buf_release(&b);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(needles_fold),
	    cmocka_unit_test(fields_are_decoded),
	    cmocka_unit_test(reader_gives_text_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
