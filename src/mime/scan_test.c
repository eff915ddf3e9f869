/* Structures that are broken, empty, or too much: what becomes of them. */
#include "base/test.h"
#include "mime/summary.h"

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

/*
 * The tree as "kind(children)": leaves as the bytes of their body, so that
 * a test shows what a client would be sent.
 */
static void
show(const struct summary *s, struct str text, uint32_t i, struct buf *out)
{
	const struct summary_part *p = &s->parts[i];

	if (p->kind == PART_LEAF) {
		buf_addc(out, '[');
		buf_adds(out,
		    str_first(str_from_pos(text, (size_t)p->body_at),
			(size_t)p->body_size));
		buf_addf(out, "|%u]", p->body_lines);
		return;
	}
	buf_addz(out, p->kind == PART_MULTIPART ? "multi(" : "message(");
	for (uint32_t c = p->first_child; c; c = s->parts[c].next_sibling)
		show(s, text, c, out);
	buf_addc(out, ')');
}

#define MIXED(b) "Content-Type: multipart/mixed; boundary=\"" b "\"\n\n"

static void
trees(void **state UNUSED)
{
	static const struct {
		const char *text, *tree;
	} v[] = {
	    {MIXED("a") "--a\n\none\n--a\n\ntwo\n\n--a--\n",
		"multi([one|0][two\n|1])"},
	    /* CR LF and LF may be mixed; the line end is the boundary's. */
	    {MIXED("a") "--a\r\n\r\none\r\n--a\n\ntwo\n--a--",
		"multi([one|0][two|0])"},
	    /* unterminated */
	    {MIXED("a") "--a\n\none\n", "multi([one\n|1])"},
	    {MIXED("a") "--a\n\none", "multi([one|0])"},
	    {MIXED("a") "--a\nSubject: x", "multi([|0])"},
	    {MIXED("a") "--a\n", "multi([|0])"},
	    {MIXED("a") "--a", "multi([|0])"},
	    /* no part: all of it is one */
	    {MIXED("a") "text\n", "multi([text\n|1])"},
	    {MIXED("a") "--a--\n", "multi([--a--\n|1])"},
	    {MIXED("a"), "multi([|0])"},
	    /* no usable boundary: text */
	    {MIXED("") "--\n\nx\n", "[--\n\nx\n|3]"},
	    {"Content-Type: multipart/mixed\n\n--a\n\nx\n", "[--a\n\nx\n|3]"},
	    /* parts without a header, without a body, without an empty line */
	    {MIXED("a") "--a\n--a\n\n--a\n\n\n--a--\n", "multi([|0][|0][|0])"},
	    {MIXED("a") "--a\nX: y\n--a\n\nx\n--a--\n", "multi([|0][x|0])"},
	    /* no boundaries */
	    {MIXED("a") "--a\n\n--ab\n -- a\n--\n-a\n--aa--\n--a--\n",
		"multi([--ab\n -- a\n--\n-a\n--aa--|4])"},
	    /* white space and more behind a boundary */
	    {MIXED("a") "--a \t\n\none\n--a--junk\nepilogue\n--a\n\nno\n",
		"multi([one|0])"},
	    /* one boundary begins another */
	    {MIXED("a") "--a\n" MIXED(
		 "ab") "--ab\n\n1\n--ab--\n--a\n\n2\n--a--\n",
		"multi(multi([1|0])[2|0])"},
	    {MIXED("ab") "--ab\n" MIXED(
		 "a") "--a\n\n1\n--a--\n--ab\n\n2\n--ab--\n",
		"multi(multi([1|0])[2|0])"},
	    {MIXED("a") "--a\n" MIXED("a--") "--a--\n\n1\n--a----\n--a\n\n2\n",
		"multi(multi([1|0])[2\n|1])"},
	    /* an outer boundary ends the inner multipart, also in a header */
	    {MIXED("a") "--a\n" MIXED("b") "--b\n\n1\n--a\n\n2\n--b\n",
		"multi(multi([1|0])[2\n--b\n|2])"},
	    {MIXED("a") "--a\n" MIXED("b") "--b\nX: y\n--a\n\n2\n--a--\n",
		"multi(multi([|0])[2|0])"},
	    /* messages in messages */
	    {"Content-Type: message/rfc822\n\nA: b\n\nbody\n",
		"message([body\n|1])"},
	    {"Content-Type: message/rfc822\n\n", "message([|0])"},
	    {"Content-Type: message/rfc822", "message([|0])"},
	    {"Content-Type: message/global\n\n" MIXED("a") "--a\n\nx\n",
		"message(multi([x\n|1]))"},
	    {"Content-Type: message/partial\n\nx", "[x|0]"},
	    {"Content-Type: multipart/digest; boundary=a\n\n--a\n\nA: b\n\nx\n"
	     "--a\nContent-Type: text/plain\n\ny\n--a--\n",
		"multi(message([x|0])[y|0])"},
	    {"Content-Type: multipart/digest; boundary=a\n\nx\n",
		"multi(message([|0]))"},
	    /* the same boundary inside: the inner one is looked at first */
	    {MIXED("a") "--a\n" MIXED("a") "--a\n\n1\n--a--\n--a--\n",
		"multi(multi([1|0]))"},
	    /* no header, no body */
	    {"\n", "[|0]"},
	    {"\nbody", "[body|0]"},
	    {"A: b\nC: d", "[|0]"},
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct str text = str_from(v[i].text);
		struct arena a = ARENA_INIT;
		struct summary s = summarize(&a, text);
		struct buf b;

		buf_init(&b, 1000);
		show(&s, text, 0, &b);
		assert_str(buf_str(&b), v[i].tree);
		buf_release(&b);
		arena_release(&a);
	}
}

/* `n` times `piece` behind `head`. */
static void
repeat(struct buf *b, const char *head, const char *piece, size_t n)
{
	buf_clear(b);
	buf_addz(b, head);
	for (size_t i = 0; i < n; i++)
		buf_addz(b, piece);
}

static void
limits(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct summary s;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	/* The root and 99,999 parts; one more. */
	repeat(&b, "Subject: s\n" MIXED("a"), "--a\n\n", 99999);
	s = summarize(&a, buf_str(&b));
	assert_false(s.opaque);
	assert_int_equal(s.n_parts, LIMIT_MIME_PARTS);
	arena_reset(&a);
	repeat(&b, "Subject: s\n" MIXED("a"), "--a\n\n", 100000);
	s = summarize(&a, buf_str(&b));
	assert_true(s.opaque);
	assert_int_equal(s.n_parts, 1);
	assert_str(s.envelope, "(NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)");
	assert_str(s.bodystructure,
	    "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
	    "500000 200000 NIL NIL NIL NIL)");
	assert_int_equal(s.parts[0].kind, PART_LEAF);
	assert_int_equal(s.parts[0].body_size, 500000);

	/* Depth: the root is 0. */
	repeat(&b, "", "Content-Type: message/rfc822\n\n", LIMIT_MIME_DEPTH);
	s = summarize(&a, buf_str(&b));
	assert_false(s.opaque);
	assert_int_equal(s.n_parts, LIMIT_MIME_DEPTH + 1);
	repeat(
	    &b, "", "Content-Type: message/rfc822\n\n", LIMIT_MIME_DEPTH + 1);
	s = summarize(&a, buf_str(&b));
	assert_true(s.opaque);
	assert_int_equal(s.n_parts, 1);

	/* A header beyond its limit: what comes later is not seen. */
	repeat(&b, "Subject: s\n", "X: 6789\n", LIMIT_MIME_HEADER / 8);
	buf_addz(&b, "From: a@b\n\nbody\n");
	s = summarize(&a, buf_str(&b));
	assert_false(s.opaque);
	assert_str(s.envelope, "(NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)");
	assert_int_equal(s.parts[0].header_size, b.n - 5);

	/* Addresses beyond theirs: the list ends, its group too. */
	repeat(&b, "Cc: g:", "a,", LIMIT_MIME_ADDRESSES + 5);
	buf_addz(&b, "\n\n");
	s = summarize(&a, buf_str(&b));
	assert_false(s.opaque);
	assert_true(str_ends(s.envelope,
	    S("(NIL NIL \"a\" \"\")(NIL NIL NIL NIL)) NIL NIL NIL)")));
	assert_int_equal(s.envelope.n,
	    sizeof("(NIL NIL NIL NIL NIL NIL ((NIL NIL \"g\" NIL)"
		   "(NIL NIL NIL NIL)) NIL NIL NIL)") -
		1 + (LIMIT_MIME_ADDRESSES - 1) * 16);

	/* Names that only the table of parts holds. */
	buf_clear(&b);
	for (size_t i = 0; i < 16; i++) {
		buf_addz(&b, "Content-Type: multipart/");
		for (size_t k = 0; k < 900 * 1000; k++)
			buf_addc(&b, 'x');
		buf_addf(&b, "; boundary=a%zu\n\n--a%zu\n", i, i);
	}
	s = summarize(&a, buf_str(&b));
	assert_true(s.opaque);
	assert_int_equal(s.n_parts, 1);

	/* IMAP texts beyond theirs. */
	repeat(&b, "Subject: s\n" MIXED("a"),
	    "--a\nContent-Description: "
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789"
	    "\n\n",
	    90000);
	s = summarize(&a, buf_str(&b));
	assert_true(s.opaque);
	assert_int_equal(s.n_parts, 1);
	buf_release(&b);
	arena_release(&a);
}

static void
eight_bit_and_nul(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	static const char mail[] = "From: \xfc@y\xfc\n"
				   "Subject: gr\xc3\xbc\xc3\x9f\n"
				   "To: \"a\\\\b\\\"c\" <x@y>\n"
				   "Message-ID: <n\0l>\n\n";
	struct summary s = summarize(&a, str_of(mail, sizeof(mail) - 1));

	assert_str(s.envelope,
	    "(NIL {6}\r\ngr\xc3\xbc\xc3\x9f ((NIL NIL {1}\r\n\xfc "
	    "{2}\r\ny\xfc)) ((NIL NIL {1}\r\n\xfc {2}\r\ny\xfc)) "
	    "((NIL NIL {1}\r\n\xfc {2}\r\ny\xfc)) "
	    "((\"a\\\\b\\\"c\" NIL \"x\" \"y\")) NIL NIL NIL "
	    "{5}\r\n<n\x80l>)");
	assert_str(s.base_subject, "gr\xc3\xbc\xc3\x9f");
	assert_str(s.display_from, "\xc3\xbc@y\xc3\xbc");
	arena_release(&a);
}

static void
attachments_and_previews(void **state UNUSED)
{
	static const struct {
		const char *text, *preview;
		bool attachment;
	} v[] = {
	    {"\nplain", "plain", false},
	    {"Content-Type: text/html\n\n<p>a<br>b&nbsp;c", "a b c", false},
	    {MIXED("a") "--a\nContent-Type: text/html\n\n<b>h</b>\n--a\n\n"
			"plain\n",
		"plain", false},
	    {MIXED("a") "--a\nContent-Disposition: attachment\n\nfile\n"
			"--a\n\nplain\n",
		"plain", true},
	    {MIXED("a") "--a\nContent-Type: text/plain; name=a.txt\n\nfile\n",
		"", true},
	    {MIXED("a") "--a\nContent-Type: image/png\n\nx\n", "", true},
	    {"Content-Type: multipart/related; boundary=a\n\n"
	     "--a\nContent-Type: text/html\n\n<img src=cid:i>hi\n"
	     "--a\nContent-Type: image/png\nContent-ID: <i>\n\nx\n",
		"hi", false},
	    {"Content-Type: multipart/signed; boundary=a\n\n--a\n\nhi\n"
	     "--a\nContent-Type: application/pgp-signature\n\nx\n",
		"hi", false},
	    {MIXED("a") "--a\nContent-Type: message/rfc822\n\n\ninner\n", "",
		true},
	    {"Content-Transfer-Encoding: base64\n\naGkgdGhlcmU=\n", "hi there",
		false},
	    {"Content-Type: text/plain; charset=koi8-r\n\n\xf0\xf2\xe9",
		"\xd0\x9f\xd0\xa0\xd0\x98", false},
	    {"\n\xe2\x80\x8b a \xc2\xad \xef\xbb\xbf\tb\r\n\r\n", "a b", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct arena a = ARENA_INIT;
		struct summary s = summarize(&a, str_from(v[i].text));

		assert_str(s.preview, v[i].preview);
		assert_int_equal(s.has_attachment, v[i].attachment);
		arena_release(&a);
	}
}

static void
preview_is_200_characters(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct summary s;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	repeat(
	    &b, "Content-Type: text/plain; charset=utf-8\n\n", "\xc3\xbc", 500);
	s = summarize(&a, buf_str(&b));
	assert_int_equal(s.preview.n, 400);
	repeat(&b, "\n", "ab ", 500);
	s = summarize(&a, buf_str(&b));
	assert_int_equal(s.preview.n, 200);
	buf_release(&b);
	arena_release(&a);
}

static void
repeated_fields(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct summary s = summarize(&a,
	    S("To: a@b\nSubject: one\nTo: c@d\nFrom: <x@y>\nSubject: two\n"
	      "to: g: e@f\nReply-To:\n\n"));

	assert_str(s.envelope,
	    "(NIL \"one\" ((NIL NIL \"x\" \"y\")) ((NIL NIL \"x\" \"y\")) "
	    "((NIL NIL \"x\" \"y\")) ((NIL NIL \"a\" \"b\")"
	    "(NIL NIL \"c\" \"d\")(NIL NIL \"g\" NIL)(NIL NIL \"e\" \"f\")"
	    "(NIL NIL NIL NIL)) NIL NIL NIL NIL)");
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trees),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(eight_bit_and_nul),
	    cmocka_unit_test(attachments_and_previews),
	    cmocka_unit_test(preview_is_200_characters),
	    cmocka_unit_test(repeated_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
