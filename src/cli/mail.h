/*
 * Operations on an account's mail, as the verbs need them.
 */
#ifndef CLI_MAIL_H
#define CLI_MAIL_H

#include "cli/cli.h"
#include "cli/target.h"

enum { MAIL_ASK_MAX = 16 * 1024 * 1024 };

/* The account that a verb works on. */
struct mail {
	struct cli *c;
	struct str id, address;
};

/* By the address in the first word. False: the reason has been printed. */
bool mail_open(struct cli *c, struct mail *out) MUST_CHECK;

/* Each fills *answer_out, in the arena of c. */
enum status mail_run(
    struct mail *m, enum mail_op_kind kind, struct str *answer_out) MUST_CHECK;
/* A request begun with mail_ask(). */
enum status mail_ask_run(struct mail *m, const struct buf *request,
    struct str *answer_out) MUST_CHECK;
enum status mail_change(struct mail *m, const struct change *change,
    struct changed *out) MUST_CHECK;
enum status mail_list(
    struct mail *m, struct mailbox **out, size_t *n_out) MUST_CHECK;
/* ST_NOT_FOUND; INBOX in any case. */
enum status mail_find(
    struct mail *m, struct str name, struct mailbox *out) MUST_CHECK;

/* Each message of a mailbox by ascending uid; fn ends it by a status. */
enum status mail_entries(struct mail *m, uint64_t mailbox,
    enum status (*fn)(void *ctx, const struct mail_entry *e),
    void *ctx) MUST_CHECK;
/* The `size` bytes of a message in pieces, likewise. */
enum status mail_read(struct mail *m, uint64_t message, uint64_t size,
    enum status (*fn)(void *ctx, struct str bytes), void *ctx) MUST_CHECK;

#endif
