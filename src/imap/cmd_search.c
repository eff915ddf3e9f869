/*
 * SEARCH and UID SEARCH (RFC 9051 6.4.4), with the RETURN options of RFC 4731
 * and the saved result of RFC 5182.
 *
 *   prepare (charset, sets) -> find, message by message -> reply, in slices
 */
#include "imap/msgset.h"
#include "imap/search_match.h"
#include "imap/search_reply.h"

static bool
search_cmd_parse(struct imap_parse *p, void *out)
{
	return search_parse(p, out) && parse_crlf(p);
}

enum { SEARCH_WORK = 256, SEARCH_WORK_LOOK = 32 };

struct search_run {
	enum { SEARCH_FINDING, SEARCH_REPLYING } phase;
	struct uidset candidates; /* msns */
	size_t pos;
	uint32_t msn;
	bool in_row; /* msn is not decided yet */
	struct search_row row;

	struct search_reply reply;
};

/* RFC 6855 3: with UTF8=ACCEPT there is no CHARSET; rev2 allows it again. */
static enum status
check_charset(struct imap_call *call, const struct search_args *a)
{
	if (a->charset.n > 0 && call->s->utf8 && !call->s->rev2) {
		call->text = S("CHARSET is not legal with UTF8=ACCEPT");
		return ST_SYNTAX;
	}
	return ST_OK;
}

/* The index is opened by the first text that it may know something of. */
static void
probe(struct imap_call *call, struct search_row *row, struct search_node *node)
{
	enum text_where where =
	    node->cost == SEARCH_BODY ? TEXT_IN_ALL : TEXT_IN_HEADER;

	if (!row->index_asked && text_index_helps(node->text)) {
		row->index = text_index_open(imap_account(call));
		row->index_asked = true;
	}
	node->probe = text_probe_new(row->index, where, node->text);
}

static enum status
prepare_text(struct imap_call *call, struct search_row *row,
    struct search_node *node, struct str charset)
{
	struct search_body *b = node->key->in_header ? &row->text : &row->body;
	enum status st;

	st = text_needle(charset, node->text, call->arena, &node->text);
	if (st == ST_INVALID) {
		call->text = S("A text is not of its charset");
		return ST_SYNTAX;
	}
	if (st == ST_OK && node->cost == SEARCH_BODY &&
	    !search_body_add(b, node->text, &node->needle)) {
		call->text = S("Too many texts to look for");
		return ST_LIMIT;
	}
	if (st == ST_OK)
		probe(call, row, node);
	return st;
}

static enum status
prepare(struct imap_call *call, struct search_row *row,
    struct search_node *node, struct str charset)
{
	struct search_node *child;
	enum status st = ST_OK;

	switch (node->key->arg) {
	case SEARCH_TAKES_SET:
		/* A number that is not there is one that is not found. */
		(void)!msgset_resolve(imap_view(call), &node->set, node->by_uid,
		    &call->s->selected.saved, &node->msns);
		break;
	case SEARCH_TAKES_TEXT:
	case SEARCH_TAKES_FIELD_AND_TEXT:
		st = prepare_text(call, row, node, charset);
		break;
	default:
		break;
	}
	for (child = node->child; child && st == ST_OK; child = child->next)
		st = prepare(call, row, child, charset);
	return st;
}

static void
forget(struct search_node *node)
{
	struct search_node *child;

	uidset_release(&node->msns);
	text_probe_free(&node->probe);
	for (child = node->child; child; child = child->next)
		forget(child);
}

/*
 * A set that all messages must be in bounds what is looked at; otherwise all
 * messages are.
 */
static void
choose_candidates(struct imap_call *call, struct search_run *r)
{
	const struct search_args *a = call->args;
	const struct search_node *child;
	uint32_t count = view_count(imap_view(call));

	for (child = a->root->child; child; child = child->next)
		if (child->key->arg == SEARCH_TAKES_SET) {
			uidset_copy(&r->candidates, &child->msns);
			return;
		}
	if (count > 0)
		uidset_add(&r->candidates, 1, count);
}

static enum status
start(struct imap_call *call)
{
	struct search_args *a = call->args;
	struct search_run *r = ARENA_NEW(call->arena, struct search_run);
	enum status st;

	call->state = r;
	search_row_init(&r->row, call);
	r->reply.old_form = !a->has_return && !call->s->rev2;
	if (!a->has_return)
		a->all = true;
	if ((st = check_charset(call, a)) != ST_OK ||
	    (st = prepare(call, &r->row, a->root, a->charset)) != ST_OK)
		return st;
	choose_candidates(call, r);
	return ST_OK;
}

/*
 * RFC 5182 2.1: a SEARCH that saves and fails leaves nothing saved; a BAD one
 * leaves what was there.
 */
static enum imap_step
failed(struct imap_call *call, enum status st)
{
	const struct search_args *a = call->args;

	call->status = st;
	if (st == ST_CHARSET)
		call->code = S("BADCHARSET (US-ASCII UTF-8)");
	if (a->save && st != ST_SYNTAX)
		uidset_clear(&call->s->selected.saved);
	return IMAP_DONE;
}

/* One message, or one piece of one. False when there are no more. */
static bool
find_some(struct imap_call *call, struct search_run *r)
{
	const struct search_args *a = call->args;
	enum search_answer is;

	if (!r->in_row) {
		if (!uidset_next(&r->candidates, &r->pos, &r->msn))
			return false;
		search_row_begin(&r->row, r->msn);
		r->in_row = true;
	}
	is = search_match(&r->row, a->root);
	if (is == SEARCH_UNDECIDED) {
		search_row_step(&r->row);
		return true;
	}
	r->in_row = false;
	if (is == SEARCH_YES)
		uidset_add(&r->reply.found, r->msn, r->msn);
	return true;
}

static enum imap_step
search_slice(struct imap_call *call)
{
	struct search_run *r = call->state;
	const struct clock *clock = call->s->host->clock;
	int64_t until = clock_mono(clock) + SEARCH_SLICE_MS;
	unsigned work = 0;
	enum status st;

	if (r == NULL) {
		if ((st = start(call)) != ST_OK)
			return failed(call, st);
		r = call->state;
	}
	while (r->phase == SEARCH_FINDING) {
		if (!find_some(call, r)) {
			search_reply_begin(call, &r->reply);
			r->phase = SEARCH_REPLYING;
			break;
		}
		if (r->row.status != ST_OK)
			return failed(call, r->row.status);
		/* Looking at the clock costs more than a flag does. */
		work += search_row_cheap(&r->row) ? 1 : SEARCH_WORK_LOOK;
		if (work < SEARCH_WORK)
			continue;
		work = 0;
		if (clock_mono(clock) >= until)
			return IMAP_AGAIN;
	}
	return search_reply(call, &r->reply) ? IMAP_DONE : IMAP_AGAIN;
}

static enum imap_step
search_run(struct imap_call *call)
{
	enum imap_step step;

	message_reading(imap_account(call));
	step = search_slice(call);
	message_read_done(imap_account(call));
	return step;
}

static void
search_end(struct imap_call *call)
{
	const struct search_args *a = call->args;
	struct search_run *r = call->state;

	if (r == NULL)
		return;
	forget(a->root);
	search_row_release(&r->row);
	uidset_release(&r->candidates);
	uidset_release(&r->reply.found);
}

const struct imap_cmd imap_cmd_search = {
    .name = "SEARCH",
    .rfc = "RFC 9051 6.4.4",
    .capability = "ESEARCH SEARCHRES",
    .states = IMAP_SELECTED,
    .flags = IMAP_USES_SEQ | IMAP_HAS_UID_FORM,
    .args_size = sizeof(struct search_args),
    .parse = search_cmd_parse,
    .run = search_run,
    .end = search_end,
};
