/*
 * What the verbs about an account's past share: moments, pages of answers,
 * and what to say when the past does not reach so far.
 */
#ifndef CLI_PAST_H
#define CLI_PAST_H

#include "cli/mail.h"
#include "daemon/mail_past.h"

/*
 * A moment as people write it, in local time. CLI_USAGE when it is none or
 * lies ahead: the reason has been printed.
 */
int past_time(struct cli *c, const char *text, int64_t *ms_out) MUST_CHECK;

/* Prints why it failed, and from when on the past is known. CLI_NOT_DONE. */
int past_fail(struct mail *m, enum status st);
enum status past_horizon_of(
    struct mail *m, struct mail_horizon *out) MUST_CHECK;

/* All events of the account; strings live in the arena of the verb. */
enum status past_read_groups(
    struct mail *m, struct past_groups *out) MUST_CHECK;

/* All folders as they stood; *modseq_out is that moment. */
enum status past_folders(struct mail *m, int64_t at_ms, uint64_t *modseq_out,
    struct mailbox **out, size_t *n_out) MUST_CHECK;

/*
 * A page of the messages of a folder as it stood, those from UID *next on, into
 * the arena; *next is 0 behind the last page.
 */
enum status past_entries(struct mail *m, uint64_t mailbox, uint64_t modseq,
    uint32_t *next, struct arena *arena, struct mail_entry **out,
    size_t *n_out) MUST_CHECK;

/* ISO 8601 in local time; a minute is enough for people. */
json_t *past_time_json(int64_t ms);

#endif
