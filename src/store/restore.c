#include "store/restore.h"

#include "store/back_int.h"

static void
describe(const struct aim *aim, struct arena *arena, struct restore_folder *f)
{
	const struct mailbox *now = &aim->box->now;

	*f = (struct restore_folder){
	    .mailbox_then = aim->then->m.id,
	    .name_then = arena_str(arena, aim->then->m.name),
	    .name = arena_str(arena, now->name),
	    .how = aim->how,
	    .brought = aim->brought,
	};
	if (aim->how != RESTORE_NEW) {
		f->mailbox = now->id;
		f->uidvalidity = now->uidvalidity;
	}
}

/* A turn that is planned and thrown away: the same decisions, no effects. */
enum status
restore_report(struct account *a, const struct change *c, struct arena *arena,
    struct restore_report *out)
{
	int64_t wall_offset = a->wall_offset;
	struct ask ask = {.c = *c};
	struct restore_report r = {0};
	struct turn *t = turn_new(a);
	struct back b;
	enum status st;

	ASSERT(c->kind == CHANGE_RESTORE || c->kind == CHANGE_UNDO);
	/* A step of the clock is the next real turn's to notice (S23). */
	a->wall_offset = wall_offset;
	back_init(&b, t, &ask, true);
	st = c->kind == CHANGE_RESTORE ? restore_plan(&b) : undo_plan(&b);
	if (st == ST_OK) {
		r.folders =
		    ARENA_ARRAY(arena, struct restore_folder, b.n_aims + 1);
		for (size_t i = 0; i < b.n_aims; i++)
			describe(b.aims[i], arena, &r.folders[r.n++]);
		back_total(&b, &r.total);
		*out = r;
	}
	back_release(&b);
	turn_free(t);
	return st;
}
