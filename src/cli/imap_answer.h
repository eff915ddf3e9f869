/*
 * Reading what an IMAP server answers: words, strings and lists out of one
 * response, in which literals stand as they came ("{3}\n" and three bytes).
 */
#ifndef CLI_IMAP_ANSWER_H
#define CLI_IMAP_ANSWER_H

#include "base/arena.h"

/* Each takes something from the front of *in, or fails. */
bool imap_answer_word(struct str *in, struct str word) MUST_CHECK; /* no case */
bool imap_answer_space(struct str *in) MUST_CHECK;
bool imap_answer_atom(struct str *in, struct str *out) MUST_CHECK;
/* An atom, a quoted string or a literal; NIL is the empty string. */
bool imap_answer_string(
    struct str *in, struct arena *a, struct str *out) MUST_CHECK;
/* What stands between the parentheses of a list that holds atoms. */
bool imap_answer_list(struct str *in, struct str *out) MUST_CHECK;
/* Any value, however nested. */
bool imap_answer_skip(struct str *in) MUST_CHECK;
/* The length in a "{n}" or "{n+}" at the end of a line; false without one. */
bool imap_answer_literal(
    struct str line, uint64_t *n_out, size_t *at_out) MUST_CHECK;

#endif
