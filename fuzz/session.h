/*
 * A session machine under any bytes, with a real store (tests/runner). What
 * must hold: each answer is in the protocol's grammar, and all answers are
 * the same when the bytes come one by one.
 *
 * The first byte says whether the login is part of it (IMAP, POP3); the last
 * one, what happens at the end.
 */
#ifndef FUZZ_SESSION_H
#define FUZZ_SESSION_H

#include "fuzz.h"

int fuzz_session(struct str protocol, struct str input);

#endif
