#include "pop3/surrogate.h"

#include "base/test.h"

static void
fields(void **state UNUSED)
{
	static const struct {
		struct str in;
		const char *out;
	} table[] = {
	    {STR_INIT("Subject: Hello\r\nX:y\r\n\r\n"),
		"Subject: Hello\r\nX:y\r\n\r\n"},
	    {STR_INIT("Subject: Gr\xc3\xbc\xc3\x9f"
		      "e aus  K\xc3\xb6ln, Anna\r\nTo: a@x\r\n\r\n"),
		"Subject: =?utf-8?B?R3LDvMOfZQ==?= aus  "
		"=?utf-8?B?S8O2bG4s?= Anna\r\nTo: a@x\r\n\r\n"},
	    /* Two words behind each other are one text; Latin-1 is guessed. */
	    {STR_INIT("Subject: \xe4\xf6 \xfc x\r\n\r\n"),
		"Subject: =?utf-8?B?w6TDtiDDvA==?= x\r\n\r\n"},
	    /* A folded one is unfolded. */
	    {STR_INIT("Subject: a\r\n \xc3\xbc b\r\n\r\n"),
		"Subject: a =?utf-8?B?w7w=?= b\r\n\r\n"},
	    {STR_INIT("From: M\xc3\xbcller <a@m\xc3\xbcller.example>\r\n\r\n"),
		"From: =?utf-8?B?TcO8bGxlcg==?= "
		"<a@xn--mller-kva.example>\r\n\r\n"},
	    {STR_INIT("To: \"B, C\" <b@x.test>, \xc3\xbc@y.test\r\n\r\n"),
		"To: \"B, C\" <b@x.test>,\r\n "
		"=?utf-8?B?w7xAeS50ZXN0?= :;\r\n\r\n"},
	    {STR_INIT("Cc: T\xc3\xb6pfer: a@x.test, b@y.test;\r\n\r\n"),
		"Cc: =?utf-8?B?VMO2cGZlcg==?=:<a@x.test>,\r\n "
		"<b@y.test>;\r\n\r\n"},
	    {STR_INIT("Reply-To: =?iso-8859-1?Q?J=F6rg?= \xc3\xbc <j@x>\r\n"
		      "\r\n"),
		"Reply-To: =?utf-8?B?SsO2cmcgw7w=?= <j@x>\r\n\r\n"},
	    {STR_INIT("Message-ID: <\xc3\xbc@x>\r\n\r\n"),
		"Downgraded-Message-ID: =?utf-8?B?PMO8QHg+?=\r\n\r\n"},
	    {STR_INIT("Content-Type: a/b; name=\"\xc3\xbc 1.pdf\"\r\n\r\n"),
		"Content-Type: a/b; name=\"=?utf-8?B?w7w=?= 1.pdf\"\r\n\r\n"},
	    {STR_INIT("X\xc3\xbc: y\r\nno field \xff\r\nA: b\r\n\r\n"),
		"A: b\r\n\r\n"},
	    {STR_INIT("A: \xc3\xbc"), "A: =?utf-8?B?w7w=?=\r\n"},
	};
	struct arena a = ARENA_INIT;
	struct buf out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		buf_init(&out, 4096);
		pop3_surrogate(table[i].in, &a, &out);
		assert_str(buf_str(&out), table[i].out);
		buf_release(&out);
	}
	arena_release(&a);
}

/* No encoded word is over 75 characters, none cuts a character. */
static void
long_text(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct buf in, out;
	struct str rest, line;
	size_t i, lines = 0;

	buf_init(&in, 4096);
	buf_init(&out, 8192);
	buf_addz(&in, "X: ");
	for (i = 0; i < 100; i++)
		buf_addz(&in, "\xe2\x82\xac");
	buf_addz(&in, "\r\n\r\n");
	pop3_surrogate(buf_str(&in), &a, &out);
	rest = buf_str(&out);
	while ((line = str_cut(&rest, '\n')).n > 1) {
		assert_true(line.n <= 76 + 3);
		/* 15 of them are 60 characters of base64. */
		assert_true(
		    lines == 6 || line.n == 60 + 12 + 1 + (lines ? 1 : 3));
		lines++;
	}
	assert_int_equal(lines, 7);
	buf_release(&in);
	buf_release(&out);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields),
	    cmocka_unit_test(long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
