/* CHANGE_UNDO. */
#include "store/back_int.h"

enum status
undo_plan(struct back *b)
{
	(void)b;
	return ST_CANNOT;
}

enum status
plan_undo(struct turn *t, struct ask *ask)
{
	struct back b;
	enum status st;

	back_init(&b, t, ask, false);
	st = undo_plan(&b);
	back_release(&b);
	return st;
}
