/*
 * The index against the texts themselves: what is in a message is never ruled
 * out, whatever its charset and structure; what is not there mostly is.
 */
#include "store/fixture.h"

#include <fcntl.h>
#include <iconv.h>
#include <sodium.h>

#include "base/wire.h"
#include "mime/header.h"
#include "mime/text.h"
#include "store/text_index_int.h"
#include "store/text_indexer.h"

enum { MESSAGES = 700, INDEXED = 512, TEXT_MOST = 400 * 1000 };

struct world {
	struct fixture f;
	uint64_t ids[MESSAGES];
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

static void
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

static void
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

static void
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

static void
quoted(struct str bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.n; i++) {
		buf_addf(out, "=%02X", (unsigned char)bytes.p[i]);
		if (i % 20 == 19)
			buf_addz(out, "=\r\n");
	}
	buf_addz(out, "\r\n");
}

static void
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

static void
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

static void part(struct world *w, unsigned depth, struct buf *out);

static void
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

static void
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

static void
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

static void
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

static void
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

static void
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

static void
world_release(struct world *w)
{
	for (size_t i = 0; i < MESSAGES; i++) {
		buf_release(&w->fields[i]);
		buf_release(&w->body[i]);
		buf_release(&w->all[i]);
	}
	fixture_release(&w->f);
}

static struct text_indexer_config
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

/* --- the tests --- */

static int
set_up(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	world_init(w);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	world_release(w);
	free(w);
	return 0;
}

/* As if nothing had been indexed yet. */
static struct world *
world_of(void **state)
{
	struct world *w = *state;

	fixture_reopen(&w->f);
	assert_ok(text_index_drop(w->f.a));
	return w;
}

/* Something that stands in one of the texts, or next to nothing. */
static struct str
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

static bool
has(const struct buf *text, struct str needle)
{
	return str_find_str(buf_str(text), needle) != SIZE_MAX;
}

struct tally {
	size_t absent, out; /* not in the text; of those, ruled out */
};

static void
compare(struct world *w, struct text_index *x, struct str needle,
    enum text_where where, struct tally *t)
{
	struct text_probe *p = text_probe_new(x, where, needle);

	assert_int_equal(p != NULL, x && text_index_helps(needle));
	for (size_t i = 0; i < MESSAGES; i++) {
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

static void
what_is_there_is_never_ruled_out(void **state)
{
	struct world *w = world_of(state);
	struct tally header = {0}, text = {0};
	struct text_index *x;

	assert_null(text_index_open(w->f.a));
	assert_int_equal(index_all(w), INDEXED);
	assert_int_equal(index_all(w), 0); /* what is left is too few */
	x = text_index_open(w->f.a);
	assert_non_null(x);
	for (unsigned i = 0; i < 400; i++) {
		size_t from = chance(w, MESSAGES);

		compare(w, x, pick(w, buf_str(&w->fields[from])),
		    TEXT_IN_HEADER, &header);
		compare(
		    w, x, pick(w, buf_str(&w->body[from])), TEXT_IN_ALL, &text);
		compare(
		    w, x, pick(w, buf_str(&w->all[from])), TEXT_IN_ALL, &text);
	}
	assert_true(header.out * 10 > header.absent * 9);
	assert_true(text.out * 10 > text.absent * 8);
	text_index_close(&x);
}

/* A bit of the file changed. */
static void
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

static bool
has_file(struct world *w)
{
	return faccessat(w->f.a->dir_fd, TEXT_INDEX_NAME, F_OK, 0) == 0;
}

static void
count_call(void *ctx, struct account *a UNUSED)
{
	++*(unsigned *)ctx;
}

/* How much is ruled out of what is in none of the texts. */
static struct tally
absent(struct world *w)
{
	struct text_index *x = text_index_open(w->f.a);
	struct tally t = {0};

	compare(w, x, S("zz never said"), TEXT_IN_ALL, &t);
	text_index_close(&x);
	return t;
}

/* Needles from all texts; the damage would have some of them missed. */
static void
search_all(struct world *w)
{
	struct text_index *x = text_index_open(w->f.a);
	struct tally t = {0};

	for (size_t i = 0; i < MESSAGES; i += 7) {
		compare(w, x, pick(w, buf_str(&w->all[i])), TEXT_IN_ALL, &t);
		compare(
		    w, x, pick(w, buf_str(&w->fields[i])), TEXT_IN_HEADER, &t);
	}
	text_index_close(&x);
}

static struct text_place
first_segment(struct world *w)
{
	struct text_layout l = {0};
	struct text_header h;
	struct text_place p;
	int fd = text_index_file(w->f.a, O_RDONLY, &h);

	assert_true(fd >= 0);
	assert_ok(text_layout_read(fd, h.end, &l));
	assert_int_equal(l.n_places, 1);
	p = l.places[0];
	assert_int_equal(h.end, p.at + p.f.table + p.f.sets);
	free(l.places);
	close(fd);
	return p;
}

static void
read_file(struct world *w, uint64_t n, struct buf *out)
{
	int fd = account_open_file(w->f.a, TEXT_INDEX_NAME, O_RDONLY);
	char *to = buf_reserve(out, n);

	assert_non_null(to);
	assert_int_equal(read(fd, to, n), n);
	buf_commit(out, n);
	close(fd);
}

static void
put_back(struct world *w, const struct buf *file)
{
	int fd = account_open_file(
	    w->f.a, TEXT_INDEX_NAME, O_WRONLY | O_CREAT | O_TRUNC);

	assert_int_equal(write(fd, file->p, file->n), file->n);
	close(fd);
	/* What has been looked at is trusted until then. */
	fixture_reopen(&w->f);
}

/* Damaged at `at`, it is noticed, rules nothing out, and is dropped. */
static void
damage_is_noticed(struct world *w, uint64_t at)
{
	struct text_proof proof;
	struct tally t;
	unsigned calls = 0;

	w->f.store->cfg.host.ctx = &calls;
	w->f.store->cfg.host.text_behind = count_call;
	damage(w, at);
	assert_int_equal(text_index_verify(w->f.a, &proof), ST_CORRUPT);
	assert_true(proof.at <= at);
	search_all(w);
	assert_false(has_file(w));
	assert_int_equal(calls, 1);
	t = absent(w);
	assert_int_equal(t.out, 0);
}

static void
a_flipped_bit_hides_nothing(void **state)
{
	struct world *w = world_of(state);
	struct text_place p;
	struct text_proof proof;
	struct tally sound, anew;
	struct buf file;

	assert_int_equal(text_index_verify(w->f.a, &proof), ST_NOT_FOUND);
	assert_int_equal(index_all(w), INDEXED);
	assert_ok(text_index_verify(w->f.a, &proof));
	assert_int_equal(proof.messages, INDEXED);
	p = first_segment(w);
	assert_int_equal(proof.at, p.at + p.f.table + p.f.sets);
	sound = absent(w);
	assert_true(sound.out > 0);
	buf_init(&file, 1 << 30);
	read_file(w, proof.at, &file);

	const uint64_t places[] = {TEXT_HEADER + 9, /* the segment's size */
	    TEXT_HEADER + 57,                       /* its sum */
	    p.at, p.at + p.f.table - 1, p.at + p.f.table, /* the sets */
	    p.at + p.f.table + p.f.sets / 2, proof.at - 1};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		put_back(w, &file);
		damage_is_noticed(w, places[i]);
	}
	buf_release(&file);
	assert_int_equal(index_all(w), INDEXED);
	assert_ok(text_index_verify(w->f.a, &proof));
	anew = absent(w);
	assert_int_equal(anew.out, sound.out);
}

static void
a_header_of_no_use_is_dropped(void **state)
{
	struct world *w = world_of(state);
	struct text_proof proof;
	struct tally t;

	assert_int_equal(index_all(w), INDEXED);
	damage(w, 9);
	assert_int_equal(text_index_verify(w->f.a, &proof), ST_CORRUPT);
	assert_int_equal(proof.at, 0);
	assert_null(text_index_open(w->f.a));
	fixture_reopen(&w->f);
	assert_false(has_file(w));
	assert_int_equal(index_all(w), INDEXED);
	damage(w, 9);
	assert_int_equal(index_all(w), INDEXED); /* by the keeper itself */
	t = absent(w);
	assert_true(t.out > 0);
}

/* P10: who has to be opaque now was not when it was read. */
static void
what_is_opaque_is_not_ruled_out(void **state)
{
	struct world *w = world_of(state);
	struct tally t;

	assert_int_equal(index_all(w), INDEXED);
	store_opaque(w->f.store, account_id(w->f.a), w->ids[3]);
	t = absent(w);
	assert_int_equal(t.out, t.absent - 1);
	assert_ok(text_index_drop(w->f.a));
	assert_null(text_index_open(w->f.a));
}

/* An older mail.db in the place of this one: ids will be given again. */
static void
an_index_of_ids_to_come_goes(void **state)
{
	struct world *w = world_of(state);
	struct text_header h;
	struct buf b;
	int fd;

	assert_int_equal(index_all(w), INDEXED);
	fixture_reopen(&w->f);
	fd = text_index_file(w->f.a, O_RDWR, &h);
	assert_true(fd >= 0);
	h.last = w->f.a->next_id;
	buf_init(&b, TEXT_HEADER);
	text_header_put(&h, &b);
	assert_int_equal(pwrite(fd, b.p, b.n, 0), TEXT_HEADER);
	close(fd);
	fixture_reopen(&w->f);
	assert_int_equal(
	    faccessat(w->f.a->dir_fd, TEXT_INDEX_NAME, F_OK, 0), -1);
	buf_release(&b);
}

/* The keeper died while it read a message: by the header that it left. */
static void
die_of(struct world *w, size_t i)
{
	int fd = account_open_file(w->f.a, TEXT_INDEX_NAME, O_RDWR);
	struct buf b;

	assert_true(fd >= 0);
	buf_init(&b, 8);
	wire_put_u64(&b, w->ids[i]);
	assert_int_equal(pwrite(fd, b.p, b.n, TEXT_TRYING), 8);
	buf_release(&b);
	close(fd);
}

static void
a_message_that_kills_is_left_out(void **state)
{
	struct world *w = world_of(state);
	struct text_indexer_config cfg;
	struct text_indexer *x;
	struct tally t = {0};
	struct text_index *index;

	cfg = config(w);
	assert_ok(text_indexer_open(&cfg, &x)); /* makes the file */
	text_indexer_close(&x);
	die_of(w, 5);
	assert_int_equal(index_all(w), INDEXED - 1);
	index = text_index_open(w->f.a);
	compare(w, index, S("zz never said"), TEXT_IN_ALL, &t);
	assert_int_equal(t.out, t.absent - 1);
	text_index_close(&index);
	assert_ok(text_index_drop(w->f.a));
	for (int i = 0; i < 2; i++) {
		assert_ok(text_indexer_open(&cfg, &x));
		text_indexer_close(&x);
		die_of(w, 5);
	}
	assert_int_equal(index_all(w), 0);
	assert_null(text_index_open(w->f.a)); /* no segment */
}

static void
runs_and_sizes(void **state UNUSED)
{
	static struct grams g, pieces;
	uint32_t grams[8];
	struct buf a, b;

	assert_int_equal(grams_of(S("abc"), grams, 8), 0);
	assert_int_equal(grams_of(S("abc\r\ndef"), grams, 8), 0);
	assert_int_equal(grams_of(S("abcd\nefghi"), grams, 8), 6);
	grams_clear(&g);
	grams_clear(&pieces);
	assert_int_equal(grams_size(&g), GRAMS_LEAST_BITS);
	grams_add(&g, S("abcdef\r\nghijk"));
	grams_add(&pieces, S("abc"));
	grams_add(&pieces, S("def\r"));
	grams_add(&pieces, S("\ngh"));
	grams_add(&pieces, S("ijk"));
	assert_memory_equal(g.bits, pieces.bits, sizeof(g.bits));
	grams_break(&pieces);
	grams_add(&pieces, S("xyz"));
	assert_memory_equal(g.bits, pieces.bits, sizeof(g.bits));
	buf_init(&a, 1 << 15);
	grams_put(&g, GRAMS_MOST_BITS, &a);
	assert_int_equal(a.n, 1 << 15);
	buf_init(&b, 1 << 15);
	grams_put(&g, 6, &b);
	assert_int_equal(b.n, 8);
	assert_int_equal(grams_of(S("abcdef"), grams, 8), 6);
	for (size_t i = 0; i < 6; i++) {
		uint32_t bit = gram_bit(grams[i], 6);

		assert_true(b.p[bit / 8] >> bit % 8 & 1);
		assert_true(a.p[grams[i] / 8] >> grams[i] % 8 & 1);
	}
	/* A text with nearly every run rules nothing out. */
	memset(g.bits, 0x7f, sizeof(g.bits));
	assert_int_equal(grams_size(&g), 0);
	buf_release(&a);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_and_sizes),
	    cmocka_unit_test(what_is_there_is_never_ruled_out),
	    cmocka_unit_test(a_flipped_bit_hides_nothing),
	    cmocka_unit_test(a_header_of_no_use_is_dropped),
	    cmocka_unit_test(what_is_opaque_is_not_ruled_out),
	    cmocka_unit_test(an_index_of_ids_to_come_goes),
	    cmocka_unit_test(a_message_that_kills_is_left_out),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
