/* The records of an account: those that messages need, and the others. */
#include "base/vec.h"
#include "store/db_int.h"
#include "store/pack.h"
#include "store/proof_int.h"
#include "store/store_int.h"

struct walk {
	struct proof *p;
	struct account *a;
	uint32_t *nos; /* the packs */
	size_t n, i;
	bool begun;
	uint32_t pack; /* where the walk is: nos[i] */
	uint64_t at, end;
};

/* No message needs what is there: to be known, and nothing to be mended. */
static void
damage(struct walk *w, uint64_t to)
{
	struct buf b;

	if (!w->p->host->note)
		return;
	buf_init(&b, 1024);
	buf_addf(&b,
	    "pack-%06u: damaged at %llu, %llu bytes that no message needs",
	    w->pack, (unsigned long long)w->at,
	    (unsigned long long)(to - w->at));
	w->p->host->note(w->p->host->ctx, w->p->where, buf_str(&b));
	buf_release(&b);
}

/*
 * Record after record up to `to`; what cannot be read is skipped up to there,
 * as nothing else says where the next one begins.
 */
static void
walk_to(struct walk *w, uint64_t to)
{
	while (w->at < to) {
		struct place here = {w->pack, w->at};
		struct pack_checked c;

		if (pack_verify(w->a->pack, here, &c) != ST_OK ||
		    c.stored > to - w->at) {
			damage(w, to);
			w->at = to;
			return;
		}
		w->p->result->records++;
		w->at += c.stored;
		proof_step(w->p, c.stored);
	}
}

static void
begin_pack(struct walk *w)
{
	const struct place *applied = &w->a->applied;

	w->pack = w->nos[w->i];
	w->at = PACK_FIRST;
	if (w->pack > applied->pack ||
	    pack_bounds(w->a->pack, w->pack, &w->end) != ST_OK)
		w->end = w->at;
	/* Behind the applied offset is what nobody has seen yet. */
	if (w->pack == applied->pack && w->end > applied->offset)
		w->end = applied->offset;
}

/* Ends the pack that the walk is in, and those up to `pack`. */
static void
walk_packs(struct walk *w, uint32_t pack)
{
	while (!w->begun || (w->i < w->n && w->nos[w->i] < pack)) {
		if (w->begun) {
			walk_to(w, w->end);
			w->i++;
		}
		w->begun = true;
		if (w->i < w->n)
			begin_pack(w);
	}
}

static void
check_message(struct walk *w, uint64_t id, uint64_t size, struct place place)
{
	struct pack_checked c;

	if (!w->a->pack || pack_verify(w->a->pack, place, &c) != ST_OK)
		proof_found(w->p,
		    "the bytes of message %llu are damaged or missing "
		    "(pack %u, at %llu)",
		    (unsigned long long)id, place.pack,
		    (unsigned long long)place.offset);
	else if (c.kind != PACK_MESSAGE || c.id != id || c.size != size)
		proof_found(w->p, "message %llu has the bytes of another one",
		    (unsigned long long)id);
	else
		w->p->result->records++;
}

static void
walk_message(void *ctx, const struct message_row *m)
{
	struct walk *w = ctx;

	walk_packs(w, m->place.pack);
	if (m->place.pack == w->pack && m->place.offset > w->at)
		walk_to(w, m->place.offset < w->end ? m->place.offset : w->end);
	check_message(w, m->pub.id, m->pub.size, m->place);
	if (m->place.pack == w->pack && m->place.offset == w->at)
		w->at = m->place.offset + m->stored;
	proof_step(w->p, m->stored);
}

/*
 * Messages in the order of their places, and between them the records that no
 * row names: of folders, and of mail that history has let go of.
 */
void
proof_records(struct proof *p, struct account *a)
{
	struct walk w = {.p = p, .a = a};

	if (a->pack && pack_numbers(a, &w.nos, &w.n) != ST_OK)
		proof_found(p, "the folder cannot be read");
	if (db_places(a, walk_message, &w) != ST_OK)
		proof_found(p, "mail.db: %s", sqlite3_errmsg(a->db));
	walk_packs(&w, UINT32_MAX);
	free(w.nos);
}
