/* RFC 1939 5, 6: DELE, RSET, NOOP, QUIT. */
#include "pop3/cmd_table.h"

enum pop3_step
pop3_noop(struct pop3 *s, struct buf *out)
{
	(void)s;
	pop3_ok(out, "Nothing done");
	return POP3_DONE;
}

enum pop3_step
pop3_dele(struct pop3 *s, struct buf *out)
{
	struct pop3_message *m = pop3_drop_find(s, s->args[0], out);

	if (!m)
		return POP3_DONE;
	m->deleted = true;
	s->drop.left--;
	s->drop.size -= m->size;
	pop3_ok(out, "Deleted at QUIT");
	return POP3_DONE;
}

enum pop3_step
pop3_rset(struct pop3 *s, struct buf *out)
{
	uint32_t i;

	for (i = 0; i < s->drop.n; i++) {
		struct pop3_message *m = &s->drop.messages[i];

		if (!m->deleted)
			continue;
		m->deleted = false;
		s->drop.left++;
		s->drop.size += m->size;
	}
	pop3_ok(out, "Nothing is deleted");
	return POP3_DONE;
}

/* V5: all of it is one durable change. */
static bool
ask_update(struct pop3 *s)
{
	struct question *q;
	uint32_t i;

	s->change = (struct change){.kind = CHANGE_POP3_QUIT,
	    .viewer = &s->viewer,
	    .origin = &s->origin,
	    .mailbox = s->drop.mailbox};
	for (i = 0; i < s->drop.n; i++) {
		const struct pop3_message *m = &s->drop.messages[i];

		if (m->deleted)
			uidset_add(&s->change.uids, m->uid, m->uid);
		else if (m->seen)
			uidset_add(&s->change.seen, m->uid, m->uid);
	}
	if (s->change.uids.n_ranges == 0 && s->change.seen.n_ranges == 0)
		return false;
	q = outbox_ask(s->host->outbox, ASK_CHANGE);
	ASSERT(q);
	q->change = &s->change;
	s->question = q->id;
	return true;
}

enum pop3_step
pop3_quit(struct pop3 *s, struct buf *out)
{
	if (s->phase == 0) {
		s->phase = 1;
		s->answer = ST_OK;
		if (s->state == POP3_TRANSACTION && ask_update(s))
			return POP3_WAIT;
	}
	s->closing = true;
	uidset_release(&s->change.uids);
	uidset_release(&s->change.seen);
	if (s->answer != ST_OK)
		return pop3_err_status(out, s->answer);
	pop3_ok(out, "Goodbye");
	return POP3_DONE;
}
