/*
 * For the tests of the text index: mail of many charsets and structures, and
 * what SEARCH sees of it. One world serves all tests of a file, as it takes
 * time to make.
 */
#ifndef STORE_TEXT_WORLD_H
#define STORE_TEXT_WORLD_H

#include <fcntl.h>
#include <iconv.h>
#include <sodium.h>

#include "base/wire.h"
#include "mime/header.h"
#include "mime/text.h"
#include "store/fixture.h"
#include "store/text_index_int.h"
#include "store/text_indexer.h"

enum { MESSAGES = 700, INDEXED = 512, TEXT_MOST = 400 * 1000 };

struct world {
	struct fixture f;
	uint64_t ids[MESSAGES];
	size_t first; /* those before it are gone */
	/* As SEARCH sees them: values of fields, BODY, TEXT. */
	struct buf fields[MESSAGES], body[MESSAGES], all[MESSAGES];
	uint64_t seed;
};

static uint32_t
chance(struct world *w, uint32_t n)
{
	w->seed = w->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(w->seed >> 33) % n;
}

/* --- mail --- */

static const struct {
	const char *charset;
	const char *words[6];
} languages[] = {
    {"us-ascii", {"Quarterly", "budget", "re:", "of", "HARBOUR", "x@y.test"}},
    {"utf-8",
	{"Gr\xc3\xbc\xc3\x9f"
	 "e",
	    "caf\xc3\xa9", "\xe2\x82\xac 100", "\xf0\x9f\x98\x80",
	    "\xef\xac\x81sch", "\xe1\xba\x9e"}},
    {"iso-8859-1",
	{"M\xc3\x9cLLER", "na\xc3\xafve", "\xc3\x85ngstr\xc3\xb6m", "a",
	    "se\xc3\xb1or", "\xc2\xbfQu\xc3\xa9?"}},
    {"iso-8859-2",
	{"\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87",
	    "\xc5\x81\xc3\xb3"
	    "d\xc5\xba",
	    "k\xc5\xaf\xc5\x88", "i", "na",
	    "\xc4\x8c"
	    "esko"}},
    {"koi8-r",
	{"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82",
	    "\xd0\xbc\xd0\xb8\xd1\x80", "\xd0\x98", "\xd0\xaf", "ok",
	    "\xd0\x9f\xd0\x98\xd0\xa1\xd0\xac\xd0\x9c\xd0\x9e"}},
    {"windows-1251",
	{"\xd0\x9a\xd0\xb8\xd1\x97\xd0\xb2", "\xd1\x97", "\xd0\x84", "abc",
	    "\xe2\x80\x9e"
	    "x",
	    "\xd0\xb4\xd0\xb5\xd0\xbd\xd1\x8c"}},
    {"iso-2022-jp",
	{"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	    "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "\xe3\x81\xae", "Tokyo",
	    "\xe4\xbc\x9a\xe8\xad\xb0", "\xe6\x9c\x88"}},
    {"gb2312",
	{"\xe4\xb8\xad\xe6\x96\x87", "\xe9\x82\xae\xe4\xbb\xb6", "\xe4\xb8\xad",
	    "Beijing", "\xe4\xbd\xa0\xe5\xa5\xbd", "\xe4\xba\xba"}},
    {"utf-16le",
	{"\xce\x95\xce\xbb\xce\xbb\xce\xac\xce\xb4\xce\xb1", "\xcf\x83\xcf\x82",
	    "\xce\xa3", "mixed", "\xce\xb1\xce\xb2", "\xe2\x82\xac"}},
};

static inline void
convert(const char *charset, struct str utf8, struct buf *out)
{
	char room[8192], *to = room, *from = (char *)(uintptr_t)utf8.p;
	size_t left = sizeof(room), n = utf8.n;
	iconv_t cd = iconv_open(charset, "UTF-8");

	assert_true(cd != (iconv_t)-1);
	assert_int_equal(iconv(cd, &from, &n, &to, &left), 0);
	iconv(cd, NULL, NULL, &to, &left);
	iconv_close(cd);
	buf_add(out, room, (size_t)(to - room));
}

static inline void
words(struct world *w, size_t language, unsigned n, struct buf *out)
{
	struct buf utf8;

	buf_init(&utf8, 8000);
	while (n--) {
		buf_addz(&utf8, languages[language].words[chance(w, 6)]);
		if (chance(w, 20) == 0)
			buf_addf(&utf8, "%u", chance(w, 100000));
		buf_addz(&utf8, chance(w, 12) ? " " : "\r\n");
	}
	convert(languages[language].charset, buf_str(&utf8), out);
	buf_release(&utf8);
}

static inline void
base64(struct str bytes, size_t line, struct buf *out)
{
	char room[20000];

	while (bytes.n) {
		struct str piece = str_first(bytes, line);

		sodium_bin2base64(room, sizeof(room),
		    (const unsigned char *)piece.p, piece.n,
		    sodium_base64_VARIANT_ORIGINAL);
		buf_addz(out, room);
		bytes = str_from_pos(bytes, piece.n);
		if (line < 10000)
			buf_addz(out, "\r\n");
	}
}

static inline void
quoted(struct str bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.n; i++) {
		buf_addf(out, "=%02X", (unsigned char)bytes.p[i]);
		if (i % 20 == 19)
			buf_addz(out, "=\r\n");
	}
	buf_addz(out, "\r\n");
}

static inline void
subject(struct world *w, struct buf *out)
{
	size_t language = chance(w, ARRAY_LEN(languages));
	struct buf raw;

	buf_init(&raw, 8000);
	words(w, language, 1 + chance(w, 3), &raw);
	if (language == 0) {
		for (size_t i = 0; i < raw.n; i++)
			if (raw.p[i] == '\r' || raw.p[i] == '\n')
				raw.p[i] = ' ';
		buf_addf(
		    out, "Subject: Re: " STR_FMT "\r\n", (int)raw.n, raw.p);
	} else {
		buf_addf(out, "Subject: =?%s?b?", languages[language].charset);
		base64(buf_str(&raw), 15000, out);
		buf_addz(out, "?=\r\n =?utf-8?q?_more=21?=\r\n");
	}
	buf_release(&raw);
}

static inline void
text_part(struct world *w, struct buf *out)
{
	size_t language = chance(w, ARRAY_LEN(languages));
	struct buf raw;

	buf_init(&raw, TEXT_MOST);
	for (unsigned n = chance(w, 40) ? 1 + chance(w, 3) : 60; n--;)
		words(w, language, 1 + chance(w, 60), &raw);
	buf_addf(out, "Content-Type: text/%s; charset=%s\r\n",
	    chance(w, 3) ? "plain" : "html", languages[language].charset);
	if (chance(w, 2)) {
		buf_addz(out, "Content-Transfer-Encoding: base64\r\n\r\n");
		base64(buf_str(&raw), 54, out);
	} else {
		buf_addz(
		    out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
		quoted(buf_str(&raw), out);
	}
	buf_release(&raw);
}

static inline void part(struct world *w, unsigned depth, struct buf *out);

static inline void
parts(struct world *w, unsigned depth, struct buf *out)
{
	unsigned boundary = chance(w, 1000000);

	buf_addf(out, "Content-Type: multipart/mixed; boundary=\"b%u\"\r\n\r\n",
	    boundary);
	for (unsigned n = 1 + chance(w, 3); n--;) {
		buf_addf(out, "--b%u\r\n", boundary);
		part(w, depth + 1, out);
		buf_addz(out, "\r\n");
	}
	buf_addf(out, "--b%u--\r\n", boundary);
}

static inline void
part(struct world *w, unsigned depth, struct buf *out)
{
	switch (chance(w, depth > 3 ? 3 : 6)) {
	case 3:
		buf_addz(out, "Content-Type: message/rfc822\r\n\r\n");
		subject(w, out);
		part(w, depth + 1, out);
		break;
	case 4:
	case 5:
		parts(w, depth, out);
		break;
	default:
		text_part(w, out);
	}
}

static inline void
make_mail(struct world *w, unsigned i, struct buf *out)
{
	buf_addf(out,
	    "Received: from mx%u.example.net\r\n\tby mail.test\r\n"
	    "From: \"Person %u\" <p%u@example.org>\r\nMessage-ID: <%u@x>\r\n",
	    chance(w, 9), chance(w, 400), chance(w, 400), i);
	subject(w, out);
	part(w, 0, out);
	if (chance(w, 30) == 0) /* no charset, no structure */
		for (unsigned n = chance(w, 300); n--;)
			buf_addc(out, (char)(1 + chance(w, 255)));
}

/* --- what SEARCH looks at --- */

static inline void
read_text(struct world *w, uint64_t id, const struct summary *s,
    enum text_what what, struct buf *out)
{
	struct text_reader *r = text_reader_new(s, what);
	uint64_t at, n;
	struct buf raw;

	buf_init(&raw, TEXT_MOST);
	while (text_reader_next(r, &at, &n)) {
		buf_clear(&raw);
		assert_ok(
		    message_read(w->f.a, id, at, n < 1000 ? n : 1000, &raw));
		if (raw.n)
			text_reader_feed(r, buf_str(&raw), out);
		else
			text_reader_skip(r, out);
	}
	assert_false(buf_full(out));
	buf_release(&raw);
	text_reader_free(&r);
}

static inline void
read_fields(struct world *w, const struct message *m, struct buf *out)
{
	struct header_field field;
	struct str rest;
	struct buf raw;

	buf_init(&raw, TEXT_MOST);
	assert_ok(message_read(w->f.a, m->id, 0, m->header_size, &raw));
	rest = buf_str(&raw);
	while (header_next(&rest, &field)) {
		text_field(field.value, out);
		buf_addc(out, '\0'); /* nothing is found that spans two */
	}
	buf_release(&raw);
}

static inline void
world_init(struct world *w)
{
	struct buf mail;
	struct entry e;
	struct view *v;

	w->seed = 4711;
	fixture_init(&w->f);
	buf_init(&mail, 4 * TEXT_MOST);
	for (unsigned i = 0; i < MESSAGES; i++) {
		buf_clear(&mail);
		make_mail(w, i, &mail);
		for (size_t k = 0; k < mail.n; k++)
			if (mail.p[k] == '\0')
				mail.p[k] = ' ';
		fixture_append(&w->f, "INBOX", mail.p, 0, "");
	}
	buf_release(&mail);
	assert_ok(view_open(
	    w->f.a, &fixture_viewer, fixture_box(&w->f, "INBOX")->id, &v));
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct arena arena = ARENA_INIT;
		struct summary s;
		struct message m;
		struct str encoded;

		view_entry(v, i + 1, &e);
		w->ids[i] = e.message;
		assert_ok(message_get(w->f.a, e.message, &m));
		assert_ok(message_summary(w->f.a, e.message, &arena, &encoded));
		assert_ok(summary_decode(encoded, &arena, &s));
		buf_init(&w->fields[i], TEXT_MOST);
		buf_init(&w->body[i], 4 * TEXT_MOST);
		buf_init(&w->all[i], 4 * TEXT_MOST);
		read_fields(w, &m, &w->fields[i]);
		read_text(w, e.message, &s, TEXT_BODY, &w->body[i]);
		read_text(w, e.message, &s, TEXT_ALL, &w->all[i]);
		arena_release(&arena);
	}
	view_close(&v);
}

static inline void
world_release(struct world *w)
{
	for (size_t i = 0; i < MESSAGES; i++) {
		buf_release(&w->fields[i]);
		buf_release(&w->body[i]);
		buf_release(&w->all[i]);
	}
	fixture_release(&w->f);
}

static inline struct text_indexer_config
config(struct world *w)
{
	return (struct text_indexer_config){.root = str_from(w->f.root),
	    .account = account_id(w->f.a),
	    .clock = &w->f.clock,
	    .random = &w->f.random};
}

static uint64_t
index_all(struct world *w)
{
	struct text_indexer_config cfg = config(w);
	struct text_indexer *x;
	uint64_t n;

	assert_ok(text_indexer_open(&cfg, &x));
	while (text_indexer_step(x))
		;
	assert_ok(text_indexer_status(x));
	n = text_indexer_messages(x);
	text_indexer_close(&x);
	return n;
}

/* --- a test --- */

static inline int
set_up(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	world_init(w);
	*state = w;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct world *w = *state;

	world_release(w);
	free(w);
	return 0;
}

/* As if nothing had been indexed yet. */
static inline struct world *
world_of(void **state)
{
	struct world *w = *state;

	fixture_reopen(&w->f);
	assert_ok(text_index_drop(w->f.a));
	return w;
}

/* Something that stands in one of the texts, or next to nothing. */
static inline struct str
pick(struct world *w, struct str text)
{
	size_t n = 1 + chance(w, 40), at;

	if (chance(w, 10) == 0)
		return S("zz never said");
	if (text.n == 0)
		return S("a");
	at = chance(w, (uint32_t)text.n);
	return str_first(str_from_pos(text, at), n);
}

static inline bool
has(const struct buf *text, struct str needle)
{
	return str_find_str(buf_str(text), needle) != SIZE_MAX;
}

struct tally {
	size_t absent, out; /* not in the text; of those, ruled out */
};

static inline void
compare(struct world *w, struct text_index *x, struct str needle,
    enum text_where where, struct tally *t)
{
	struct text_probe *p = text_probe_new(x, where, needle);

	assert_int_equal(p != NULL, x && text_index_helps(needle));
	for (size_t i = w->first; i < MESSAGES; i++) {
		bool there = where == TEXT_IN_HEADER
		    ? has(&w->fields[i], needle)
		    : has(&w->all[i], needle) || has(&w->body[i], needle);
		bool may = text_probe_may(p, w->ids[i]);

		if (there)
			assert_true(may);
		if (!there && p && i < INDEXED) {
			t->absent++;
			t->out += !may;
		}
	}
	text_probe_free(&p);
}

/* A bit of the file changed. */
static inline void
damage(struct world *w, uint64_t at)
{
	int fd = account_open_file(w->f.a, TEXT_INDEX_NAME, O_RDWR);
	char c;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, (off_t)at), 1);
	c ^= 4;
	assert_int_equal(pwrite(fd, &c, 1, (off_t)at), 1);
	close(fd);
}

static inline bool
has_file(struct world *w)
{
	return faccessat(w->f.a->dir_fd, TEXT_INDEX_NAME, F_OK, 0) == 0;
}

/* How much is ruled out of what is in none of the texts. */
static inline struct tally
absent(struct world *w)
{
	struct text_index *x = text_index_open(w->f.a);
	struct tally t = {0};

	compare(w, x, S("zz never said"), TEXT_IN_ALL, &t);
	text_index_close(&x);
	return t;
}

/* Needles from all texts; the damage would have some of them missed. */
static inline void
search_all(struct world *w)
{
	struct text_index *x = text_index_open(w->f.a);
	struct tally t = {0};

	for (size_t i = w->first; i < MESSAGES; i += 35) {
		compare(w, x, pick(w, buf_str(&w->all[i])), TEXT_IN_ALL, &t);
		compare(
		    w, x, pick(w, buf_str(&w->fields[i])), TEXT_IN_HEADER, &t);
	}
	text_index_close(&x);
}

#endif
