/* RFC 1939 5, 7: RETR, TOP. A message goes out in slices, never whole. */
#include "pop3/cmd_table.h"

enum { READ_SLICE = 64 * 1024 };

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
send_slice(struct pop3 *s, struct buf *out)
{
	struct pop3_sending *t = &s->sending;
	struct pop3_message *m = &s->drop.messages[t->msn - 1];
	struct buf piece;
	enum status st;
	bool more;

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
	if (more && t->at < m->size)
		return POP3_AGAIN;
	if (!t->line_start)
		buf_addz(out, "\r\n");
	buf_addz(out, ".\r\n");
	if (!t->limited)
		m->seen = true;
	return POP3_DONE;
}

static enum pop3_step
send(struct pop3 *s, struct buf *out, bool limited, uint64_t lines)
{
	struct pop3_message *m = pop3_drop_find(s, s->args[0], out);
	struct message facts;
	enum status st;

	if (!m)
		return POP3_DONE;
	/* What cannot be read at all is said now, not in the middle. */
	st = message_get(s->host->account, m->id, &facts);
	if (st != ST_OK)
		return pop3_err_status(out, st);
	s->sending = (struct pop3_sending){
	    .msn = (uint32_t)(m - s->drop.messages) + 1,
	    .lines_left = lines,
	    .limited = limited,
	    .line_start = true,
	    .line_empty = true,
	};
	s->phase = 1;
	if (limited)
		pop3_ok(out, "The top follows");
	else
		buf_addf(
		    out, "+OK %llu octets\r\n", (unsigned long long)m->size);
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
