/* Records of the packs that mail.db does not know, made changes again (S3). */
#include "base/log.h"
#include "base/vec.h"
#include "store/flagset.h"
#include "store/pack.h"
#include "store/recover_int.h"
#include "store/turn_int.h"

/*
 * Replay in batches: each is a turn of its own. A record carries its uid and
 * ids, so a message that comes back is the same message; its modseq is fresh.
 */
enum { REPLAY_BATCH = 1000, REPLAY_BYTES = 8 * 1024 * 1024 };

struct replay {
	struct account *a;
	struct turn *t;
	struct ask ask;
	struct place applied; /* behind the last whole group planned */
	bool rebuild;         /* mail.db was lost: folder records count */
	struct map seen;      /* then: ids of messages; a pack may stand
			       * beside what it was compacted to */
	uint64_t n_messages, n_bytes;
};

static void
replay_begin(struct replay *r)
{
	r->t = turn_new(r->a);
	r->ask = (struct ask){
	    .c = {.kind = CHANGE_DELIVER, .origin = &recovery_origin}};
	r->n_bytes = 0;
}

static enum status
replay_commit(struct replay *r)
{
	enum status st;

	r->t->row.applied = r->applied;
	if ((st = turn_commit(r->t)) == ST_OK)
		turn_publish(r->t);
	turn_free(r->t);
	r->t = NULL;
	return st;
}

/* A name that is free: of two mailboxes that bore one, the later has it. */
static struct str
free_name(struct replay *r, struct str name, uint64_t id)
{
	struct str try = name;

	while (plan_find(r->t, try))
		try = arena_printf(&r->t->arena, STR_FMT " (%llu)",
		    STR_ARG(str_first(try, 900)), (unsigned long long)id);
	return try;
}

static void
rename_box(struct replay *r, struct pbox *box, struct str name)
{
	struct effect *e = plan_effect(r->t, &r->ask, EFFECT_RENAME, box);

	e->name = box->now.name;
	e->new_name = arena_str(&r->t->arena, name);
	box->now.name = e->new_name;
}

static struct pbox *
create_box(struct replay *r, uint64_t id, struct str name, uint32_t uidvalidity,
    unsigned use)
{
	struct turn *t = r->t;
	struct pbox *old = plan_find(t, name), *box;
	uint64_t next_id;
	struct effect *e;

	if (old)
		rename_box(r, old, free_name(r, name, old->now.id));
	next_id = t->row.next_id;
	t->row.next_id = id;
	box = plan_new_box(t, name);
	t->row.next_id = id >= next_id ? id + 1 : next_id;
	box->now.special_use = use;
	if (uidvalidity) {
		box->now.uidvalidity = uidvalidity;
		if (uidvalidity > t->row.last_uidvalidity)
			t->row.last_uidvalidity = uidvalidity;
	}
	e = plan_effect(t, &r->ask, EFFECT_CREATE, box);
	e->name = box->now.name;
	return box;
}

/*
 * After a crash only a CREATE that a later message needs matters, and a
 * mailbox too many does no harm; in a rebuild names are followed, but a
 * DELETE is not: MOVE and COPY are not in the packs, so what a deleted
 * mailbox held may be shown elsewhere by rows that are lost. A CREATE of one
 * that is there brought it back.
 */
static void
replay_folder(struct replay *r, const struct pack_record *rec)
{
	struct pbox *box = plan_box(r->t, rec->mailbox);

	if (rec->kind == PACK_CREATE && !box && !db_died(r->a, rec->mailbox))
		create_box(r, rec->mailbox, rec->name, rec->uidvalidity,
		    rec->special_use);
	else if (rec->kind != PACK_DELETE && box && r->rebuild &&
	    !str_eq(box->now.name, rec->name))
		rename_box(r, box, free_name(r, rec->name, box->now.id));
	else if (rec->kind == PACK_DELETE && box && r->rebuild)
		rename_box(r, box,
		    free_name(r,
			arena_printf(&r->t->arena, "Recovered/" STR_FMT,
			    STR_ARG(str_first(box->now.name, 900))),
			box->now.id));
}

/* Mail came to it after a restore whose rows are lost: it comes back empty. */
static struct pbox *
revive_box(struct replay *r, uint64_t id)
{
	struct turn *t = r->t;
	struct pbox *box = ARENA_NEW(&t->arena, struct pbox);

	if (db_dead_mailbox(
		r->a, id, &t->arena, &box->now, &box->gone_modseq) != ST_OK)
		return NULL;
	box->now.name = free_name(r, box->now.name, id);
	plan_revived(t, &r->ask, box);
	return box;
}

static struct pbox *
box_for(struct replay *r, const struct pack_record *rec)
{
	struct pbox *box = plan_box(r->t, rec->mailbox);

	if (!box)
		box = revive_box(r, rec->mailbox);
	if (!box)
		box = plan_find(r->t, S("INBOX"));
	return box ? box : create_box(r, rec->mailbox, S("INBOX"), 0, 0);
}

static enum status
replay_message(struct replay *r, const struct pack_record *rec,
    struct place place, uint64_t stored, struct str summary)
{
	struct turn *t = r->t;
	struct pbox *box = box_for(r, rec);
	struct row *row = ARENA_NEW(&t->arena, struct row);
	uint32_t uidnext = box->now.uidnext;
	struct arrival *m;
	struct summary decoded;
	struct flags flags;
	enum status st;

	if (flags_parse(rec->flags, &t->arena, &flags) != ST_OK)
		flags = (struct flags){0};
	st = flagset_intern(t->a->flagsets, &flags, &row->e.flagset);
	if (st != ST_OK || plan_keywords(t, box, row->e.flagset) != ST_OK)
		row->e.flagset = 1;
	row->e.uid = rec->uid;
	/* Its own uid, unless it comes to another mailbox, or that is taken. */
	if (box->now.id != rec->mailbox ||
	    db_has_entry(t->a, box->now.id, rec->uid) ||
	    map_get_u64(&box->over, rec->uid))
		row->e.uid = uidnext;
	row->e.message = rec->id;
	row->e.saved_ms = rec->saved_ms;
	row->size = rec->size;
	m = VEC_ADD(t, arrivals);
	m->id = rec->id;
	m->size = rec->size;
	m->header_size = rec->header_size;
	m->internaldate_ms = rec->internaldate_ms;
	m->zone = rec->zone;
	m->summary = arena_str(&t->arena, summary);
	memcpy(m->emailid, rec->emailid, ID_BYTES);
	memcpy(m->threadid, rec->threadid, ID_BYTES);
	m->uidl = arena_str(&t->arena, rec->uidl);
	m->place = place;
	m->stored = stored;
	if (summary_decode(m->summary, &t->arena, &decoded) == ST_OK)
		thread_replay(t, m, &decoded);
	if (rec->id >= t->row.next_id)
		t->row.next_id = rec->id + 1;
	/* One change a message: its modseq is its own. */
	r->ask.changed.modseq = 0;
	plan_add(t, &r->ask, box, row, 1);
	if (box->now.uidnext < uidnext)
		box->now.uidnext = uidnext;
	r->n_messages++;
	r->n_bytes += summary.n;
	return ST_OK;
}

static bool
seen_before(struct replay *r, uint64_t id)
{
	return r->rebuild && map_set_u64(&r->seen, id, r) != NULL;
}

static enum status
replay_record(void *ctx, const struct pack_record *rec, struct place place,
    uint64_t stored, struct place end, struct str summary)
{
	struct replay *r = ctx;
	enum status st = ST_OK;

	if (!r->t)
		replay_begin(r);
	if (rec->kind == PACK_MESSAGE && seen_before(r, rec->id))
		st = ST_OK;
	else if (rec->kind == PACK_MESSAGE)
		st = replay_message(r, rec, place, stored, summary);
	else
		replay_folder(r, rec);
	if (st == ST_OK && rec->last_of_group) {
		if (!place_kept(end))
			r->applied = end;
		if (r->t->n_effects >= REPLAY_BATCH ||
		    r->n_bytes >= REPLAY_BYTES)
			st = replay_commit(r);
	}
	return st;
}

enum status
recover_replay(struct account *a, struct place from, bool rebuild)
{
	struct replay r = {.a = a, .applied = from, .rebuild = rebuild};
	enum status st;

	st = pack_replay(a->pack, from, replay_record, &r);
	if (st != ST_OK && r.t) {
		turn_free(r.t);
		r.t = NULL;
	}
	if (st == ST_OK && !r.t && place_cmp(a->applied, pack_end(a->pack)))
		replay_begin(&r); /* a tail was cut or skipped: note that */
	map_release(&r.seen);
	r.applied = pack_end(a->pack);
	if (st == ST_OK && r.t)
		st = replay_commit(&r);
	if (st == ST_OK && r.n_messages)
		log_debug("messages replayed", LOG_STR("account", a->id),
		    LOG_U64("messages", r.n_messages));
	return st;
}
