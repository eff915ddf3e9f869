/*
 * SASLprep (RFC 4013): the form in which names and passwords are compared.
 */
#ifndef AUTH_SASLPREP_H
#define AUTH_SASLPREP_H

#include "base/buf.h"

/* Appends the prepared form. ST_INVALID when there is none. */
enum status saslprep(struct str in, struct buf *out) MUST_CHECK;

#endif
