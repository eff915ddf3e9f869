/*
 * FETCH and UID FETCH as an iterator. Messages are taken in batches; lines of
 * short values are written from inside a walk of the store, others item by
 * item and piece by piece.
 *
 *   next batch --(\Seen to be set)--> ask --answer--+
 *       ^  \-------------------------------------> rows --> next batch
 */
#include "imap/fetch_line.h"
#include "imap/msgset.h"
#include "imap/updates.h"

/* RFC 9051 6.4.5:
 * fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att /
 *         "(" fetch-att *(SP fetch-att) ")") */
static bool
fetch_parse(struct imap_parse *p, void *out)
{
	struct fetch_args *a = out;

	return parse_sp(p) && parse_sequence_set(p, &a->set) && parse_sp(p) &&
	    fetch_items_parse(p, a) && parse_crlf(p);
}

enum { FETCH_WORK = 64 };

static struct fetch_run *
run_new(struct imap_call *call)
{
	struct fetch_run *r = ARENA_NEW(call->arena, struct fetch_run);

	fetch_body_init(&r->body);
	call->state = r;
	return r;
}

static void
fetch_end(struct imap_call *call)
{
	struct fetch_run *r = call->state;

	if (r == NULL)
		return;
	fetch_body_release(&r->body);
	arena_release(&r->arena);
	uidset_release(&r->msns);
}

/*
 * Looking at the clock costs as much as a short value does: it is looked at
 * after so much work only, a piece of a body being more than another step.
 */
static bool
slice_over(const struct imap_call *call, struct fetch_run *r, unsigned work)
{
	if (r->out->n - r->out_at >= PROTO_OUT_SLICE)
		return true;
	r->work += work;
	if (r->work < FETCH_WORK)
		return false;
	r->work = 0;
	return clock_mono(call->s->host->clock) >= r->until_ms;
}

/*
 * V4: \Seen for those of the batch that lack it, in one change. Whether it is
 * allowed (a mailbox opened by EXAMINE apart) is the store's to say.
 */
static bool
batch_asks_seen(struct imap_call *call, struct fetch_run *r)
{
	struct account *account = imap_account(call);
	bool any = false;

	memset(r->unseen, 0, sizeof(r->unseen));
	for (size_t i = 0; i < r->n_batch; i++) {
		const struct entry *e = &r->batch[i].entry;

		r->unseen[i] = !e->expunged &&
		    !(account_flagset(account, e->flagset)->flags.bits &
			FLAG_SEEN);
		any |= r->unseen[i];
	}
	if (!any)
		return false;
	imap_change_init(call, &call->change, CHANGE_FLAGS);
	uidset_clear(&call->uids);
	for (size_t i = 0; i < r->n_batch; i++)
		if (r->unseen[i])
			uidset_add(&call->uids, r->batch[i].entry.uid,
			    r->batch[i].entry.uid);
	call->change.mailbox = call->s->selected.mailbox;
	call->change.uids = call->uids;
	call->change.op = FLAGS_ADD;
	call->change.flags = (struct flags){.bits = FLAG_SEEN};
	return true;
}

/* The change was made: this session tells it, in the lines to come. */
static void
fetch_answer(struct imap_call *call, const struct changed *done)
{
	struct fetch_run *r = call->state;

	if (done->modseq != 0)
		view_hide(imap_view(call), done->modseq);
	for (size_t i = 0; i < r->n_batch; i++)
		if (r->unseen[i]) {
			struct fetch_row *row = &r->batch[i];

			view_entry(imap_view(call), row->msn, &row->entry);
			r->unseen[i] = account_flagset(imap_account(call),
					   row->entry.flagset)
					   ->flags.bits &
			    FLAG_SEEN;
		}
}

static void
fetch_refused(struct imap_call *call, enum status st)
{
	struct fetch_run *r = call->state;

	(void)st;
	memset(r->unseen, 0, sizeof(r->unseen));
}

/* False when there are no more messages. */
static bool
next_batch(struct imap_call *call, struct fetch_run *r)
{
	const struct fetch_args *a = call->args;
	bool seen = a->sets_seen && !call->s->selected.read_only;
	uint64_t bytes = 0;
	struct message m;

	r->n_batch = r->done = 0;
	while (r->n_batch < FETCH_BATCH && bytes < FETCH_BATCH_BYTES &&
	    uidset_next(&r->msns, &r->pos, &r->msn)) {
		struct fetch_row *row = &r->batch[r->n_batch++];

		*row = (struct fetch_row){.s = call->s, .msn = r->msn};
		view_entry(imap_view(call), r->msn, &row->entry);
		/* A client that goes away has not seen what it did not get. */
		if (seen &&
		    message_get(imap_account(call), row->entry.message, &m) ==
			ST_OK)
			bytes += m.size;
	}
	return r->n_batch > 0;
}

/*
 * A line that was begun is taken back while it has not left; after that, and
 * inside of a literal, nothing that could be said would be understood.
 */
static enum imap_step
failed(struct imap_call *call, struct fetch_run *r, enum status st)
{
	if (r->begun && r->row_at != SIZE_MAX)
		buf_truncate(r->out, r->row_at);
	else if (r->begun)
		call->s->closing = true;
	call->status = st;
	return IMAP_DONE;
}

static enum imap_step
finished(struct imap_call *call, struct fetch_run *r)
{
	if (r->undecodable) {
		call->status = ST_CANNOT;
		call->code = S("UNKNOWN-CTE");
		call->text = S("A transfer encoding that is not known");
	}
	return IMAP_DONE;
}

static enum imap_step
fetch_slice(struct imap_call *call)
{
	const struct fetch_args *a = call->args;
	struct fetch_run *r = call->state;
	unsigned work;
	enum status st;

	if (r == NULL) {
		r = run_new(call);
		if (!msgset_resolve(imap_view(call), &a->set, call->uid,
			&call->s->selected.saved, &r->msns))
			return failed(call, r, ST_SYNTAX);
	}
	r->out = call->out;
	r->out_at = r->out->n;
	r->until_ms = clock_mono(call->s->host->clock) + FETCH_SLICE_MS;
	for (;;) {
		if (r->done == r->n_batch) {
			if (!next_batch(call, r))
				return finished(call, r);
			imap_write_new_keywords(
			    call->s, call->arena, call->out);
			if (a->sets_seen && !call->s->selected.read_only &&
			    batch_asks_seen(call, r))
				return IMAP_ASK;
		}
		if (a->needs & FETCH_BYTES) {
			work = fetch_body_done(&r->body) ? 1 : FETCH_WORK;
			st = fetch_line_step(call, r);
		} else {
			work = FETCH_WORK;
			st = fetch_lines_write(call, r);
		}
		if (st != ST_OK)
			return failed(call, r, st);
		if (slice_over(call, r, work)) {
			r->row_at = SIZE_MAX;
			return IMAP_AGAIN;
		}
	}
}

static enum imap_step
fetch_run(struct imap_call *call)
{
	enum imap_step step;

	message_reading(imap_account(call));
	step = fetch_slice(call);
	message_read_done(imap_account(call));
	return step;
}

const struct imap_cmd imap_cmd_fetch = {
    .name = "FETCH",
    .rfc = "RFC 9051 6.4.5",
    .capability = "BINARY",
    .states = IMAP_SELECTED,
    .flags = IMAP_USES_SEQ | IMAP_HAS_UID_FORM,
    .args_size = sizeof(struct fetch_args),
    .parse = fetch_parse,
    .run = fetch_run,
    .answer = fetch_answer,
    .refused = fetch_refused,
    .end = fetch_end,
};
