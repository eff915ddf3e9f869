/* RFC 9051 6.3.2, 6.3.3:  select = "SELECT" SP mailbox; examine the same */
#include "imap/past.h"
#include "imap/updates.h"
#include "imap/write.h"

struct select_args {
	struct str mailbox, given;
};

struct selecting {
	uint64_t mailbox;
	struct imap_past past; /* modseq 0: it is of now */
	struct uidset recent;
};

static bool
select_parse(struct imap_parse *p, void *args)
{
	struct select_args *a = args;

	return parse_sp(p) && parse_mailbox_given(p, &a->mailbox, &a->given) &&
	    parse_crlf(p);
}

/* RFC 3501 7.1: the first message without \Seen. */
static void
write_first_unseen(struct imap_call *call)
{
	struct view *v = imap_view(call);
	uint32_t msn, n = view_count(v);
	const struct flagset *set;
	struct entry e;

	for (msn = 1; msn <= n; msn++) {
		view_entry(v, msn, &e);
		set = account_flagset(imap_account(call), e.flagset);
		if (set->flags.bits & FLAG_SEEN)
			continue;
		buf_addf(call->out, "* OK [UNSEEN %u] First unseen\r\n", msn);
		return;
	}
}

static void
write_selected(struct imap_call *call, const struct mailbox *box)
{
	const struct select_args *a = call->args;
	struct imap *s = call->s;

	if (s->selected.past_modseq)
		imap_past_write_flags(call);
	else
		imap_write_flag_names(s, call->arena, call->out);
	buf_addf(call->out, "* %u EXISTS\r\n", view_count(s->selected.view));
	if (!s->rev2) {
		imap_write_recent(s, call->out);
		if (box->unseen > 0)
			write_first_unseen(call);
	}
	buf_addf(call->out, "* OK [UIDVALIDITY %u] UIDs are valid\r\n",
	    box->uidvalidity);
	buf_addf(call->out, "* OK [UIDNEXT %u] Next UID\r\n", box->uidnext);
	if (s->selected.past_modseq) {
		/* RFC 7162 3.1.2.2: no modseq goes on from here. */
		buf_addz(call->out, "* OK [NOMODSEQ] It never changes\r\n");
		if (!s->rev2)
			return;
		buf_addz(call->out, "* LIST () \"/\" ");
		imap_write_mailbox(call->out, box->name, s->utf8);
		buf_addz(call->out, "\r\n");
	} else if (s->rev2) {
		imap_write_listed(call, box->name, a->given);
	}
}

static enum status
finish_past(struct imap_call *call, struct selecting *sel)
{
	struct imap_selected *now = &call->s->selected;
	struct mailbox box;
	enum status st;

	st = past_view_open(imap_account(call), &call->s->viewer, sel->mailbox,
	    sel->past.modseq, &now->view, &box);
	if (st != ST_OK)
		return st;
	box.name = sel->past.box.name;
	call->s->state = IMAP_SELECTED;
	now->past_mailbox = sel->mailbox;
	now->past_modseq = sel->past.modseq;
	now->read_only = true;
	write_selected(call, &box);
	call->code = S("READ-ONLY");
	return ST_OK;
}

static enum status
finish(struct imap_call *call, struct selecting *sel, bool read_only)
{
	struct imap *s = call->s;
	const struct mailbox *box;
	enum status st;

	st = mailbox_by_id(imap_account(call), &s->viewer, sel->mailbox, &box);
	if (st == ST_OK)
		st = view_open(imap_account(call), &s->viewer, sel->mailbox,
		    &s->selected.view);
	if (st != ST_OK)
		return st;
	s->state = IMAP_SELECTED;
	s->selected.mailbox = sel->mailbox;
	s->selected.read_only = read_only;
	/* EXAMINE shows what is \Recent and leaves it so. */
	if (read_only && box->recent_from > 0 &&
	    box->recent_from < box->uidnext)
		uidset_add(&sel->recent, box->recent_from, box->uidnext - 1);
	uidset_copy(&s->selected.recent, &sel->recent);
	write_selected(call, box);
	call->code = read_only ? S("READ-ONLY") : S("READ-WRITE");
	return ST_OK;
}

static bool
examining(const struct imap_call *call)
{
	return call->cmd->name[0] == 'E';
}

static enum imap_step
select_run(struct imap_call *call)
{
	const struct select_args *a = call->args;
	struct selecting *sel = call->state;
	struct imap *s = call->s;
	struct imap_past past = {0};
	const struct mailbox *box;
	enum status st;

	if (sel) {
		call->status = sel->past.modseq
		    ? finish_past(call, sel)
		    : finish(call, sel, examining(call));
		return IMAP_DONE;
	}
	/* Whatever comes of it, the old mailbox is no longer selected. */
	if (s->selected.view) {
		imap_deselect(s);
		buf_addz(
		    call->out, "* OK [CLOSED] Previous mailbox closed\r\n");
	}
	st = mailbox_find(imap_account(call), &s->viewer, a->mailbox, &box);
	if (st == ST_NOT_FOUND) {
		st = imap_past_find(call, a->mailbox, &past);
		box = &past.box;
	}
	if (st == ST_OK && !box->selectable)
		st = ST_NOT_FOUND;
	if (st != ST_OK) {
		call->status = st;
		return IMAP_DONE;
	}
	sel = call->state = ARENA_NEW(call->arena, struct selecting);
	sel->mailbox = box->id;
	sel->past = past;
	if (past.modseq || s->rev2 || examining(call) ||
	    box->recent_from >= box->uidnext)
		return IMAP_AGAIN;
	imap_change_init(call, &call->change, CHANGE_CLAIM_RECENT);
	call->change.mailbox = box->id;
	return IMAP_ASK;
}

static void
select_answer(struct imap_call *call, const struct changed *done)
{
	struct selecting *sel = call->state;

	if (done->recent_to > done->recent_from)
		uidset_add(
		    &sel->recent, done->recent_from, done->recent_to - 1);
}

/* A full disk: no message is \Recent for this session, all else works. */
static void
select_refused(struct imap_call *call, enum status st)
{
	(void)call;
	(void)st;
}

static void
select_end(struct imap_call *call)
{
	struct selecting *sel = call->state;

	if (sel)
		uidset_release(&sel->recent);
}

const struct imap_cmd imap_cmd_select = {
    .name = "SELECT",
    .rfc = "RFC 9051 6.3.2",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct select_args),
    .parse = select_parse,
    .run = select_run,
    .answer = select_answer,
    .refused = select_refused,
    .end = select_end,
};

const struct imap_cmd imap_cmd_examine = {
    .name = "EXAMINE",
    .rfc = "RFC 9051 6.3.3",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct select_args),
    .parse = select_parse,
    .run = select_run,
    .end = select_end,
};
