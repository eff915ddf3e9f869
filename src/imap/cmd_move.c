/* RFC 9051 6.4.8 (RFC 6851):  move = "MOVE" SP sequence-set SP mailbox */
#include "imap/copyuid.h"

struct move_args {
	struct imap_set set;
	struct str mailbox;
	/* While it runs: */
	bool begun;
	struct uidset rest;
	uint64_t target;
};

static bool
move_parse(struct imap_parse *p, void *args)
{
	struct move_args *a = args;

	return parse_sp(p) && parse_sequence_set(p, &a->set) && parse_sp(p) &&
	    parse_mailbox_name(p, &a->mailbox) && parse_crlf(p);
}

static enum status
begin(struct imap_call *call, struct move_args *a)
{
	const struct mailbox *to;
	enum status st;
	bool gone;

	st = imap_resolve_live(call, &a->set, &a->rest, &gone);
	if (st == ST_OK)
		st = imap_target(call, a->mailbox, &to);
	if (st != ST_OK)
		return st;
	if (gone && !call->uid)
		return ST_EXPUNGED;
	a->target = to->id;
	return ST_OK;
}

/* In turns (S40): each is whole, and told by its own COPYUID. */
static enum imap_step
move_run(struct imap_call *call)
{
	struct move_args *a = call->args;

	if (!a->begun) {
		a->begun = true;
		call->status = begin(call, a);
	}
	if (call->status != ST_OK || a->rest.n_ranges == 0)
		return IMAP_DONE;
	imap_next_turn(&a->rest, &call->uids);
	imap_change_init(call, &call->change, CHANGE_MOVE);
	call->change.mailbox = call->s->selected.mailbox;
	call->change.target = a->target;
	call->change.uids = call->uids;
	return IMAP_ASK;
}

/* RFC 6851 4.3: untagged, in front of the EXPUNGEs. */
static void
move_answer(struct imap_call *call, const struct changed *done)
{
	struct str code = imap_copyuid(call, done);

	if (code.n > 0)
		buf_addf(
		    call->out, "* OK [" STR_FMT "] Moved\r\n", STR_ARG(code));
}

static void
move_end(struct imap_call *call)
{
	struct move_args *a = call->args;

	uidset_release(&a->rest);
}

const struct imap_cmd imap_cmd_move = {
    .name = "MOVE",
    .rfc = "RFC 9051 6.4.8",
    .capability = "MOVE",
    .states = IMAP_SELECTED,
    .flags = IMAP_HAS_UID_FORM | IMAP_TRYCREATE | IMAP_NEEDS_WRITE,
    .args_size = sizeof(struct move_args),
    .parse = move_parse,
    .run = move_run,
    .answer = move_answer,
    .end = move_end,
};
