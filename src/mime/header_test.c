#include "base/test.h"
#include "mime/header.h"
#include "mime/subject.h"
#include "mime/words.h"

static void
fields_and_folding(void **state UNUSED)
{
	struct str rest = S("A: 1\r\n"
			    "junk without colon\r\n"
			    "b : two\r\n"
			    "\tmore\r\n"
			    " \r\n"
			    "C:\n"
			    ": no name\n"
			    "\n"
			    "D: body\n");
	struct str all = rest, v;
	struct header_field f;
	struct buf b;

	assert_true(header_next(&rest, &f));
	assert_str(f.name, "A");
	assert_str(f.value, "1");
	assert_str(f.raw, "A: 1\r\n");
	assert_true(header_next(&rest, &f));
	assert_str(f.name, "b");
	assert_str(f.value, "two\r\n\tmore");
	assert_str(f.raw, "b : two\r\n\tmore\r\n \r\n");
	buf_init(&b, 100);
	header_unfold(f.value, &b);
	assert_str(buf_str(&b), "two\tmore");
	assert_true(header_next(&rest, &f));
	assert_str(f.name, "C");
	assert_str(f.value, "");
	assert_true(header_next(&rest, &f));
	assert_str(f.name, "");
	assert_false(header_next(&rest, &f));
	assert_true(header_find(all, S("B"), &v));
	assert_false(header_find(all, S("D"), &v));
	buf_clear(&b);
	header_unfold(str_of("a\0b\rc", 5), &b);
	assert_str(buf_str(&b),
	    "a\x80"
	    "b\rc");
	buf_release(&b);
}

static void
encoded_words(void **state UNUSED)
{
	static const struct {
		const char *raw, *text;
	} v[] = {
	    /* RFC 2047 8 */
	    {"=?ISO-8859-1?Q?a?=", "a"},
	    {"=?ISO-8859-1?Q?a?= b", "a b"},
	    {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},
	    {"=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"},
	    {"=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "ab"},
	    {"=?ISO-8859-1?Q?a_b?=", "a b"},
	    {"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"},
	    {"x =?iso-8859-1?q?=FCber?= y",
		"x \xc3\xbc"
		"ber y"},
	    {"=?UTF-8*de?B?w7w=?=", "\xc3\xbc"},
	    /* a character cut in two */
	    {"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "\xc3\xbc"},
	    {"=?utf-8?q?=C3?= =?iso-8859-1?q?=BC?=", "\xef\xbf\xbd\xc2\xbc"},
	    {"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac"},
	    /* glued, as many write it */
	    {"a=?utf-8?q?b?=c", "abc"},
	    {"\"=?utf-8?q?b?=\"", "\"b\""},
	    /* no encoded words */
	    {"=?utf-8?x?b?=", "=?utf-8?x?b?="},
	    {"=?utf-8?q?b", "=?utf-8?q?b"},
	    {"=? utf-8?q?b?=", "=? utf-8?q?b?="},
	    {"=?=?utf-8?q?b?=", "=?b"},
	    {"=?utf-8?q?a=zz=3?=", "a=zz=3"},
	    /* raw bytes: UTF-8 if they are, else Windows-1252 */
	    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
	    {"gr\xfc\xdf \x80", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac"},
	    {"=?x-unknown?q?=FC?=", "\xc3\xbc"},
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		buf_clear(&b);
		words_decode(str_from(v[i].raw), &b);
		assert_str(buf_str(&b), v[i].text);
	}
	buf_release(&b);
}

static void
base_subjects(void **state UNUSED)
{
	static const struct {
		const char *subject, *base;
	} v[] = {
	    {"", ""},
	    {"Re: a", "a"},
	    {"RE : Fwd:FW: a  b\tc", "a b c"},
	    {"Re[2]: a", "a"},
	    {"[list] Re: [x] a (fwd) (FWD) ", "a"},
	    {"[list]", "[list]"},
	    {"[a] [b]", "[b]"},
	    {"[fwd: Re: inner]", "inner"},
	    {"[Fwd: [fwd: x]] ", "x"},
	    {"Re", "Re"},
	    {"Reply: a", "Reply: a"},
	    {"Re:", ""},
	    {"[broken Re: a", "[broken Re: a"},
	    {"[a[b] c", "[a[b] c"},
	    {"fwd [x] : a", "a"},
	    {"(fwd)", ""},
	};
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		assert_str(subject_base(str_from(v[i].subject), &a), v[i].base);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields_and_folding),
	    cmocka_unit_test(encoded_words),
	    cmocka_unit_test(base_subjects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
