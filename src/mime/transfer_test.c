#include "base/test.h"
#include "mime/charset.h"
#include "mime/html.h"
#include "mime/transfer.h"

static void
quoted_printable(void **state UNUSED)
{
	static const struct {
		const char *coded, *plain;
	} v[] = {
	    {"a=3Db", "a=b"},
	    {"soft=\r\nbreak", "softbreak"},
	    {"soft= \t\r\nbreak", "softbreak"},
	    {"lf=\nbreak", "lfbreak"},
	    {"trailing \t \r\nspace \nx ", "trailing\r\nspace\nx "},
	    {"in the middle", "in the middle"},
	    {"=c3=BC", "\xc3\xbc"},
	    {"=zz =4 =", "=zz =4 "},
	    {"a\rb", "a\rb"},
	    {"==41", "=A"},
	    {"=4=41", "=4A"},
	    {"end=", "end"},
	    {"=\r=41", "=\rA"},
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct str in = str_from(v[i].coded);

		for (size_t step = 1; step <= in.n; step++) {
			struct transfer t;
			struct buf b;

			buf_init(&b, 1000);
			transfer_open(&t, ENC_QP);
			for (size_t k = 0; k < in.n; k += step)
				transfer_feed(&t,
				    str_first(str_from_pos(in, k), step), &b);
			transfer_end(&t, &b);
			assert_str(buf_str(&b), v[i].plain);
			buf_release(&b);
		}
	}
}

static void
encoding_names(void **state UNUSED)
{
	assert_int_equal(transfer_encoding(S("")), ENC_7BIT);
	assert_int_equal(transfer_encoding(S(" (x) Base64 ")), ENC_BASE64);
	assert_int_equal(transfer_encoding(S("QUOTED-PRINTABLE; x")), ENC_QP);
	assert_int_equal(transfer_encoding(S("8bit")), ENC_8BIT);
	assert_int_equal(transfer_encoding(S("binary")), ENC_BINARY);
	assert_int_equal(transfer_encoding(S("x-uuencode")), ENC_OTHER);
}

static void
charsets_stream(void **state UNUSED)
{
	static const struct {
		const char *name, *bytes, *utf8;
	} v[] = {
	    {"utf-8", "a\xc3\xbc\xe2\x82\xac\xff",
		"a\xc3\xbc\xe2\x82\xac\xef\xbf\xbd"},
	    {"utf-8", "cut \xe2\x82", "cut \xef\xbf\xbd"},
	    {"", "cut \xe2\x82", "cut \xc3\xa2\xe2\x80\x9a"},
	    {"us-ascii", "\xfc \xc3\xbc", "\xc3\xbc \xc3\xbc"},
	    {"ISO-8859-1", "\x80\xfc\x81", "\xe2\x82\xac\xc3\xbc\xef\xbf\xbd"},
	    {"iso-8859-2", "\xb1", "\xc4\x85"},
	    {"cp1251", "\xcf", "\xd0\x9f"},
	    {"windows-1251", "\xcf", "\xd0\x9f"},
	    {"gb2312", "\xd6\xd0", "\xe4\xb8\xad"},
	    {"big5", "\xa4\xa4", "\xe4\xb8\xad"},
	    {"Shift_JIS", "\x93\xfa", "\xe6\x97\xa5"},
	    {"euc-kr", "\xc7\xd1", "\xed\x95\x9c"},
	    {"iso-2022-jp", "\x1b$B$\"\x1b(Bx", "\xe3\x81\x82x"},
	    {"windows-1255", "\xe4 \xe4", "\xd7\x94 \xd7\x94"},
	    {"windows-1258", "\xd0\x75 \x61\xcc", "\xc4\x90u \xc3\xa0"},
	    {"euc-jp", "\xa4", "\xef\xbf\xbd"},
	    {"x-nobody-knows", "a\xfc", "a\xc3\xbc"},
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct str in = str_from(v[i].bytes);

		for (size_t step = 1; step <= in.n; step++) {
			struct charset_reader r;
			struct buf b;

			buf_init(&b, 1000);
			charset_open(&r, str_from(v[i].name));
			for (size_t k = 0; k < in.n; k += step)
				charset_feed(&r,
				    str_first(str_from_pos(in, k), step), &b);
			charset_close(&r, &b);
			assert_str(buf_str(&b), v[i].utf8);
			buf_release(&b);
		}
	}
	assert_true(charset_known(S("CP1252")));
	assert_true(charset_known(S("koi8-r")));
	assert_false(charset_known(S("x-nobody-knows")));
	assert_false(charset_known(S("")));
}

static void
html_words(void **state UNUSED)
{
	static const struct {
		const char *html, *text;
	} v[] = {
	    {"a &amp; b &lt;c&gt; &#8364;&#x20AC; &nope; & d",
		"a & b <c> \xe2\x82\xac\xe2\x82\xac &nope; & d"},
	    {"<p>one</p><b>t</b>wo", " one two"},
	    {"<style>x{}</style>y<script>a<b</script>z", " y z"},
	    {"<!-- a > b -->c<!-- open", "c"},
	    {"<a title=\"x>y\" href=z>link</a>", "link"},
	    {"1 < 2 &#0; &#xD800;", "1 < 2 &#0; &#xD800;"},
	    {"<HEAD><title>t</title></HEAD>b", " b"},
	    {"<", "<"},
	    {"<p", " "},
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct buf b;

		buf_init(&b, 1000);
		html_text(str_from(v[i].html), &b);
		assert_str(buf_str(&b), v[i].text);
		buf_release(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quoted_printable),
	    cmocka_unit_test(encoding_names),
	    cmocka_unit_test(charsets_stream),
	    cmocka_unit_test(html_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
