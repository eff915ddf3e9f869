#include "base/test.h"
#include "mime/summary.h"

/*
 * Summarizes `text` (LF means CRLF) fed in pieces of `step` bytes. With every
 * step the encoded form must be the same: checked by sum().
 */
static void
encoded(struct str text, size_t step, struct buf *out)
{
	struct summarizer *z = summarizer_new();
	struct arena a = ARENA_INIT;
	struct summary s;

	for (size_t i = 0; i < text.n; i += step)
		summarizer_feed(z, str_first(str_from_pos(text, i), step));
	summarizer_finish(z, &a, &s);
	summary_encode(&s, out);
	summarizer_free(&z);
	arena_release(&a);
}

static struct summary
sum_raw(struct arena *a, struct str text)
{
	struct buf one, other;
	struct summary s;
	struct str copy;

	buf_init(&one, SIZE_MAX);
	buf_init(&other, SIZE_MAX);
	encoded(text, text.n ? text.n : 1, &one);
	for (size_t step = 1; step <= 7; step++) {
		buf_clear(&other);
		encoded(text, step, &other);
		assert_int_equal(other.n, one.n);
		assert_memory_equal(other.p, one.p, one.n);
	}
	copy = arena_str(a, buf_str(&one));
	assert_ok(summary_decode(copy, a, &s));
	for (size_t n = 0; n < copy.n; n++) {
		struct summary cut;

		if (copy.n < 2000 || n % 97 == 0)
			assert_int_equal(
			    summary_decode(str_first(copy, n), a, &cut),
			    ST_CORRUPT);
	}
	buf_release(&one);
	buf_release(&other);
	return s;
}

static struct summary
sum(struct arena *a, const char *text)
{
	struct summary s;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			buf_addc(&b, '\r');
		buf_addc(&b, *p);
	}
	s = sum_raw(a, arena_str(a, buf_str(&b)));
	buf_release(&b);
	return s;
}

static void
plain_message(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct summary s = sum(&a,
	    "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\n"
	    "From: Terry Gray <gray@cac.washington.edu>\n"
	    "Subject: Re: [IMAP] IMAP4rev2 WG mtg\n"
	    "\tsummary and minutes\n"
	    "To: imap@cac.washington.edu\n"
	    "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\n"
	    "Message-Id: <B27397-0100000@cac.washington.edu>\n"
	    "References: <a@b> (x) <\"c\"@d>\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\n"
	    "\n"
	    "Hello,\n"
	    "   world.\n");

	/* The example of RFC 9051 8, as far as it is the same message. */
	assert_str(s.envelope,
	    "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" "
	    "\"Re: [IMAP] IMAP4rev2 WG mtg\tsummary and minutes\" "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
	    "((NIL NIL \"imap\" \"cac.washington.edu\")) "
	    "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")"
	    "(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
	    "\"<B27397-0100000@cac.washington.edu>\")");
	assert_str(s.body,
	    "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
	    "19 2)");
	assert_str(s.bodystructure,
	    "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
	    "19 2 NIL NIL NIL NIL)");
	assert_str(s.preview, "Hello, world.");
	assert_str(s.base_subject, "IMAP4rev2 WG mtg summary and minutes");
	assert_str(s.from, "gray");
	assert_str(s.display_from, "Terry Gray");
	assert_str(s.to, "imap");
	assert_str(s.display_to, "imap@cac.washington.edu");
	assert_str(s.cc, "minutes");
	assert_true(s.sent_ms == 837595405000);
	assert_int_equal(s.sent_zone, -420);
	assert_str(s.message_id, "B27397-0100000@cac.washington.edu");
	assert_int_equal(s.n_references, 2);
	assert_str(s.references[1], "c@d");
	assert_int_equal(s.n_parts, 1);
	assert_int_equal(s.parts[0].body_size, 19);
	assert_false(s.has_attachment);
	assert_false(s.opaque);
	arena_release(&a);
}

static void
nothing_at_all(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct summary s = sum_raw(&a, S(""));

	assert_str(s.envelope, "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
	assert_str(s.body,
	    "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
	    "0 0)");
	assert_int_equal(s.n_parts, 1);
	assert_true(s.sent_ms == INT64_MIN);
	arena_release(&a);
}

static const char nested[] =
    "Subject:\n"
    "From: a@b\n"
    "Content-Type: multipart/mixed; boundary=\"x\"; charset*0=a; charset*1=b\n"
    "\n"
    "preamble\n"
    "--xy\n"
    "--x \n"
    "Content-Type: multipart/alternative; boundary=xy\n"
    "Content-Language: en, de\n"
    "\n"
    "--xy\n"
    "\n"
    "plain =3D text\n"
    "-- \n"
    "sig\n"
    "--xy\n"
    "Content-Type: text/html; charset=utf-8\n"
    "Content-Transfer-Encoding: quoted-printable\n"
    "Content-ID: <i@d>\n"
    "\n"
    "<p>h=\n"
    "i\n"
    "--xy--\n"
    "epilogue\n"
    "--x\n"
    "Content-Type: message/rfc822\n"
    "Content-Disposition: attachment; filename*=utf-8''n%20m.eml\n"
    "\n"
    "From: \"In \\\"ner\" <in@ner>\n"
    "To: grp: x@y, z;\n"
    "Content-Type: multipart/digest; boundary=dig\n"
    "\n"
    "--dig\n"
    "\n"
    "Subject: one\n"
    "\n"
    "1\n"
    "--dig\n"
    "Content-Type: image/png\n"
    "Content-MD5: abc=\n"
    "--x\n"
    "Content-Type: application/pdf\n"
    "Content-Transfer-Encoding: BASE64\n"
    "Content-Location: http://x/\n"
    "\n"
    "Zm9v\n"
    "--x--\n"
    "bye\n";

static void
nested_parts(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct summary s = sum(&a, nested);

	assert_str(s.envelope,
	    "(NIL \"\" ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) "
	    "((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL)");
	assert_str(s.bodystructure,
	    "(((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
	    "24 2 NIL NIL NIL NIL)"
	    "(\"TEXT\" \"HTML\" (\"charset\" \"utf-8\") \"<i@d>\" NIL "
	    "\"QUOTED-PRINTABLE\" 8 1 NIL NIL NIL NIL) "
	    "\"ALTERNATIVE\" (\"boundary\" \"xy\") NIL (\"en\" \"de\") NIL)"
	    "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 172 "
	    "(NIL NIL ((\"In \\\"ner\" NIL \"in\" \"ner\")) "
	    "((\"In \\\"ner\" NIL \"in\" \"ner\")) "
	    "((\"In \\\"ner\" NIL \"in\" \"ner\")) "
	    "((NIL NIL \"grp\" NIL)(NIL NIL \"x\" \"y\")(NIL NIL \"z\" \"\")"
	    "(NIL NIL NIL NIL)) NIL NIL NIL NIL) "
	    "((\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 17 "
	    "(NIL \"one\" NIL NIL NIL NIL NIL NIL NIL NIL) "
	    "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
	    "1 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL)"
	    "(\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 0 \"abc=\" NIL NIL NIL) "
	    "\"DIGEST\" (\"boundary\" \"dig\") NIL NIL NIL) "
	    "12 NIL (\"ATTACHMENT\" (\"filename*\" \"utf-8''n%20m.eml\")) "
	    "NIL NIL)"
	    "(\"APPLICATION\" \"PDF\" NIL NIL NIL \"BASE64\" 4 NIL NIL NIL "
	    "\"http://x/\") "
	    "\"MIXED\" (\"boundary\" \"x\" \"charset\" \"ab\") NIL NIL NIL)");
	assert_str(s.preview, "plain =3D text -- sig");
	assert_int_equal(s.n_parts, 10);
	assert_true(s.has_attachment);
	arena_release(&a);
}

static void
opaque_is_all_of_it(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct summary s;
	struct buf b;

	buf_init(&b, 4096);
	summary_opaque(5000000000, &b);
	assert_int_equal(summary_decode(buf_str(&b), &a, &s), ST_OK);
	assert_str(s.envelope, "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
	assert_str(s.bodystructure,
	    "(\"APPLICATION\" \"OCTET-STREAM\" NIL NIL NIL \"BINARY\" "
	    "5000000000)");
	assert_true(s.opaque);
	assert_int_equal(s.n_parts, 1);
	assert_int_equal(s.parts[0].kind, PART_LEAF);
	assert_int_equal(s.parts[0].header_size, 0);
	assert_int_equal(s.parts[0].body_at, 0);
	assert_int_equal(s.parts[0].body_size, 5000000000);
	buf_release(&b);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_message),
	    cmocka_unit_test(opaque_is_all_of_it),
	    cmocka_unit_test(nothing_at_all),
	    cmocka_unit_test(nested_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
