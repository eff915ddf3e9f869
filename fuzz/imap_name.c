/*
 * Mailbox names survive the wire in both forms, and patterns match as a
 * backtracking matcher says.
 */
#include "fuzz.h"
#include "imap/mailbox_name.h"
#include "imap/parse.h"
#include "imap/write.h"

static void
round_trip(struct str name, bool utf8, struct arena *a)
{
	struct imap_parse p;
	struct str again;
	struct buf wire;

	buf_init(&wire, 1 << 20);
	imap_write_mailbox(&wire, name, utf8);
	imap_parse_init(&p, buf_str(&wire), utf8, a);
	ASSERT(parse_mailbox_name(&p, &again) && p.p == p.end);
	ASSERT(str_eq(name, again));
	buf_release(&wire);
}

static bool
naive(struct str pattern, struct str name)
{
	if (pattern.n == 0)
		return name.n == 0;
	if (pattern.p[0] != '*' && pattern.p[0] != '%')
		return name.n > 0 && pattern.p[0] == name.p[0] &&
		    naive(str_from_pos(pattern, 1), str_from_pos(name, 1));
	if (naive(str_from_pos(pattern, 1), name))
		return true;
	return name.n > 0 && (pattern.p[0] == '*' || name.p[0] != '/') &&
	    naive(pattern, str_from_pos(name, 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_str(data, size), name, pattern;
	struct arena a = ARENA_INIT;

	if (text.n < 1)
		return 0;
	if (mailbox_name_decode(
		str_from_pos(text, 1), (text.p[0] & 1) != 0, &a, &name)) {
		round_trip(name, false, &a);
		round_trip(name, true, &a);
	}
	name = text;
	pattern = str_cut(&name, '\n');
	if (pattern.n <= 8 && name.n <= 16)
		ASSERT(
		    naive(pattern, name) == mailbox_name_match(pattern, name));
	arena_release(&a);
	return 0;
}
