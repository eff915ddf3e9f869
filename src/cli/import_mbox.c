/*
 * mbox files (RFC 4155), read as mboxrd: a line "From sender date" after an
 * empty line (or the first line) begins a message; ">From " and ">>From "
 * lose one ">". Status, X-Status and X-Keywords are the mailbox's own marks:
 * they become flags and leave the message. Our own export begins with X-Status
 * and ends its marks with X-Keywords: later ones are the message's.
 */
#include <errno.h>
#include <unistd.h>

#include "base/date.h"
#include "base/hex.h"
#include "cli/import.h"

enum { MBOX_KEYWORDS = 32 };

struct mbox {
	struct import *im;
	struct import_folder *folder;
	bool open;      /* a message is being read */
	bool in_header; /* of it */
	bool first;     /* no line of it was read yet */
	bool ours;      /* it is of our own export */
	bool marked;    /* and all of its marks were read */
	bool skipping;  /* folded lines of a field that is left out */
	bool empty;     /* an empty line waits: it may be the separator's */
	bool middle;    /* of a line longer than IMPORT_LINE */
	struct str eol; /* of the empty line */
	struct import_facts facts;
	struct str keywords[MBOX_KEYWORDS];
};

/* "Mon Jan  1 12:00:00 2024", with or without a zone before the year. */
static bool
parse_asctime(struct str s, struct import_facts *facts)
{
	struct str word[8], time;
	struct civil c = {0};
	uint32_t day, hour, minute, second = 0, year;
	struct date d;
	size_t n = 0;

	while (s.n > 0 && n < ARRAY_LEN(word)) {
		word[n] = str_cut(&s, ' ');
		n += word[n].n > 0;
	}
	if (n < 5 || !(c.month = date_month(word[1])))
		return false;
	time = word[3];
	if (!str_to_u32(word[2], &day) ||
	    !str_to_u32(str_cut(&time, ':'), &hour) ||
	    !str_to_u32(str_cut(&time, ':'), &minute) ||
	    (time.n > 0 && !str_to_u32(time, &second)) ||
	    (!str_to_u32(word[4], &year) &&
		(n < 6 || !str_to_u32(word[5], &year))))
		return false;
	c.day = (int)day;
	c.hour = (int)hour;
	c.minute = (int)minute;
	c.second = (int)second;
	c.year = year;
	if (!date_from_civil(&c, 0, &d))
		return false;
	facts->dated = true;
	facts->date_ms = d.ms;
	facts->zone = 0;
	return true;
}

/* The sender may hold spaces: the date begins at a weekday. */
bool
import_from_line(struct str line, struct import_facts *facts)
{
	static const struct str days[] = {STR_INIT("Mon "), STR_INIT("Tue "),
	    STR_INIT("Wed "), STR_INIT("Thu "), STR_INIT("Fri "),
	    STR_INIT("Sat "), STR_INIT("Sun ")};
	struct str rest;
	size_t i, d;

	line = str_trim(line);
	if (!str_starts(line, S("From ")))
		return false;
	for (i = 4; i < line.n; i++) {
		if (line.p[i] != ' ')
			continue;
		rest = str_from_pos(line, i + 1);
		for (d = 0; d < ARRAY_LEN(days); d++)
			if (str_starts(rest, days[d]) &&
			    parse_asctime(rest, facts))
				return true;
	}
	return false;
}

static void
mark(struct mbox *m, struct str name, struct str value)
{
	struct import_facts *f = &m->facts;
	struct str word;
	uint64_t before;
	size_t i;

	if (str_eqi(name, S("X-Keywords"))) {
		while (value.n > 0 && f->n_keywords < MBOX_KEYWORDS) {
			word = str_cut(&value, ' ');
			before = word.n;
			if (before > 0 && !str_eqi(word, S("NonJunk")))
				m->keywords[f->n_keywords++] =
				    arena_str(&m->im->c->arena, word);
		}
		return;
	}
	for (i = 0; i < value.n; i++)
		switch (value.p[i]) {
		case 'R':
			f->bits |= FLAG_SEEN;
			break;
		case 'A':
			f->bits |= FLAG_ANSWERED;
			break;
		case 'F':
			f->bits |= FLAG_FLAGGED;
			break;
		case 'D':
			f->bits |= FLAG_DELETED;
			break;
		case 'T':
			f->bits |= FLAG_DRAFT;
			break;
		default:
			break;
		}
}

/* Mozilla's marks stay in the message: it has them in every copy. */
static void
mozilla(struct mbox *m)
{
	struct str v = import_field(m->im, "X-Mozilla-Status");
	unsigned bits = 0;
	size_t i;
	char c;

	for (i = 0; i < v.n && i < 4; i++) {
		c = v.p[i];
		bits =
		    bits << 4 | (hex_digit(c) < 0 ? 0 : (unsigned)hex_digit(c));
	}
	m->facts.bits |= (bits & 1 ? FLAG_SEEN : 0u) |
	    (bits & 2 ? FLAG_ANSWERED : 0u) | (bits & 4 ? FLAG_FLAGGED : 0u) |
	    (bits & 8 ? FLAG_DELETED : 0u);
}

static enum status
end(struct mbox *m)
{
	if (!m->open)
		return ST_OK;
	m->open = m->empty = false;
	mozilla(m);
	if (!m->facts.dated)
		import_date(m->im, clock_wall(&clock_system), &m->facts);
	m->facts.keywords = m->keywords;
	return import_finish(m->im, m->folder, &m->facts);
}

static enum status
begin(struct mbox *m, struct str line)
{
	enum status st = end(m);

	if (st == ST_OK)
		st = import_start(m->im);
	m->facts = (struct import_facts){0};
	/* Without a date it is a From_ line all the same. */
	(void)import_from_line(line, &m->facts);
	m->open = m->in_header = m->first = true;
	m->ours = m->marked = m->skipping = false;
	return st;
}

/* True: the line is one of the mailbox's own and is left out. */
static bool
own_field(struct mbox *m, struct str line)
{
	struct str name, value = line;

	if (m->marked)
		return false;
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return m->skipping;
	name = str_cut(&value, ':');
	if (m->first)
		m->ours = str_eqi(name, S("X-Status"));
	m->first = false;
	m->skipping = str_eqi(name, S("Status")) ||
	    str_eqi(name, S("X-Status")) || str_eqi(name, S("X-Keywords"));
	if (m->skipping)
		mark(m, name, str_trim(value));
	m->marked = m->ours && (!m->skipping || str_eqi(name, S("X-Keywords")));
	return m->skipping;
}

static struct str
unquote(struct str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] == '>')
		i++;
	if (i > 0 && str_starts(str_from_pos(line, i), S("From ")))
		return str_from_pos(line, 1);
	return line;
}

/* A line with its end; the last one may have none. */
static enum status
take_line(struct mbox *m, struct str line)
{
	bool blank = str_eq(line, S("\n")) || str_eq(line, S("\r\n"));
	struct import_facts ignored;
	enum status st = ST_OK;

	if ((!m->open && str_starts(line, S("From "))) ||
	    (m->empty && import_from_line(line, &ignored)))
		return begin(m, line);
	if (!m->open)
		return blank ? ST_OK
			     : import_fail(m->im, ST_SYNTAX,
				   "this is no mbox: it does not begin with "
				   "\"From \"");
	if (m->empty)
		st = import_feed(m->im, m->eol);
	m->empty = false;
	if (st != ST_OK)
		return st;
	if (m->in_header && !blank && own_field(m, line))
		return ST_OK;
	if (blank) {
		/* Behind a header alone it is the separator's, too. */
		m->in_header = false;
		m->empty = true;
		m->eol = line.n == 1 ? S("\n") : S("\r\n");
		return ST_OK;
	}
	return import_feed(
	    m->im, m->in_header && !m->ours ? line : unquote(line));
}

static enum status
take(struct mbox *m, struct buf *b, bool last)
{
	struct str rest = buf_str(b), line;
	enum status st = ST_OK;
	size_t lf;

	while (st == ST_OK && rest.n > 0) {
		lf = str_find(rest, '\n');
		/* A line without end that is too long goes on as bytes. */
		if (lf == SIZE_MAX && !last && rest.n < IMPORT_LINE)
			break;
		line = lf == SIZE_MAX ? rest : str_first(rest, lf + 1);
		rest = str_from_pos(rest, line.n);
		st = m->middle && m->open ? import_feed(m->im, line)
					  : take_line(m, line);
		m->middle = lf == SIZE_MAX;
	}
	buf_consume(b, b->n - rest.n);
	return st;
}

enum status
import_mbox(
    struct import *im, const char *path, int fd, struct import_folder *folder)
{
	struct mbox *m = mem_zalloc(sizeof(*m));
	enum status st = ST_OK;
	struct buf b;
	ssize_t n = 1;
	char *p;

	m->im = im;
	m->folder = folder;
	buf_init(&b, IMPORT_LINE + IMPORT_CHUNK);
	while (st == ST_OK && n > 0) {
		p = buf_reserve(&b, IMPORT_CHUNK);
		ASSERT(p);
		n = read(fd, p, IMPORT_CHUNK);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0) {
			st = import_fail(
			    im, ST_IO, "%s: %s", path, strerror(errno));
			break;
		}
		buf_commit(&b, (size_t)n);
		st = take(m, &b, n == 0);
	}
	if (st == ST_OK)
		st = end(m);
	if (im->in)
		incoming_free(&im->in);
	buf_release(&b);
	free(m);
	return st;
}
