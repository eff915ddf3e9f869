/* RFC 1939 5, 7: STAT, LIST, UIDL. */
#include "pop3/cmd_table.h"

enum { LIST_SLICE = 500 };

enum pop3_step
pop3_stat(struct pop3 *s, struct buf *out)
{
	buf_addf(out, "+OK %u %llu\r\n", (unsigned)s->drop.left,
	    (unsigned long long)s->drop.size);
	return POP3_DONE;
}

static uint32_t
number(const struct pop3 *s, const struct pop3_message *m)
{
	return (uint32_t)(m - s->drop.messages) + 1;
}

static void
write_size(const struct pop3 *s, const struct pop3_message *m, struct buf *out)
{
	buf_addu(out, number(s, m));
	buf_addc(out, ' ');
	buf_addu(out, m->size);
	buf_addz(out, "\r\n");
}

enum pop3_step
pop3_list(struct pop3 *s, struct buf *out)
{
	struct pop3_message *m;
	uint32_t n;

	if (s->n_args == 1) {
		m = pop3_drop_find(s, s->args[0], out);
		if (m) {
			buf_addz(out, "+OK ");
			write_size(s, m, out);
		}
		return POP3_DONE;
	}
	if (s->phase == 0) {
		buf_addf(out, "+OK %u messages (%llu octets)\r\n",
		    (unsigned)s->drop.left, (unsigned long long)s->drop.size);
		s->phase = 1;
		s->listed = 0;
	}
	for (n = 0; n < LIST_SLICE && s->listed < s->drop.n; n++) {
		m = &s->drop.messages[s->listed++];
		if (!m->deleted)
			write_size(s, m, out);
	}
	if (s->listed < s->drop.n)
		return POP3_AGAIN;
	buf_addz(out, ".\r\n");
	return POP3_DONE;
}

struct uidl {
	const struct pop3 *s;
	const uint32_t *msns;
	struct buf *out;
};

/*
 * V5: what a former server said, or EMAILID, so that restored mail is not
 * downloaded again. A message that is twice in INBOX has one EMAILID: its
 * later copies, which clients want told apart, have their UID behind it.
 */
static void
write_id(const struct pop3 *s, const struct pop3_message *m,
    const struct message *facts, struct buf *out)
{
	size_t n = out->n;

	if (m->copy_of > 0)
		buf_addf(out, "%s.%u", facts->emailid, (unsigned)m->uid);
	else if (message_uidl(s->host->account, m->id, out) != ST_OK ||
	    out->n == n)
		buf_addz(out, facts->emailid);
	buf_addz(out, "\r\n");
}

static bool
write_uidl(void *ctx, size_t i, const struct message *m, struct str summary)
{
	struct uidl *u = ctx;

	(void)summary;
	buf_addu(u->out, u->msns[i]);
	buf_addc(u->out, ' ');
	write_id(u->s, &u->s->drop.messages[u->msns[i] - 1], m, u->out);
	return true;
}

static enum pop3_step
one_uidl(struct pop3 *s, struct buf *out)
{
	struct pop3_message *m = pop3_drop_find(s, s->args[0], out);
	struct message facts;
	enum status st;

	if (!m)
		return POP3_DONE;
	st = message_get(s->host->account, m->id, &facts);
	if (st != ST_OK)
		return pop3_err_status(out, st);
	buf_addf(out, "+OK %u ", (unsigned)number(s, m));
	write_id(s, m, &facts, out);
	return POP3_DONE;
}

enum pop3_step
pop3_uidl(struct pop3 *s, struct buf *out)
{
	uint64_t ids[LIST_SLICE];
	uint32_t msns[LIST_SLICE], n = 0;
	struct uidl u = {s, msns, out};
	struct pop3_message *m;
	enum status st;

	pop3_drop_copies(s);
	if (s->n_args == 1)
		return one_uidl(s, out);
	if (s->phase == 0) {
		pop3_ok(out, "Unique ids follow");
		s->phase = 1;
		s->listed = 0;
	}
	while (n < LIST_SLICE && s->listed < s->drop.n) {
		m = &s->drop.messages[s->listed++];
		if (m->deleted)
			continue;
		ids[n] = m->id;
		msns[n++] = number(s, m);
	}
	st = message_walk(s->host->account, ids, n, write_uidl, &u);
	if (st != ST_OK) {
		/* The list has begun: it can only be broken off. */
		s->closing = true;
		return POP3_DONE;
	}
	if (s->listed < s->drop.n)
		return POP3_AGAIN;
	buf_addz(out, ".\r\n");
	return POP3_DONE;
}
