/*
 * One message against a tree of search keys. What a key needs is looked up
 * when it is asked for; only the body is read in steps, because it may be
 * large: until then the answer may be SEARCH_UNDECIDED.
 *
 *	search_row_begin(row, msn);
 *	while ((a = search_match(row, root)) == SEARCH_UNDECIDED)
 *		search_row_step(row);
 */
#ifndef IMAP_SEARCH_MATCH_H
#define IMAP_SEARCH_MATCH_H

#include "imap/search_body.h"

struct search_row {
	struct imap *s;
	struct account *account;
	struct arena *arena; /* of the command */

	uint32_t msn;
	struct entry entry;
	enum status status; /* of what was looked up */
	bool has_message, has_summary, has_header;
	struct message message;
	struct summary summary;
	struct arena scratch; /* of this message */
	struct buf header;    /* as stored */
	struct buf folded;    /* of one field */
	struct search_body body, text;
	struct text_index *index; /* NULL: none that helps */
	bool index_asked;         /* whether there is one */
};

void search_row_init(struct search_row *row, struct imap_call *call);
void search_row_release(struct search_row *row);

/* Nothing was looked at but its entry. */
static inline bool
search_row_cheap(const struct search_row *row)
{
	return !row->has_message && !row->has_summary;
}

void search_row_begin(struct search_row *row, uint32_t msn);
enum search_answer search_match(
    struct search_row *row, const struct search_node *node);
/* Looks at the next piece of the body. */
void search_row_step(struct search_row *row);

/* The functions of the table, by what they look at. */
enum search_answer match_all(
    struct search_row *row, const struct search_node *node);
enum search_answer match_and(
    struct search_row *row, const struct search_node *node);
enum search_answer match_or(
    struct search_row *row, const struct search_node *node);
enum search_answer match_not(
    struct search_row *row, const struct search_node *node);
enum search_answer match_set(
    struct search_row *row, const struct search_node *node);
enum search_answer match_flags(
    struct search_row *row, const struct search_node *node);
enum search_answer match_keyword(
    struct search_row *row, const struct search_node *node);
enum search_answer match_recent(
    struct search_row *row, const struct search_node *node);
enum search_answer match_size(
    struct search_row *row, const struct search_node *node);
enum search_answer match_internaldate(
    struct search_row *row, const struct search_node *node);
enum search_answer match_sent(
    struct search_row *row, const struct search_node *node);
enum search_answer match_field(
    struct search_row *row, const struct search_node *node);
enum search_answer match_body(
    struct search_row *row, const struct search_node *node);

#endif
