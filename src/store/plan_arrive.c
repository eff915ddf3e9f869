/* Mail that arrives: APPEND, delivery, import. */
#include "base/vec.h"
#include "store/flagset.h"
#include "store/incoming_int.h"
#include "store/store_int.h"
#include "store/turn_int.h"

static bool
over_quota(const struct turn *t, uint64_t more)
{
	return t->row.quota && t->row.bytes + more > t->row.quota;
}

static uint64_t
total_size(const struct change *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->n_messages; i++)
		n += incoming_size(c->messages[i]);
	return n;
}

static struct str
encoded(struct turn *t, const struct summary *s)
{
	struct str copy;
	struct buf b;

	buf_init(&b, SUMMARY_MAX);
	summary_encode(s, &b);
	copy = arena_str(&t->arena, buf_str(&b));
	buf_release(&b);
	return copy;
}

static void
arrive(struct turn *t, struct pbox *box, struct row *r, struct incoming *in,
    uint32_t uid, uint64_t group, bool last)
{
	struct arrival *m = VEC_ADD(t, arrivals);

	m->in = in;
	m->id = t->row.next_id++;
	m->mailbox = box->now.id;
	m->group = group;
	m->last_of_group = last;
	m->uid = uid;
	m->flagset = r->e.flagset;
	m->saved_ms = t->wall;
	m->known = incoming_emailid(in) != NULL;
	if (m->known)
		memcpy(m->emailid, incoming_emailid(in), ID_BYTES);
	else
		random_fill(t->a->store->cfg.random, m->emailid, ID_BYTES);
	m->uidl = incoming_uidl(in);
	thread_assign(t, m, incoming_summary(in));
	incoming_date(in, t->wall, &m->internaldate_ms, &m->zone);
	m->size = incoming_size(in);
	m->header_size = incoming_header_size(in);
	m->summary = encoded(t, incoming_summary(in));
	r->e.uid = uid;
	r->e.message = m->id;
	r->e.saved_ms = t->wall;
	r->size = incoming_size(in);
	t->n_bytes += r->size;
}

static bool
is_known(const struct turn *t, const unsigned char *emailid)
{
	for (size_t i = 0; i < t->n_arrivals; i++)
		if (memcmp(t->arrivals[i].emailid, emailid, ID_BYTES) == 0)
			return true;
	return db_known(t->a, emailid);
}

/* c->once: what is there already is no change. */
static bool
all_known(const struct turn *t, const struct change *c)
{
	for (size_t i = 0; i < c->n_messages; i++)
		if (!incoming_emailid(c->messages[i]) ||
		    !is_known(t, incoming_emailid(c->messages[i])))
			return false;
	return true;
}

static enum status
arrivals(struct turn *t, struct ask *ask, struct pbox *box)
{
	const struct change *c = &ask->c;
	struct row *rows = ARENA_ARRAY(&t->arena, struct row, c->n_messages);
	uint64_t group = t->row.next_id;
	enum status st;
	uint32_t uid;

	if (c->n_messages == 0)
		return ST_INVALID;
	if (c->once && all_known(t, c))
		return ST_OK;
	if (over_quota(t, total_size(c)))
		return ST_OVER_QUOTA;
	if (t->no_space)
		return ST_NO_SPACE;
	for (size_t i = 0; i < c->n_messages; i++) {
		st = flagset_intern(t->a->flagsets,
		    incoming_flags(c->messages[i]), &rows[i].e.flagset);
		if (st == ST_OK)
			st = plan_keywords(t, box, rows[i].e.flagset);
		if (st != ST_OK)
			return st;
	}
	st = plan_room(t, ask, &box, c->n_messages);
	for (size_t i = 0; i < c->n_messages && st == ST_OK; i++)
		st = plan_keywords(t, box, rows[i].e.flagset);
	if (st != ST_OK)
		return st;
	uid = box->now.uidnext;
	for (size_t i = 0; i < c->n_messages; i++)
		arrive(t, box, &rows[i], c->messages[i], uid + (uint32_t)i,
		    group, i + 1 == c->n_messages);
	plan_add(t, ask, box, rows, c->n_messages);
	uidset_add(&ask->changed.to, uid, uid + (uint32_t)c->n_messages - 1);
	ask->changed.uidvalidity = box->now.uidvalidity;
	ask->changed.mailbox = box->now.id;
	return ST_OK;
}

enum status
plan_append(struct turn *t, struct ask *ask)
{
	struct pbox *box = plan_box(t, ask->c.mailbox);

	if (!box || !box->now.selectable)
		return ST_NOT_FOUND;
	if (!plan_may(&ask->c, RIGHT_INSERT))
		return ST_DENIED;
	return arrivals(t, ask, box);
}

enum status
plan_deliver(struct turn *t, struct ask *ask)
{
	struct pbox *box = NULL;
	struct str name;

	if (ask->c.name.n &&
	    mailbox_name_canonical(ask->c.name, &t->arena, &name) == ST_OK)
		box = plan_find(t, name);
	if (!box || !box->now.selectable)
		box = plan_find(t, S("INBOX"));
	return box ? arrivals(t, ask, box) : ST_CORRUPT;
}
