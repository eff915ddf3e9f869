#include "imap/fetch_line.h"

#include "imap/write.h"

static void
begin_line(
    const struct imap_call *call, struct fetch_run *r, struct fetch_row *row)
{
	r->row_at = r->out->n;
	r->begun = true;
	buf_adds(r->out, S("* "));
	buf_addu(r->out, row->msn);
	buf_adds(r->out, S(" FETCH ("));
	if (call->uid) {
		buf_adds(r->out, S("UID "));
		buf_addu(r->out, row->entry.uid);
	}
}

/*
 * "ENVELOPE " with what parts it from the item before. A line begins with its
 * first item, so that one of which nothing can be decoded never does.
 */
static void
put_label(const struct imap_call *call, struct fetch_run *r,
    struct fetch_row *row, struct str label)
{
	if (!r->begun) {
		begin_line(call, r, row);
		if (call->uid)
			buf_addc(r->out, ' ');
	} else {
		buf_addc(r->out, ' ');
	}
	buf_adds(r->out, label);
}

static void
end_line(
    const struct imap_call *call, struct fetch_run *r, struct fetch_row *row)
{
	const struct fetch_args *a = call->args;

	if (r->unseen[row - r->batch] && !a->has_flags) {
		put_label(call, r, row, S("FLAGS "));
		imap_write_flags(r->out,
		    account_flagset(imap_account(call), row->entry.flagset),
		    imap_is_recent(call->s, row->entry.uid));
	}
	if (!r->begun && call->uid)
		begin_line(call, r, row);
	if (r->begun)
		buf_adds(r->out, S(")\r\n"));
	r->begun = false;
}

static bool
is_uid_again(const struct imap_call *call, const struct fetch_item *item)
{
	return call->uid && str_eq(item->kind->name, S("UID"));
}

static void
write_line(struct imap_call *call, struct fetch_run *r, struct fetch_row *row)
{
	const struct fetch_args *a = call->args;

	for (size_t i = 0; i < a->n_items; i++) {
		const struct fetch_item *item = &a->items[i];

		if (is_uid_again(call, item))
			continue;
		put_label(call, r, row, item->label);
		item->kind->write(row, r->out);
	}
	end_line(call, r, row);
}

static bool
walked(void *ctx, size_t i, const struct message *m, struct str summary)
{
	struct imap_call *call = ctx;
	struct fetch_run *r = call->state;
	struct fetch_row *row = &r->batch[r->done];
	const struct fetch_args *a = call->args;

	(void)i;
	row->message = m;
	if ((a->needs & FETCH_TEXTS) &&
	    summary_texts(summary, &row->texts) != ST_OK) {
		call->status = ST_CORRUPT;
		return false;
	}
	write_line(call, r, row);
	r->done++;
	return r->out->n - r->out_at < PROTO_OUT_SLICE;
}

enum status
fetch_lines_write(struct imap_call *call, struct fetch_run *r)
{
	const struct fetch_args *a = call->args;
	uint64_t ids[FETCH_BATCH];
	size_t n = r->n_batch - r->done;
	struct message m;
	enum status st;

	if (a->needs & FETCH_TEXTS) {
		for (size_t i = 0; i < n; i++)
			ids[i] = r->batch[r->done + i].entry.message;
		st = message_walk(imap_account(call), ids, n, walked, call);
		return st != ST_OK ? st : call->status;
	}
	for (; r->done < r->n_batch; r->done++) {
		struct fetch_row *row = &r->batch[r->done];

		if (a->needs & FETCH_MESSAGE) {
			st = message_get(
			    imap_account(call), row->entry.message, &m);
			if (st != ST_OK)
				return st;
			row->message = &m;
		}
		write_line(call, r, row);
	}
	return ST_OK;
}

/* Looks up what the items of this row need. */
static enum status
begin_row(struct imap_call *call, struct fetch_run *r, struct fetch_row *row)
{
	const struct fetch_args *a = call->args;
	struct account *account = imap_account(call);
	struct str encoded;
	enum status st;

	st = message_get(account, row->entry.message, &r->message);
	if (st != ST_OK)
		return st;
	row->message = &r->message;
	arena_reset(&r->arena);
	if (a->needs & (FETCH_TEXTS | FETCH_PARTS)) {
		st = message_summary(
		    account, row->entry.message, &r->arena, &encoded);
		if (st != ST_OK)
			return st;
		if ((st = summary_texts(encoded, &row->texts)) != ST_OK)
			return st;
		if ((a->needs & FETCH_PARTS) &&
		    (st = summary_decode(encoded, &r->arena, &r->parts)) !=
			ST_OK)
			return st;
	}
	r->item = 0;
	r->in_row = true;
	return ST_OK;
}

/* Begins the next item, or ends the line. */
static enum status
next_item(struct imap_call *call, struct fetch_run *r, struct fetch_row *row)
{
	const struct fetch_args *a = call->args;
	const struct fetch_item *item;
	size_t before = r->out->n;
	bool begun = r->begun;
	enum status st;

	if (r->item == a->n_items) {
		end_line(call, r, row);
		r->in_row = false;
		r->done++;
		return ST_OK;
	}
	item = &a->items[r->item++];
	if (is_uid_again(call, item))
		return ST_OK;
	put_label(call, r, row, item->label);
	if (item->kind->write) {
		item->kind->write(row, r->out);
		return ST_OK;
	}
	st = fetch_body_open(
	    &r->body, imap_account(call), &r->message, &r->parts, item, r->out);
	if (st != ST_CANNOT)
		return st;
	/* The line goes without it, the command ends with NO. */
	buf_truncate(r->out, before);
	r->begun = begun;
	r->undecodable = true;
	return ST_OK;
}

enum status
fetch_line_step(struct imap_call *call, struct fetch_run *r)
{
	struct fetch_row *row = &r->batch[r->done];

	if (!r->in_row)
		return begin_row(call, r, row);
	if (fetch_body_done(&r->body))
		return next_item(call, r, row);
	return fetch_body_step(&r->body, r->out);
}
