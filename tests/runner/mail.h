/* What @account lines are made of, for both worlds. */
#ifndef RUNNER_MAIL_H
#define RUNNER_MAIL_H

#include "base/str.h"

/* The next word, or "what is in quotes"; empty at the end. */
struct str mail_cut_word(struct str *rest);

/*
 * An mbox in the simplest form: "From " begins a message, ">From " is one.
 * False: the file cannot be read, or `each` says so.
 */
bool mail_read_mbox(
    const char *path, bool (*each)(void *ctx, struct str mail), void *ctx);

#endif
