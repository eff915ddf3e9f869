/* What a restore would do, or has done, folder by folder: how it is told and read. */
#include "base/wire.h"
#include "daemon/mail_op_int.h"
#include "daemon/mail_past.h"

static void
put_brought(struct buf *b, const struct brought *r)
{
	wire_put_var(b, r->folders);
	wire_put_var(b, r->kept);
	wire_put_var(b, r->fresh);
	wire_put_var(b, r->moved_back);
	wire_put_var(b, r->flags);
	wire_put_var(b, r->removed);
	wire_put_var(b, r->names);
	wire_put_var(b, r->there);
	wire_put_var(b, r->elsewhere);
	wire_put_var(b, r->skipped);
	wire_put_var(b, r->refused);
}

static void
get_brought(struct wire *w, struct brought *r)
{
	r->folders = (uint32_t)wire_var(w);
	r->kept = (uint32_t)wire_var(w);
	r->fresh = (uint32_t)wire_var(w);
	r->moved_back = (uint32_t)wire_var(w);
	r->flags = (uint32_t)wire_var(w);
	r->removed = (uint32_t)wire_var(w);
	r->names = (uint32_t)wire_var(w);
	r->there = (uint32_t)wire_var(w);
	r->elsewhere = (uint32_t)wire_var(w);
	r->skipped = (uint32_t)wire_var(w);
	r->refused = (uint32_t)wire_var(w);
}

static void
put_folder(struct buf *b, const struct restore_folder *f)
{
	wire_put_str(b, f->name_then);
	wire_put_str(b, f->name);
	wire_put_u8(b, (uint8_t)f->how);
	put_brought(b, &f->brought);
}

/* --- the side that owns the account --- */

enum status
mail_report(struct mail_op *op)
{
	struct restore_report r;
	uint32_t n = 0;
	enum status st =
	    restore_report(op->account, &op->change, &op->arena, &r);
	struct buf folders;

	if (st != ST_OK)
		return st;
	put_brought(&op->answer, &r.total);
	buf_init(&folders, MAIL_OP_CHUNK);
	while (n < r.n && folders.n < MAIL_OP_CHUNK - 4096)
		put_folder(&folders, &r.folders[n++]);
	wire_put_u32(&op->answer, (uint32_t)r.n);
	wire_put_u32(&op->answer, n);
	buf_adds(&op->answer, buf_str(&folders));
	buf_release(&folders);
	return ST_OK;
}

/* --- the side that asks --- */

enum status
mail_answer_report(
    struct str in, struct arena *a, struct restore_report *out, size_t *all_out)
{
	struct wire w = wire_of(in);
	struct restore_report r = {0};
	uint32_t all, n;

	get_brought(&w, &r.total);
	all = wire_u32(&w);
	n = wire_u32(&w);
	if (!wire_ok(&w) || n > in.n)
		return ST_SYNTAX;
	r.folders = ARENA_ARRAY(a, struct restore_folder, (size_t)n + 1);
	for (; r.n < n; r.n++) {
		struct restore_folder *f = &r.folders[r.n];

		*f = (struct restore_folder){.name_then = wire_str(&w)};
		f->name = wire_str(&w);
		f->how = (enum restore_how)wire_u8(&w);
		get_brought(&w, &f->brought);
	}
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = r;
	*all_out = all;
	return ST_OK;
}
