/*
 * Records as JSON and as columns.
 */
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "cli/cli.h"

json_t *
cli_json_str(struct str s)
{
	json_t *j = json_stringn(s.p ? s.p : "", s.n);
	struct buf b;

	if (j)
		return j;
	buf_init(&b, s.n * 3 + 1);
	utf8_add_valid(&b, s);
	j = json_stringn(buf_str(&b).p, b.n);
	buf_release(&b);
	ASSERT(j);
	return j;
}

static json_t *
time_json(uint64_t ms)
{
	json_t *j;
	struct buf b;

	if (ms == 0)
		return json_null();
	buf_init(&b, 64);
	date_write_iso((struct date){(int64_t)ms, 0}, &b);
	j = cli_json_str(buf_str(&b));
	buf_release(&b);
	return j;
}

static json_t *
list_json(struct str texts)
{
	struct wire w = wire_of(texts);
	json_t *list = json_array();
	struct str one;

	while (wire_ok(&w) && !wire_end(&w)) {
		one = wire_str(&w);
		if (wire_ok(&w))
			json_array_append_new(list, cli_json_str(one));
	}
	return list;
}

json_t *
cli_json(struct str record)
{
	struct wire w = wire_of(record);
	json_t *o = json_object(), *v = NULL;
	struct record_field f;
	char *key;

	while (record_next(&w, &f)) {
		switch (f.type) {
		case RECORD_U64:
			v = json_integer((json_int_t)f.number);
			break;
		case RECORD_BOOL:
			v = json_boolean(f.number);
			break;
		case RECORD_TIME:
			v = time_json(f.number);
			break;
		case RECORD_LIST:
			v = list_json(f.s);
			break;
		case RECORD_STR:
		case RECORD_END:
			v = cli_json_str(f.s);
			break;
		}
		key = str_dup(f.key);
		json_object_set_new(o, key, v);
		free(key);
	}
	return o;
}

void
cli_json_all(struct cli *c, struct str records)
{
	struct str one;

	c->out = json_array();
	while (record_take(&records, &one))
		json_array_append_new(c->out, cli_json(one));
}

void
cli_json_one(struct cli *c, struct str record)
{
	c->out = cli_json(record);
}

void
cli_json_line(json_t *o)
{
	ASSERT(o);
	(void)json_dumpf(
	    o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	(void)putchar('\n');
	(void)fflush(stdout);
	json_decref(o);
}

/* C1 too: U+009B begins a command to a terminal as ESC [ does. */
void
cli_shown(struct str s, struct buf *out)
{
	uint32_t cp;

	while (utf8_next(&s, &cp))
		utf8_add(
		    out, cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ? ' ' : cp);
}

enum { DUE_MS = 200, BAR = 40 };

bool
cli_due(struct cli *c)
{
	int64_t now = clock_mono(&clock_system);

	if (now < c->due)
		return false;
	c->due = now + DUE_MS;
	return true;
}

void
cli_bar(struct cli *c, const char *what, uint64_t done, uint64_t all)
{
	int64_t now = clock_mono(&clock_system);
	double part = all ? (double)done / (double)all : 1;
	int full = (int)(part * BAR);

	if (c->json || now < c->bar_due || !isatty(STDERR_FILENO))
		return;
	c->bar_due = now + DUE_MS;
	(void)fprintf(stderr, "\r%s [", what);
	for (int i = 0; i < BAR; i++)
		(void)fputc(i < full ? '=' : ' ', stderr);
	(void)fprintf(stderr, "] %3.0f%%\x1b[K", part * 100);
	(void)fflush(stderr);
}

void
cli_size(uint64_t bytes, struct buf *out)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double v = (double)bytes;
	size_t i = 0;

	while (v >= 1024 && i + 1 < ARRAY_LEN(units)) {
		v /= 1024;
		i++;
	}
	buf_addf(out, i == 0 ? "%.0f %s" : "%.1f %s", v, units[i]);
}

void
cli_time(int64_t ms, struct buf *out)
{
	struct civil t;

	if (ms <= 0) {
		buf_addz(out, "never");
		return;
	}
	t = date_civil((struct date){ms, date_local_zone(ms)});
	buf_addf(out, "%04lld-%02d-%02d %02d:%02d", (long long)t.year, t.month,
	    t.day, t.hour, t.minute);
}

static void
cell(struct str record, struct str key, struct buf *out)
{
	struct wire w = wire_of(record);
	struct record_field f;
	struct wire texts;

	while (record_next(&w, &f)) {
		if (!str_eq(f.key, key))
			continue;
		switch (f.type) {
		case RECORD_U64:
			buf_addu(out, f.number);
			return;
		case RECORD_BOOL:
			buf_addz(out, f.number ? "on" : "off");
			return;
		case RECORD_TIME:
			cli_time((int64_t)f.number, out);
			return;
		case RECORD_LIST:
			texts = wire_of(f.s);
			while (wire_ok(&texts) && !wire_end(&texts)) {
				if (out->n > 0)
					buf_addc(out, ' ');
				buf_adds(out, wire_str(&texts));
			}
			return;
		case RECORD_STR:
		case RECORD_END:
			buf_adds(out, f.s);
			return;
		}
	}
}

/* What takes one column on a terminal, nearly always. */
static size_t
width(struct str s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void
print_cell(struct str s, size_t wide)
{
	size_t n = width(s);
	struct buf b;

	buf_init(&b, 3 * s.n + 1);
	cli_shown(s, &b);
	(void)fwrite(buf_str(&b).p, 1, b.n, stdout);
	buf_release(&b);
	while (wide && n++ < wide)
		(void)putchar(' ');
}

static size_t
widest(struct str records, struct str key, struct str title)
{
	size_t most = width(title);
	struct str one;
	struct buf b;

	buf_init(&b, 64 * 1024);
	while (record_take(&records, &one)) {
		buf_clear(&b);
		cell(one, key, &b);
		most = max_size(most, width(buf_str(&b)));
	}
	buf_release(&b);
	return most + 2;
}

/* One line: the titles, or a record's values. */
static void
print_row(const struct str *record, const char *columns, const size_t *wide)
{
	struct str rest = str_from(columns), column, key;
	struct buf b;
	size_t i = 0;

	buf_init(&b, 64 * 1024);
	while (rest.n > 0) {
		column = str_cut(&rest, ' ');
		key = str_cut(&column, ':');
		buf_clear(&b);
		if (record)
			cell(*record, key, &b);
		else
			buf_adds(&b, column);
		print_cell(buf_str(&b), rest.n > 0 ? wide[i++] : 0);
	}
	(void)putchar('\n');
	buf_release(&b);
}

void
cli_table(const struct cli *c, struct str records, const char *columns)
{
	struct str rest = str_from(columns), column, key, one;
	size_t wide[16], n = 0;

	if (c->json || records.n == 0)
		return;
	while (rest.n > 0 && n < ARRAY_LEN(wide)) {
		column = str_cut(&rest, ' ');
		key = str_cut(&column, ':');
		wide[n++] = widest(records, key, column);
	}
	print_row(NULL, columns, wide);
	while (record_take(&records, &one))
		print_row(&one, columns, wide);
}
