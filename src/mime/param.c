#include "mime/param.h"

#include "base/hex.h"
#include "base/vec.h"
#include "mime/charset.h"
#include "mime/lex.h"
#include "mime/words.h"

/* A parameter as it stands: with the section number of RFC 2231 3. */
struct piece {
	struct str name;
	unsigned section;
	bool extended;
	struct str value;
};

static struct str
upper(struct arena *a, struct str s)
{
	struct str u = arena_str(a, s);
	char *p = (char *)(uintptr_t)u.p;

	for (size_t i = 0; i < u.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 32);
	return u;
}

/* A quoted string, or bare words up to ';' as many senders write names. */
static struct str
read_value(struct str *s, struct arena *a)
{
	struct buf b;
	struct str v;
	size_t n = 0;

	(void)lex_cfws(s, NULL);
	if (lex_at(*s, '"')) {
		buf_init(&b, SIZE_MAX);
		lex_quoted(s, &b);
		v = arena_str(a, buf_str(&b));
		buf_release(&b);
		return v;
	}
	while (n < s->n && s->p[n] != ';' && s->p[n] != '(' &&
	    s->p[n] != '\r' && s->p[n] != '\n')
		n++;
	v = str_trim(str_first(*s, n));
	*s = str_from_pos(*s, n);
	return v;
}

/* "*", "*3" or "*3*" at the end of a name (RFC 2231 3 and 4). */
static bool
split_name(struct piece *p)
{
	struct str s = p->name, digits;
	size_t star = str_find(s, '*');
	uint32_t section;

	if (star == SIZE_MAX || star == 0)
		return false;
	digits = str_from_pos(s, star + 1);
	p->extended = digits.n && digits.p[digits.n - 1] == '*';
	if (p->extended)
		digits.n--;
	if (digits.n > 3 || !str_to_u32(digits, &section))
		return false;
	p->section = section;
	p->name = str_first(s, star);
	return true;
}

static int
piece_cmp(const void *pa, const void *pb)
{
	const struct piece *a = pa, *b = pb;
	int c = a->name.n < b->name.n ? -1 : a->name.n > b->name.n;

	for (size_t i = 0; c == 0 && i < a->name.n; i++)
		c = (a->name.p[i] | 32) - (b->name.p[i] | 32);
	if (c == 0)
		c = a->section < b->section ? -1 : a->section > b->section;
	return c;
}

/* Bytes that are not encoded must be, once they stand among encoded ones. */
static void
add_percent(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c > ' ' && c < 127 && !strchr("*'%()<>@,;:\\\"/[]?=", c))
			buf_addc(b, c);
		else
			buf_addf(b, "%%%02X", (unsigned)(unsigned char)c);
	}
}

/* Joins pieces [0, n) of one name, which stand in order of section. */
static struct param
join(const struct piece *p, size_t n, struct arena *a)
{
	bool extended = false;
	struct param joined;
	struct buf b;

	for (size_t i = 0; i < n; i++)
		extended |= p[i].extended;
	buf_init(&b, SIZE_MAX);
	for (size_t i = 0; i < n; i++) {
		if (extended && i == 0 && !p[i].extended)
			buf_addz(&b, "''");
		if (extended && !p[i].extended)
			add_percent(&b, p[i].value);
		else
			buf_adds(&b, p[i].value);
	}
	joined.value = arena_str(a, buf_str(&b));
	joined.name = extended
	    ? arena_printf(a, STR_FMT "*", STR_ARG(p[0].name))
	    : p[0].name;
	buf_release(&b);
	return joined;
}

static bool
read_piece(struct str *s, struct arena *a, struct piece *out)
{
	for (;;) {
		(void)lex_cfws(s, NULL);
		if (!lex_at(*s, ';'))
			break;
		*s = str_from_pos(*s, 1);
	}
	if (s->n == 0)
		return false;
	*out = (struct piece){.name = lex_until(s, "=;()\"")};
	(void)lex_cfws(s, NULL);
	if (lex_at(*s, '=')) {
		*s = str_from_pos(*s, 1);
		out->value = read_value(s, a);
		return true;
	}
	out->name.n = 0; /* no parameter: garbage up to the next ';' */
	*s = str_from_pos(*s, min_size(s->n, str_find(*s, ';')));
	return true;
}

static void
params_parse(struct str s, struct arena *a, struct params *out)
{
	struct {
		struct param *plain;
		size_t n_plain, cap_plain;
		struct piece *cut;
		size_t n_cut, cap_cut;
	} v = {0};
	struct piece p;

	*out = (struct params){0};
	while (v.n_plain + v.n_cut < MIME_PARAMS_MAX && read_piece(&s, a, &p)) {
		if (p.name.n == 0)
			continue;
		if (split_name(&p))
			*VEC_ADD(&v, cut) = p;
		else
			*VEC_ADD(&v, plain) = (struct param){p.name, p.value};
	}
	if (v.n_cut)
		qsort(v.cut, v.n_cut, sizeof(*v.cut), piece_cmp);
	for (size_t i = 0, n; i < v.n_cut; i += n) {
		n = 1;
		while (i + n < v.n_cut &&
		    str_eqi(v.cut[i + n].name, v.cut[i].name))
			n++;
		*VEC_ADD(&v, plain) = join(v.cut + i, n, a);
	}
	if (v.n_plain) {
		out->v = ARENA_ARRAY(a, struct param, v.n_plain);
		memcpy(out->v, v.plain, v.n_plain * sizeof(*v.plain));
		out->n = v.n_plain;
	}
	free(v.plain);
	free(v.cut);
}

bool
content_type_parse(struct str s, struct arena *a, struct content_type *out)
{
	struct str type, subtype;

	(void)lex_cfws(&s, NULL);
	type = lex_until(&s, "/;()=\"");
	(void)lex_cfws(&s, NULL);
	if (type.n == 0 || !lex_at(s, '/'))
		return false;
	s = str_from_pos(s, 1);
	(void)lex_cfws(&s, NULL);
	subtype = lex_until(&s, ";()=\"");
	if (subtype.n == 0)
		return false;
	out->type = upper(a, type);
	out->subtype = upper(a, subtype);
	params_parse(s, a, &out->params);
	return true;
}

bool
disposition_parse(
    struct str s, struct arena *a, struct str *word, struct params *out)
{
	struct str w;

	(void)lex_cfws(&s, NULL);
	w = lex_until(&s, ";()=\"");
	if (w.n == 0)
		return false;
	*word = upper(a, w);
	params_parse(s, a, out);
	return true;
}

struct str
param_get(const struct params *ps, const char *name)
{
	for (size_t i = 0; i < ps->n; i++)
		if (str_eqi(ps->v[i].name, str_from(name)))
			return ps->v[i].value;
	return str_of(NULL, 0);
}

/* charset'language'text with %XX */
static void
decode_extended(struct str s, struct buf *out)
{
	struct str charset = S("");
	struct buf b;
	size_t quote = str_find(s, '\'');

	/* Without both quotes it is text only. */
	if (quote != SIZE_MAX &&
	    str_find(str_from_pos(s, quote + 1), '\'') != SIZE_MAX) {
		charset = str_cut(&s, '\'');
		(void)str_cut(&s, '\'');
	}
	buf_init(&b, SIZE_MAX);
	for (size_t i = 0; i < s.n; i++) {
		int hi =
		    i + 2 < s.n && s.p[i] == '%' ? hex_digit(s.p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_digit(s.p[i + 2]) : -1;

		buf_addc(&b, lo >= 0 ? (char)(hi << 4 | lo) : s.p[i]);
		i += lo >= 0 ? 2 : 0;
	}
	charset_to_utf8(charset, buf_str(&b), out);
	buf_release(&b);
}

bool
param_decode(const struct params *ps, const char *name, struct buf *out)
{
	struct str want = str_from(name), v;

	for (size_t i = 0; i < ps->n; i++) {
		struct str have = ps->v[i].name;

		if (have.n == want.n + 1 && have.p[want.n] == '*' &&
		    str_eqi(str_first(have, want.n), want)) {
			decode_extended(ps->v[i].value, out);
			return true;
		}
	}
	v = param_get(ps, name);
	if (!v.p)
		return false;
	words_decode(v, out);
	return true;
}
