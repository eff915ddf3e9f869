#include "imap/search_match.h"

#include "mime/header.h"
#include "mime/text.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, MINUTE_MS = 60 * 1000 };

void
search_row_init(struct search_row *row, struct imap_call *call)
{
	*row = (struct search_row){
	    .s = call->s, .account = imap_account(call), .arena = call->arena};
	buf_init(&row->header, SEARCH_HEADER_MAX);
	buf_init(&row->folded, 16 * SEARCH_HEADER_MAX);
	search_body_init(&row->body, TEXT_BODY);
	search_body_init(&row->text, TEXT_ALL);
}

void
search_row_release(struct search_row *row)
{
	search_body_release(&row->body);
	search_body_release(&row->text);
	buf_release(&row->header);
	buf_release(&row->folded);
	arena_release(&row->scratch);
	text_index_close(&row->index);
}

void
search_row_begin(struct search_row *row, uint32_t msn)
{
	row->msn = msn;
	view_entry(row->s->selected.view, msn, &row->entry);
	row->has_message = row->has_summary = row->has_header = false;
	search_body_reset(&row->body);
	search_body_reset(&row->text);
}

/* A failed look-up answers no, and is told by row->status. */
static bool
look(struct search_row *row, enum status st)
{
	if (st != ST_OK && row->status == ST_OK)
		row->status = st;
	return st == ST_OK;
}

static bool
need_message(struct search_row *row)
{
	if (!row->has_message)
		row->has_message = look(row,
		    message_get(
			row->account, row->entry.message, &row->message));
	return row->has_message;
}

static bool
need_summary(struct search_row *row)
{
	struct str encoded;

	if (row->has_summary)
		return true;
	arena_reset(&row->scratch);
	row->has_summary = look(row,
			       message_summary(row->account, row->entry.message,
				   &row->scratch, &encoded)) &&
	    look(row, summary_decode(encoded, &row->scratch, &row->summary));
	return row->has_summary;
}

static bool
need_header(struct search_row *row)
{
	uint64_t n;

	if (row->has_header)
		return true;
	if (!need_message(row))
		return false;
	n = row->message.header_size;
	if (n > SEARCH_HEADER_MAX)
		n = SEARCH_HEADER_MAX;
	buf_clear(&row->header);
	row->has_header = look(row,
	    message_read(row->account, row->entry.message, 0, n, &row->header));
	return row->has_header;
}

static enum search_answer
answer(bool yes)
{
	return yes ? SEARCH_YES : SEARCH_NO;
}

enum search_answer
search_match(struct search_row *row, const struct search_node *node)
{
	return node->key->match(row, node);
}

enum search_answer
match_all(struct search_row *row, const struct search_node *node)
{
	(void)row;
	(void)node;
	return SEARCH_YES;
}

/* An undecided child does not hide what another one decides. */
enum search_answer
match_and(struct search_row *row, const struct search_node *node)
{
	enum search_answer all = SEARCH_YES, is;

	for (const struct search_node *c = node->child; c; c = c->next) {
		if ((is = search_match(row, c)) == SEARCH_NO)
			return SEARCH_NO;
		if (is == SEARCH_UNDECIDED)
			all = SEARCH_UNDECIDED;
	}
	return all;
}

enum search_answer
match_or(struct search_row *row, const struct search_node *node)
{
	enum search_answer any = SEARCH_NO, is;

	for (const struct search_node *c = node->child; c; c = c->next) {
		if ((is = search_match(row, c)) == SEARCH_YES)
			return SEARCH_YES;
		if (is == SEARCH_UNDECIDED)
			any = SEARCH_UNDECIDED;
	}
	return any;
}

enum search_answer
match_not(struct search_row *row, const struct search_node *node)
{
	enum search_answer is = search_match(row, node->child);

	return is == SEARCH_UNDECIDED ? is : answer(is == SEARCH_NO);
}

enum search_answer
match_set(struct search_row *row, const struct search_node *node)
{
	return answer(uidset_has(&node->msns, row->msn));
}

enum search_answer
match_flags(struct search_row *row, const struct search_node *node)
{
	const struct flagset *set =
	    account_flagset(row->account, row->entry.flagset);
	unsigned must = node->key->flags, must_not = node->key->not_flags;

	return answer(
	    (set->flags.bits & must) == must && !(set->flags.bits & must_not));
}

static bool
has_keyword(const struct flags *flags, struct str keyword)
{
	for (size_t i = 0; i < flags->n_keywords; i++)
		if (str_eqi(flags->keywords[i], keyword))
			return true;
	return false;
}

/* Decided once for each flag set, not for each message. */
enum search_answer
match_keyword(struct search_row *row, const struct search_node *node)
{
	struct search_known *known = node->known;
	uint32_t id = row->entry.flagset;
	bool has;

	if (id < known->n && known->sets[id] != 0)
		return answer((known->sets[id] == 2) != node->key->negate);
	has =
	    has_keyword(&account_flagset(row->account, id)->flags, node->text);
	if (id >= known->n) {
		/* A set may be new since the search began. */
		size_t n = max_size(id, account_flagsets(row->account)) + 1;
		uint8_t *sets = ARENA_ARRAY(row->arena, uint8_t, n);

		memset(sets, 0, n);
		if (known->n)
			memcpy(sets, known->sets, known->n);
		known->sets = sets;
		known->n = n;
	}
	known->sets[id] = has ? 2 : 1;
	return answer(has != node->key->negate);
}

/* NEW is RECENT and UNSEEN, OLD is NOT RECENT (RFC 3501 6.4.4). */
enum search_answer
match_recent(struct search_row *row, const struct search_node *node)
{
	bool recent = imap_is_recent(row->s, row->entry.uid);

	if (recent == node->key->negate)
		return SEARCH_NO;
	return match_flags(row, node);
}

static bool
compare(int64_t value, const struct search_node *node, int64_t with)
{
	switch (node->key->than) {
	case SEARCH_LESS:
		return value < with;
	case SEARCH_EQUAL:
		return value == with;
	case SEARCH_LEAST:
		return value >= with;
	case SEARCH_MORE:
		return value > with;
	}
	return false;
}

enum search_answer
match_size(struct search_row *row, const struct search_node *node)
{
	uint64_t size = view_size(row->s->selected.view, row->msn);

	return answer(compare((int64_t)size, node, (int64_t)node->number));
}

/* The day it was there, wherever that is: time and zone are disregarded. */
static int64_t
day_of(int64_t ms, int32_t zone_minutes)
{
	int64_t local = ms + (int64_t)zone_minutes * MINUTE_MS;

	return local >= 0 ? local / DAY_MS : (local - DAY_MS + 1) / DAY_MS;
}

enum search_answer
match_internaldate(struct search_row *row, const struct search_node *node)
{
	if (!need_message(row))
		return SEARCH_NO;
	return answer(compare(day_of(row->message.internaldate_ms,
				  row->message.internaldate_zone),
	    node, node->day));
}

enum search_answer
match_sent(struct search_row *row, const struct search_node *node)
{
	if (!need_summary(row) || row->summary.sent_ms == INT64_MIN)
		return SEARCH_NO;
	return answer(
	    compare(day_of(row->summary.sent_ms, row->summary.sent_zone), node,
		node->day));
}

/* RFC 9051 6.4.4 HEADER: an empty text matches a field that is there. */
enum search_answer
match_field(struct search_row *row, const struct search_node *node)
{
	struct header_field field;
	struct str rest;

	if (!text_probe_may(node->probe, row->entry.message))
		return SEARCH_NO;
	if (!need_header(row))
		return SEARCH_NO;
	rest = buf_str(&row->header);
	while (header_next(&rest, &field)) {
		if (!str_eqi(field.name, node->field))
			continue;
		if (node->text.n == 0)
			return SEARCH_YES;
		buf_clear(&row->folded);
		text_field(field.value, &row->folded);
		if (str_find_str(buf_str(&row->folded), node->text) != SIZE_MAX)
			return SEARCH_YES;
	}
	return SEARCH_NO;
}

enum search_answer
match_body(struct search_row *row, const struct search_node *node)
{
	struct search_body *b = node->key->in_header ? &row->text : &row->body;

	if (node->text.n == 0 || search_body_found(b, node->needle))
		return SEARCH_YES;
	if (b->at == SEARCH_READ)
		return SEARCH_NO;
	if (b->at == SEARCH_NOT_BEGUN) {
		if (!text_probe_may(node->probe, row->entry.message))
			return SEARCH_NO;
		if (!need_summary(row))
			return SEARCH_NO;
		search_body_begin(
		    b, row->account, row->entry.message, &row->summary);
	}
	return SEARCH_UNDECIDED;
}

void
search_row_step(struct search_row *row)
{
	struct search_body *b =
	    row->body.at == SEARCH_READING ? &row->body : &row->text;

	(void)look(row, search_body_step(b));
}
