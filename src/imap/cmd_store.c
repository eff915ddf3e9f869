/* RFC 9051 6.4.6:  store = "STORE" SP sequence-set SP store-att-flags
 * store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP
 *                   (flag-list / (flag *(SP flag))) */
#include "imap/updates.h"

struct store_args {
	struct imap_set set;
	enum flags_op op;
	bool silent;
	struct flags flags;
	/* While it runs: */
	enum { STORE_BEGIN, STORE_TURNS, STORE_TELL } at;
	struct uidset all, rest;
	size_t pos;
	uint32_t uid;
	bool gone;
};

static bool
parse_flags(struct imap_parse *p, struct flags *out)
{
	if (parse_at(p, '('))
		return parse_flag_list(p, out);
	do {
		if (!parse_flag(p, out))
			return false;
	} while (parse_sp(p));
	return true;
}

static bool
store_cmd_parse(struct imap_parse *p, void *args)
{
	struct store_args *a = args;

	if (!parse_sp(p) || !parse_sequence_set(p, &a->set) || !parse_sp(p))
		return false;
	a->op = parse_char(p, '+') ? FLAGS_ADD
	    : parse_char(p, '-')   ? FLAGS_REMOVE
				   : FLAGS_SET;
	if (!parse_text(p, S("FLAGS")))
		return false;
	a->silent = parse_text(p, S(".SILENT"));
	return parse_sp(p) && parse_flags(p, &a->flags) && parse_crlf(p);
}

/* The new flags of each message, also where they were so before. */
static enum imap_step
tell(struct imap_call *call, struct store_args *a)
{
	struct view *v = imap_view(call);

	imap_write_new_keywords(call->s, call->arena, call->out);
	while (uidset_next(&a->all, &a->pos, &a->uid)) {
		imap_write_flags_update(
		    call->s, call->out, view_msn(v, a->uid), call->uid);
		if (call->out->n >= PROTO_OUT_SLICE)
			return IMAP_FLUSH;
	}
	return IMAP_DONE;
}

static enum imap_step
store_cmd_run(struct imap_call *call)
{
	struct store_args *a = call->args;

	if (a->at == STORE_BEGIN) {
		call->status =
		    imap_resolve_live(call, &a->set, &a->all, &a->gone);
		if (call->status != ST_OK)
			return IMAP_DONE;
		/* RFC 2180 4.2: the others are done, then it says so. */
		if (a->gone && !call->uid)
			call->status = ST_EXPUNGED;
		uidset_copy(&a->rest, &a->all);
		a->at = STORE_TURNS;
	}
	if (a->at == STORE_TURNS) {
		if (a->rest.n_ranges > 0) {
			imap_next_turn(&a->rest, &call->uids);
			imap_change_init(call, &call->change, CHANGE_FLAGS);
			call->change.mailbox = call->s->selected.mailbox;
			call->change.uids = call->uids;
			call->change.op = a->op;
			call->change.flags = a->flags;
			if (a->silent)
				view_expect(imap_view(call), &call->uids, a->op,
				    &a->flags);
			return IMAP_ASK;
		}
		a->at = STORE_TELL;
	}
	return a->silent ? IMAP_DONE : tell(call, a);
}

static void
store_cmd_answer(struct imap_call *call, const struct changed *done)
{
	const struct store_args *a = call->args;

	/* Without .SILENT they are told here, not again as news (V2). */
	if (done->modseq > 0 && !a->silent)
		view_hide(imap_view(call), done->modseq);
}

static void
store_cmd_end(struct imap_call *call)
{
	struct store_args *a = call->args;

	uidset_release(&a->all);
	uidset_release(&a->rest);
}

const struct imap_cmd imap_cmd_store = {
    .name = "STORE",
    .rfc = "RFC 9051 6.4.6",
    .states = IMAP_SELECTED,
    .flags = IMAP_USES_SEQ | IMAP_HAS_UID_FORM | IMAP_NEEDS_WRITE,
    .args_size = sizeof(struct store_args),
    .parse = store_cmd_parse,
    .run = store_cmd_run,
    .answer = store_cmd_answer,
    .end = store_cmd_end,
};
