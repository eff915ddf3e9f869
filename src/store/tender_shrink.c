/* When most of mail.db holds nothing, the owner gives it back in pieces. */
#include "store/tender_int.h"

enum {
	SHRINK_SHARE = 2,        /* half of it must be free to begin, */
	SHRINK_LEAST = 16 * 256, /* and 16 MiB of 4 KiB pages; */
	SHRINK_LEAVE = 4,        /* a fourth is left for what comes */
};

enum tender_next
tender_shrink(struct tender *t)
{
	uint64_t free, all, least = t->cfg.free_min;
	enum status st = db_free_pages(t->a, &free, &all);

	if (!least)
		least = SHRINK_LEAST;
	if (st != ST_OK)
		tender_fail(t, st);
	else if (t->cfg.purge || (!t->shrinking && free < least) ||
	    free * (t->shrinking ? SHRINK_LEAVE : SHRINK_SHARE) < all ||
	    free == 0)
		t->phase = PHASE_DONE;
	else
		t->shrinking = true;
	if (t->phase == PHASE_DONE)
		return TENDER_AGAIN;
	t->piece = (struct tend){.kind = TEND_SHRINK};
	return TENDER_ASK;
}

/* None, though there are some: another time. */
void
tender_shrunk(struct tender *t, const struct tended *tended)
{
	t->report.pages += tended->count;
	if (tended->count == 0)
		t->phase = PHASE_DONE;
}
