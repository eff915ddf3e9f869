/* What POP3 sends over several slices: messages and lists. */
#include "base/map.h"
#include "pop3/session.h"
#include "store/message.h"

enum { READ_SIZE = 32 * 1024 };

bool
pop3_msn(struct pop3 *s, struct str args, uint32_t *out, struct buf *err)
{
	uint32_t msn;

	if (!str_to_u32(str_trim(args), &msn))
		buf_addz(err, "-ERR That is not a message number\r\n");
	else if (msn == 0 || msn > s->n)
		buf_addz(err, "-ERR There is no such message\r\n");
	else if (s->deleted[msn - 1])
		buf_addz(err, "-ERR The message is deleted\r\n");
	else {
		*out = msn;
		return true;
	}
	return false;
}

static void
begin(struct pop3 *s, void (*slice)(struct pop3 *s, struct buf *out))
{
	s->sending = (struct pop3_sending){.slice = slice};
	s->sending.msn = 1;
	s->state = POP3_SENDING;
}

static void
end(struct pop3 *s, struct buf *out)
{
	buf_addz(out, ".\r\n");
	s->state = POP3_LINE;
}

static void
list_slice(struct pop3 *s, struct buf *out)
{
	uint32_t *msn = &s->sending.msn;

	for (; *msn <= s->n && out->n < PROTO_OUT_SLICE; ++*msn)
		if (!s->deleted[*msn - 1])
			buf_addf(out, "%u %llu\r\n", *msn,
			    (unsigned long long)s->sizes[*msn - 1]);
	if (*msn > s->n)
		end(s, out);
}

void
pop3_list(struct pop3 *s, struct str args, struct buf *out)
{
	uint32_t msn;

	if (args.n == 0) {
		buf_addf(out, "+OK %u messages\r\n", s->n - s->n_deleted);
		begin(s, list_slice);
	} else if (pop3_msn(s, args, &msn, out)) {
		buf_addf(out, "+OK %u %llu\r\n", msn,
		    (unsigned long long)s->sizes[msn - 1]);
	}
}

/*
 * The EMAILID, so that restored mail is not downloaded again (V5). A message
 * that is twice in INBOX has one EMAILID: its later copies, which RFC 1939
 * wants told apart, have their UID behind it.
 */
static enum status
write_uidl(struct pop3 *s, uint32_t msn, struct buf *out)
{
	struct message m;
	enum status st;

	st = message_get(s->host->account, s->messages[msn - 1], &m);
	if (st != ST_OK)
		return st;
	buf_addf(out, "%u %s", msn, m.emailid);
	if (s->first_copy[msn - 1] != msn)
		buf_addf(out, ".%u", view_uid(s->view, msn));
	buf_addz(out, "\r\n");
	return ST_OK;
}

static void
find_copies(struct pop3 *s)
{
	struct map first = MAP_INIT;

	if (s->first_copy)
		return;
	s->first_copy = mem_zalloc(s->n * sizeof(*s->first_copy));
	for (uint32_t i = 0; i < s->n; i++) {
		void *was = map_get_u64(&first, s->messages[i]);

		s->first_copy[i] = was ? (uint32_t)(uintptr_t)was : i + 1;
		if (!was)
			map_set_u64(
			    &first, s->messages[i], (void *)(uintptr_t)(i + 1));
	}
	map_release(&first);
}

static void
uidl_slice(struct pop3 *s, struct buf *out)
{
	uint32_t *msn = &s->sending.msn;

	for (; *msn <= s->n && out->n < PROTO_OUT_SLICE; ++*msn)
		/* Too late for -ERR: a list cut short must not look whole. */
		if (!s->deleted[*msn - 1] &&
		    write_uidl(s, *msn, out) != ST_OK) {
			s->state = POP3_CLOSING;
			return;
		}
	if (*msn > s->n)
		end(s, out);
}

void
pop3_uidl(struct pop3 *s, struct str args, struct buf *out)
{
	uint32_t msn;
	size_t before = out->n;
	enum status st;

	find_copies(s);
	if (args.n == 0) {
		buf_addz(out, "+OK\r\n");
		begin(s, uidl_slice);
		return;
	}
	if (!pop3_msn(s, args, &msn, out))
		return;
	buf_addz(out, "+OK ");
	if ((st = write_uidl(s, msn, out)) != ST_OK) {
		buf_truncate(out, before);
		pop3_error(st, out);
	}
}

/* Dots at the begin of a line are doubled (RFC 1939 3). */
static void
send_bytes(struct pop3_sending *g, struct str bytes, struct buf *out)
{
	while (bytes.n) {
		size_t nl = str_find(bytes, '\n');
		struct str line =
		    str_first(bytes, nl == SIZE_MAX ? bytes.n : nl + 1);

		if (g->line_start && line.p[0] == '.')
			buf_addc(out, '.');
		buf_adds(out, line);
		g->line_start = nl != SIZE_MAX;
		g->after_cr = line.p[line.n - 1] == '\r';
		bytes = str_from_pos(bytes, line.n);
	}
}

/* TOP: how much of these body bytes belongs to the lines still wanted. */
static struct str
cut_lines(struct pop3_sending *g, struct str bytes)
{
	size_t n = 0;

	while (g->lines_left && n < bytes.n) {
		size_t nl = str_find(str_from_pos(bytes, n), '\n');

		if (nl == SIZE_MAX)
			return bytes;
		n += nl + 1;
		g->lines_left--;
	}
	return str_first(bytes, n);
}

static void
message_slice(struct pop3 *s, struct buf *out)
{
	struct pop3_sending *g = &s->sending;
	uint64_t stop =
	    g->top && g->at < g->header_size ? g->header_size : g->size;

	while (g->at < g->size && out->n < PROTO_OUT_SLICE) {
		uint64_t n =
		    stop - g->at < READ_SIZE ? stop - g->at : READ_SIZE;
		struct str bytes;
		struct buf b;
		enum status st;
		bool sent;

		if (g->top && g->at >= g->header_size && !g->lines_left)
			break;
		buf_init(&b, READ_SIZE);
		st = message_read(s->host->account, g->message, g->at, n, &b);
		bytes = buf_str(&b);
		if (st == ST_OK && g->top && g->at >= g->header_size)
			bytes = cut_lines(g, bytes);
		/* Too late for -ERR: cut short, it must not look whole. */
		sent = b.n == n;
		if (st == ST_OK && sent)
			send_bytes(g, bytes, out);
		buf_release(&b);
		if (st != ST_OK || !sent) {
			s->state = POP3_CLOSING;
			return;
		}
		g->at += n;
		stop = g->size;
	}
	if (g->at < g->size &&
	    !(g->top && g->at >= g->header_size && !g->lines_left))
		return;
	if (!g->line_start)
		buf_addz(out, g->after_cr ? "\n" : "\r\n");
	end(s, out);
}

static void
begin_message(struct pop3 *s, uint32_t msn, struct buf *out)
{
	struct message m;
	enum status st =
	    message_get(s->host->account, s->messages[msn - 1], &m);

	if (st != ST_OK) {
		pop3_error(st, out);
		return;
	}
	buf_addf(out, "+OK %llu octets\r\n", (unsigned long long)m.size);
	begin(s, message_slice);
	s->sending.message = m.id;
	s->sending.size = m.size;
	s->sending.header_size = m.header_size;
	s->sending.line_start = true;
}

void
pop3_retr(struct pop3 *s, struct str args, struct buf *out)
{
	uint32_t msn, uid;

	if (!pop3_msn(s, args, &msn, out))
		return;
	begin_message(s, msn, out);
	if (s->state != POP3_SENDING)
		return;
	uid = view_uid(s->view, msn);
	uidset_add(&s->seen, uid, uid);
}

void
pop3_top(struct pop3 *s, struct str args, struct buf *out)
{
	struct str which = str_cut(&args, ' ');
	uint32_t msn, lines;

	if (!str_to_u32(str_trim(args), &lines)) {
		buf_addz(out,
		    "-ERR TOP needs a message and a number of "
		    "lines\r\n");
		return;
	}
	if (!pop3_msn(s, which, &msn, out))
		return;
	begin_message(s, msn, out);
	s->sending.top = true;
	s->sending.lines_left = lines;
}
