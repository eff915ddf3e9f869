/*
 * The grammar of RFC 9051 section 9 as a chain of booleans: each function
 * takes what its ABNF rule says off the front and returns true, or returns
 * false and, if it is a single token, leaves the input where it was. A
 * command reads `parse_sp(p) && parse_astring(p, &x) && parse_crlf(p)`.
 *
 * The input is one command as it came over the wire, literals included
 * ("{5}\r\nhello"), without its tag. Results borrow from it or live in the
 * arena. Parsing acts on nothing and writes nothing.
 */
#ifndef IMAP_PARSE_H
#define IMAP_PARSE_H

#include "base/arena.h"
#include "store/flags.h"

struct imap_parse {
	const char *p, *end;
	struct arena *arena;
	bool utf8; /* IMAP4rev2 or UTF8=ACCEPT is enabled: names are UTF-8 */
	bool truncated;  /* the input ended inside a literal */
	unsigned depth;  /* nesting, see parse_deeper */
	const char *why; /* the first reason given, for the BAD line; or NULL */
};

void imap_parse_init(
    struct imap_parse *p, struct str text, bool utf8, struct arena *arena);
/* Notes the reason, unless there is one, and returns false. */
bool parse_fail(struct imap_parse *p, const char *why);

static inline bool
parse_at(const struct imap_parse *p, char c)
{
	return p->p < p->end && *p->p == c;
}

bool parse_char(struct imap_parse *p, char c);
bool parse_sp(struct imap_parse *p);
bool parse_crlf(struct imap_parse *p); /* CRLF, and nothing behind it */
/* These bytes, ASCII case folded; not at the end of a word. */
bool parse_text(struct imap_parse *p, struct str text);
/* The same, and no atom character follows. */
bool parse_keyword(struct imap_parse *p, struct str word);

/* Nesting (parentheses, NOT, OR) is bounded by LIMIT_NESTING. */
bool parse_deeper(struct imap_parse *p);
void parse_shallower(struct imap_parse *p);

bool imap_is_atom_char(unsigned char c);
bool parse_tag(struct imap_parse *p, struct str *out);
bool parse_atom(struct imap_parse *p, struct str *out);
bool parse_astring(struct imap_parse *p, struct str *out);
bool parse_string(struct imap_parse *p, struct str *out);
/* NIL gives the str with p == NULL. */
bool parse_nstring(struct imap_parse *p, struct str *out);
bool parse_quoted(struct imap_parse *p, struct str *out);
/* "{n}" CRLF n bytes; `~{n}` only when binary_out is not NULL. */
bool parse_literal(struct imap_parse *p, struct str *out, bool *binary_out);
/*
 * The announcement of a literal alone, "{n}" CRLF: what stands in the text
 * for a message that was streamed (session.h, IMAP_STREAMS_LITERAL).
 */
bool parse_literal_header(
    struct imap_parse *p, uint64_t *size_out, bool *binary_out);

bool parse_number(struct imap_parse *p, uint32_t *out);
bool parse_nz_number(struct imap_parse *p, uint32_t *out);
bool parse_number64(struct imap_parse *p, uint64_t *out);

/* date = 1-Feb-1994, quoted or not: days since 1970-01-01. */
bool parse_date(struct imap_parse *p, int32_t *days_out);
/* date-time = "17-Jul-1996 02:44:25 -0700", quoted: UTC and its zone. */
bool parse_date_time(
    struct imap_parse *p, int64_t *utc_ms_out, int32_t *zone_minutes_out);

/*
 * sequence-set: ranges as they were written (RFC 9051 keeps no order between
 * the ends), 0 standing for "*"; or "$", the saved result.
 */
struct imap_set {
	struct imap_range {
		uint32_t first, last;
	} * ranges;
	size_t n;
	bool saved; /* "$" */
};
bool parse_sequence_set(struct imap_parse *p, struct imap_set *out);
/* partial = "<" number "." nz-number ">" */
bool parse_partial(struct imap_parse *p, uint64_t *at_out, uint64_t *n_out);

/* mailbox: as UTF-8 in NFC with '/' between levels; INBOX in capitals. */
bool parse_mailbox_name(struct imap_parse *p, struct str *out);
/*
 * The same; *given_out is what the client wrote when it speaks UTF-8 and we
 * keep the name in another form, otherwise empty.
 */
bool parse_mailbox_given(
    struct imap_parse *p, struct str *out, struct str *given_out);
/* list-mailbox: the same with wildcards; also the reference of LIST. */
bool parse_list_mailbox(struct imap_parse *p, struct str *out);

/* flag: one system flag or keyword. \Recent is no flag a client may set. */
bool parse_flag(struct imap_parse *p, struct flags *add);
/* flag-list = "(" [flag *(SP flag)] ")" */
bool parse_flag_list(struct imap_parse *p, struct flags *out);

#endif
