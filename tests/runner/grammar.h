/*
 * Is this answer one that the protocol allows a server to give? RFC 9051
 * section 9 with RFC 3501; RFC 1939 and RFC 2449; RFC 5321 4.2 with RFC 2034.
 * Every answer of every transcript goes through it, whether a line of the
 * transcript speaks of it or not; the fuzzers and `transcript --grammar`,
 * which reads a recorded stream, use it, too.
 */
#ifndef RUNNER_GRAMMAR_H
#define RUNNER_GRAMMAR_H

#include "base/str.h"

/* Without its last CRLF. NULL, or what is wrong. */
const char *grammar_imap(struct str answer);
/* One line; of a message or a list, too. */
const char *grammar_pop3(struct str line);
const char *grammar_lmtp(struct str line);

/* By the name of the protocol; NULL: there is none. */
typedef const char *grammar_check(struct str answer);
grammar_check *grammar_of(struct str protocol);

/* Bytes of the first answer in `all`, literals inclusive; 0: not whole. */
size_t grammar_cut(struct str all);

#endif
