/*
 * The operations of daemon/mail_op.h that look into an account's past.
 */
#ifndef DAEMON_MAIL_PAST_H
#define DAEMON_MAIL_PAST_H

#include "daemon/mail_op.h"
#include "store/past_group.h"
#include "store/restore.h"

enum {
	MAIL_PAST_EVENTS = 2000, /* in an answer, or what fits */
	MAIL_PAST_BOXES = 1000,  /* likewise, or what fits */
	MAIL_PAST_TEXT = 300,    /* bytes of a subject and a sender */
};

/* --- requests, behind mail_ask(); HORIZON has no more --- */

void mail_ask_events(struct buf *out, uint64_t from);
/* From that one on, in the order of names. ST_NOT_FOUND: before the horizon. */
void mail_ask_past_mailboxes(struct buf *out, int64_t at_ms, uint32_t from);
void mail_ask_past_entries(
    struct buf *out, uint64_t mailbox, uint64_t modseq, uint32_t from_uid);

/* --- answers; they borrow from `in` or live in the arena --- */

struct mail_horizon {
	int64_t from_ms; /* from when on the past is known */
	uint64_t history_from, modseq;
};
enum status mail_answer_horizon(
    struct str in, struct mail_horizon *out) MUST_CHECK;

/* *next_out: the modseq to go on from, or 0 at the end. */
enum status mail_answer_events(struct str in, struct arena *a,
    struct past_event **out, size_t *n_out, uint64_t *next_out) MUST_CHECK;

/* id, name, the switches, uids, counts and size are filled. */
enum status mail_answer_past_mailboxes(struct str in, struct arena *a,
    uint64_t *modseq_out, struct mailbox **out, size_t *n_out,
    uint32_t *next_out) MUST_CHECK;

/* The names, `how` and counts of the folders that fit, out of *all_out. */
enum status mail_answer_report(struct str in, struct arena *a,
    struct restore_report *out, size_t *all_out) MUST_CHECK;

/* `from` and `subject` are UTF-8, shortened. */
enum status mail_answer_past_entries(struct str in, struct arena *a,
    struct mail_entry **out, size_t *n_out, uint32_t *next_out) MUST_CHECK;

#endif
