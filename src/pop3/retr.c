/* RFC 1939 5, 7: RETR, TOP. A message goes out in slices, never whole. */
#include "base/utf8.h"
#include "pop3/cmd_table.h"
#include "pop3/surrogate.h"

enum { READ_SLICE = 64 * 1024, HEADER_MAX = 256 * 1024 };

/*
 * One piece with its dots stuffed. A dot is stuffed behind a LF that stands
 * alone, too: clients that take LF for the end of a line must not see an end
 * of the message in it. NUL cannot be said (V8). False: TOP has its lines.
 */
static bool
stuff(struct pop3_sending *t, struct str bytes, struct buf *out)
{
	size_t i, from = 0;

	for (i = 0; i < bytes.n; i++) {
		char c = bytes.p[i];

		if (t->line_start && t->limited && t->body &&
		    t->lines_left == 0)
			break;
		if ((t->line_start && c == '.') || c == '\0') {
			buf_add(out, bytes.p + from, i - from);
			from = i + (c == '\0');
			buf_addc(out, c == '\0' ? '\x80' : '.');
		}
		t->line_start = c == '\n';
		if (c != '\n') {
			t->line_empty &= c == '\r';
			continue;
		}
		if (t->body && t->lines_left > 0)
			t->lines_left--;
		t->body |= t->line_empty;
		t->line_empty = true;
	}
	buf_add(out, bytes.p + from, i - from);
	return i == bytes.n;
}

static enum pop3_step
sent(struct pop3 *s, struct buf *out)
{
	const struct pop3_sending *t = &s->sending;

	if (!t->line_start)
		buf_addz(out, "\r\n");
	buf_addz(out, ".\r\n");
	if (!t->limited)
		s->drop.messages[t->msn - 1].seen = true;
	return POP3_DONE;
}

static enum pop3_step
send_slice(struct pop3 *s, struct buf *out)
{
	struct pop3_sending *t = &s->sending;
	struct pop3_message *m = &s->drop.messages[t->msn - 1];
	struct buf piece;
	enum status st;
	bool more;

	if (t->head.n > 0) {
		struct str part = str_from_pos(buf_str(&t->head), t->head_at);

		more = stuff(t, str_first(part, READ_SLICE), out);
		t->head_at += READ_SLICE;
		if (t->head_at < t->head.n && more)
			return POP3_AGAIN;
		buf_release(&t->head);
		return more && t->at < m->size ? POP3_AGAIN : sent(s, out);
	}
	buf_init(&piece, READ_SLICE);
	st = message_read(s->host->account, m->id, t->at, READ_SLICE, &piece);
	if (st != ST_OK || (piece.n == 0 && t->at < m->size)) {
		/* Half a message must not look like a whole one. */
		buf_release(&piece);
		s->closing = true;
		return POP3_DONE;
	}
	more = stuff(t, buf_str(&piece), out);
	t->at += piece.n;
	buf_release(&piece);
	return more && t->at < m->size ? POP3_AGAIN : sent(s, out);
}

/*
 * RFC 6856 2.1: what takes the place of the header, if that is not ASCII and
 * the client has not said UTF8. LIST tells the size of what is stored.
 */
static enum status
prepare(struct pop3 *s, const struct message *m, struct buf *head)
{
	struct buf header;
	enum status st;

	buf_init(head, 8 * HEADER_MAX);
	if (s->utf8)
		return ST_OK;
	buf_init(&header, HEADER_MAX);
	st = message_read(s->host->account, m->id, 0,
	    m->header_size < HEADER_MAX ? m->header_size : HEADER_MAX, &header);
	if (st == ST_OK &&
	    utf8_ascii_run(buf_str(&header)) < buf_str(&header).n) {
		if (m->header_size > HEADER_MAX)
			st = ST_LIMIT;
		else
			pop3_surrogate(buf_str(&header), &s->arena, head);
		if (buf_full(head))
			st = ST_LIMIT;
	}
	buf_release(&header);
	return st;
}

static enum pop3_step
send(struct pop3 *s, struct buf *out, bool limited, uint64_t lines)
{
	struct pop3_message *m = pop3_drop_find(s, s->args[0], out);
	uint64_t size;
	struct message facts;
	enum status st;
	struct buf head;

	if (!m)
		return POP3_DONE;
	/* What cannot be read at all is said now, not in the middle. */
	st = message_get(s->host->account, m->id, &facts);
	if (st != ST_OK)
		return pop3_err_status(out, st);
	st = prepare(s, &facts, &head);
	if (st != ST_OK) {
		buf_release(&head);
		return st == ST_LIMIT
		    ? pop3_err(
			  out, "UTF8", "Its header can be sent as UTF-8 only")
		    : pop3_err_status(out, st);
	}
	size = head.n > 0 ? m->size - facts.header_size + head.n : m->size;
	s->sending = (struct pop3_sending){
	    .msn = (uint32_t)(m - s->drop.messages) + 1,
	    .head = head,
	    .at = head.n > 0 ? facts.header_size : 0,
	    .lines_left = lines,
	    .limited = limited,
	    .line_start = true,
	    .line_empty = true,
	};
	s->phase = 1;
	if (limited)
		pop3_ok(out, "The top follows");
	else
		buf_addf(out, "+OK %llu octets\r\n", (unsigned long long)size);
	return POP3_AGAIN;
}

enum pop3_step
pop3_retr(struct pop3 *s, struct buf *out)
{
	return s->phase ? send_slice(s, out) : send(s, out, false, 0);
}

enum pop3_step
pop3_top(struct pop3 *s, struct buf *out)
{
	uint64_t lines;

	if (s->phase)
		return send_slice(s, out);
	if (!str_to_u64(s->args[1], &lines))
		return pop3_err(out, NULL, "Not a number of lines");
	return send(s, out, true, lines);
}
