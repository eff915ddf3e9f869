/* The maildrop: INBOX as it is at the login (V5). */
#include "base/map.h"
#include "pop3/session.h"

enum status
pop3_drop_open(struct pop3 *s)
{
	struct pop3_drop *d = &s->drop;
	const struct mailbox *inbox;
	struct entry e;
	enum status st;
	uint32_t i;

	st = mailbox_find(s->host->account, &s->viewer, S("INBOX"), &inbox);
	if (st != ST_OK)
		return st;
	d->mailbox = inbox->id;
	st = view_open(s->host->account, &s->viewer, d->mailbox, &d->view);
	if (st != ST_OK)
		return st;
	d->n = d->left = view_count(d->view);
	d->messages = mem_zalloc((d->n + 1) * sizeof(*d->messages));
	for (i = 0; i < d->n; i++) {
		struct pop3_message *m = &d->messages[i];

		view_entry(d->view, i + 1, &e);
		m->id = e.message;
		m->uid = e.uid;
		m->size = view_size(d->view, i + 1);
		d->size += m->size;
	}
	return ST_OK;
}

void
pop3_drop_copies(struct pop3 *s)
{
	struct pop3_drop *d = &s->drop;
	struct map first = MAP_INIT;
	uint32_t i;

	if (d->copies_known)
		return;
	d->copies_known = true;
	for (i = 0; i < d->n; i++) {
		struct pop3_message *m = &d->messages[i];
		struct pop3_message *was = map_get_u64(&first, m->id);

		if (was)
			m->copy_of = (uint32_t)(was - d->messages) + 1;
		else
			(void)map_set_u64(&first, m->id, m);
	}
	map_release(&first);
}

void
pop3_drop_release(struct pop3 *s)
{
	if (s->drop.view)
		view_close(&s->drop.view);
	free(s->drop.messages);
	s->drop = (struct pop3_drop){0};
}

struct pop3_message *
pop3_drop_find(struct pop3 *s, struct str arg, struct buf *out)
{
	struct pop3_message *m;
	uint32_t msn;

	if (!str_to_u32(arg, &msn)) {
		(void)pop3_err(out, NULL, "Not the number of a message");
		return NULL;
	}
	if (msn < 1 || msn > s->drop.n) {
		(void)pop3_err(out, NULL, "There is no such message");
		return NULL;
	}
	m = &s->drop.messages[msn - 1];
	if (m->deleted) {
		(void)pop3_err(out, NULL, "The message is deleted");
		return NULL;
	}
	return m;
}
