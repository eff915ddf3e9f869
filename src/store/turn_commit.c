/* The effects of a turn, made durable: pack first (S2), then one transaction. */
#include "store/flagset.h"
#include "store/history_int.h"
#include "store/pack.h"
#include "store/store_int.h"

static void
arrival_record(struct turn *t, const struct arrival *m, struct pack_record *r)
{
	*r = (struct pack_record){
	    .kind = PACK_MESSAGE,
	    .id = m->id,
	    .group = m->group,
	    .last_of_group = m->last_of_group,
	    .mailbox = m->mailbox,
	    .uid = m->uid,
	    .saved_ms = m->saved_ms,
	    .flags = flagset_get(t->a->flagsets, m->flagset)->text,
	    .uidl = m->uidl,
	};
	memcpy(r->emailid, m->emailid, ID_BYTES);
	memcpy(r->threadid, m->threadid, ID_BYTES);
	r->internaldate_ms = m->internaldate_ms;
	r->zone = m->zone;
}

static void
note_record(const struct turn *t, size_t i, struct pack_record *r)
{
	const struct folder_note *n = &t->notes[i];

	*r = (struct pack_record){
	    .kind = n->kind == EFFECT_CREATE ? PACK_CREATE
		: n->kind == EFFECT_RENAME   ? PACK_RENAME
					     : PACK_DELETE,
	    .id = t->row.next_id,
	    .group = t->row.next_id,
	    .last_of_group = i + 1 == t->n_notes,
	    .mailbox = n->mailbox,
	    .uidvalidity = n->uidvalidity,
	    .special_use = n->special_use,
	    .saved_ms = t->wall,
	    .name = n->name,
	};
}

/*
 * Folder records come first: a message record may need a mailbox that was
 * created in its turn. A mailbox deleted behind it is no matter in replay.
 * They are one group: a new account has all of its mailboxes or none.
 */
enum status
turn_append(struct turn *t)
{
	struct pack_record r;
	struct place place;
	enum status st = ST_OK;
	uint64_t stored;

	for (size_t i = 0; i < t->n_notes && st == ST_OK; i++) {
		note_record(t, i, &r);
		st = pack_append(t->a->pack, &r, NULL, &place, &stored);
	}
	for (size_t i = 0; i < t->n_arrivals && st == ST_OK; i++) {
		struct arrival *m = &t->arrivals[i];

		arrival_record(t, m, &r);
		st = pack_append(t->a->pack, &r, m->in, &m->place, &m->stored);
	}
	return st;
}

static enum status
write_arrivals(struct turn *t)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < t->n_arrivals && st == ST_OK; i++) {
		const struct arrival *m = &t->arrivals[i];
		struct message_row row = {
		    .pub =
			{
			    .id = m->id,
			    .size = m->size,
			    .header_size = m->header_size,
			    .internaldate_ms = m->internaldate_ms,
			    .internaldate_zone = m->zone,
			},
		    .place = m->place,
		    .stored = m->stored,
		    .summary = m->summary,
		};

		st = db_add_message(t->a, &row, m->emailid, m->threadid);
		if (st == ST_OK && m->known)
			st = db_add_known(t->a, m->emailid, m->id);
		if (st == ST_OK && m->uidl.n > 0)
			st = db_add_uidl(t->a, m->id, m->uidl);
	}
	for (size_t i = 0; i < t->n_threads && st == ST_OK; i++)
		st = db_add_thread(
		    t->a, t->threads[i].hash, t->threads[i].threadid);
	return st;
}

static enum status
write_add(struct turn *t, const struct effect *e)
{
	enum status st = ST_OK;
	uint64_t n, size;

	for (size_t i = 0; i < e->n_rows && st == ST_OK; i++) {
		const struct row *r = &e->rows[i];

		st = db_add_entry(t->a, e->box->now.id, &r->e, r->size);
		if (!e->copied || st != ST_OK)
			continue;
		if ((st = db_unretain(t->a, r->e.message, &size)) != ST_OK)
			continue;
		t->row.retained -= size;
		if (size) /* history alone held it: shown once again */
			continue;
		if ((st = db_shared(t->a, r->e.message, &n)) == ST_OK)
			st = db_set_shared(t->a, r->e.message, n + 1);
	}
	return st;
}

static enum status
write_gone(struct turn *t, const struct effect *e)
{
	enum status st = ST_OK;
	uint64_t n;

	for (size_t i = 0; i < e->n_rows && st == ST_OK; i++) {
		const struct row *r = &e->rows[i];

		st = db_drop_entry(t->a, e->box->now.id, r->e.uid);
		if (e->moved || st != ST_OK)
			continue;
		if ((st = db_shared(t->a, r->e.message, &n)) != ST_OK)
			continue;
		if (n > 1) {
			st = db_set_shared(t->a, r->e.message, n - 1);
		} else {
			st = db_retain(t->a, r->e.message, e->modseq, r->size);
			t->row.retained += r->size;
		}
	}
	return st;
}

static enum status
write_flags(struct turn *t, const struct effect *e)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < e->n_rows && st == ST_OK; i++)
		st = db_set_flags(t->a, e->box->now.id, &e->rows[i].e);
	return st;
}

static enum status
write_effects(struct turn *t)
{
	struct buf data;
	enum status st = ST_OK;

	buf_init(&data, HISTORY_ROW_MAX);
	for (size_t i = 0; i < t->n_effects && st == ST_OK; i++) {
		const struct effect *e = &t->effects[i];
		struct history_row row = {
		    .modseq = e->modseq,
		    .part = e->part,
		    .kind = history_kind(e->change, e->kind),
		    .mailbox = e->box ? e->box->now.id : 0,
		    .origin = e->origin,
		    .wall = t->wall,
		};

		if (e->kind == EFFECT_ADD || e->kind == EFFECT_BACK)
			st = write_add(t, e);
		else if (e->kind == EFFECT_GONE)
			st = write_gone(t, e);
		else if (e->kind == EFFECT_FLAGS)
			st = write_flags(t, e);
		else if (e->kind == EFFECT_SUBSCRIBE)
			st = db_subscribe(t->a, e->name, e->on);
		buf_clear(&data);
		history_encode(e, &data);
		row.data = buf_str(&data);
		if (st == ST_OK)
			st = buf_full(&data) ? ST_LIMIT
					     : db_add_history(t->a, &row);
	}
	buf_release(&data);
	return st;
}

static enum status
write_boxes(struct turn *t)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < t->n_boxes && st == ST_OK; i++) {
		const struct pbox *p = t->boxes[i];

		if (p->dirty)
			st = db_set_mailbox(t->a, &p->now, p->gone_modseq);
		if (!p->exists && st == ST_OK)
			st = db_mailbox_died(
			    t->a, p->now.id, p->now.highestmodseq);
		for (size_t k = 0; k < p->n_keywords && st == ST_OK; k++)
			st = db_add_keyword(t->a, p->now.id, p->keywords[k]);
	}
	return st;
}

static enum status
write_interned(struct turn *t)
{
	uint32_t n = flagsets_count(t->a->flagsets);
	enum status st = ST_OK;
	const uint32_t *again;

	for (uint32_t id = t->a->flagsets_saved + 1; id <= n && st == ST_OK;
	     id++)
		st = db_add_flagset(
		    t->a, id, flagset_get(t->a->flagsets, id)->text);
	t->n_flagsets = n;
	t->n_saved_again = flagsets_to_save(t->a->flagsets, &again);
	for (size_t i = 0; i < t->n_saved_again && st == ST_OK; i++)
		st = db_add_flagset(t->a, again[i],
		    flagset_get(t->a->flagsets, again[i])->text);
	for (size_t i = 0; i < t->n_origins && st == ST_OK; i++)
		st = db_add_origin(
		    t->a, t->a->last_origin + i + 1, t->origins[i]);
	if (st == ST_OK && t->clock_stepped && t->n_effects)
		st = db_add_clock(t->a, t->a->modseq + 1, t->wall);
	if (st == ST_OK && t->raise_dead)
		st = db_raise_dead(t->a, t->raise_dead,
		    UINT32_MAX - 2 * UID_RESERVE - t->raise_dead);
	if (st == ST_OK && t->lost_last)
		st = db_add_lost(t->a, t->lost_first, t->lost_last, t->wall);
	return st;
}

enum status
turn_commit(struct turn *t)
{
	enum status st;

	if ((st = db_begin(t->a)) != ST_OK)
		return st;
	t->row.last_wall = t->n_effects ? t->wall : t->a->last_wall;
	if ((st = write_interned(t)) == ST_OK &&
	    (st = write_arrivals(t)) == ST_OK &&
	    (st = write_effects(t)) == ST_OK &&
	    (st = write_boxes(t)) == ST_OK &&
	    (st = db_set_account(t->a, &t->row)) == ST_OK)
		st = db_commit(t->a);
	if (st != ST_OK)
		db_rollback(t->a);
	return st;
}
