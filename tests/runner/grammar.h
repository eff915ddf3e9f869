/*
 * Is this answer one that RFC 9051 section 9 (and RFC 3501) allow a server to
 * give? Every answer of every transcript goes through it, whether a line of
 * the transcript speaks of it or not.
 */
#ifndef RUNNER_GRAMMAR_H
#define RUNNER_GRAMMAR_H

#include "base/str.h"

/* Without its last CRLF. NULL, or what is wrong. */
const char *grammar_imap(struct str answer);

#endif
