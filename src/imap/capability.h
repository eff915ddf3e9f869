/*
 * What is announced: what works, in the state the session is in.
 */
#ifndef IMAP_CAPABILITY_H
#define IMAP_CAPABILITY_H

#include "imap/session.h"

/* "IMAP4rev1 IMAP4rev2 ...", without "CAPABILITY". */
void imap_write_capabilities(const struct imap *s, struct buf *out);

/* May a password be sent as it is: under TLS, or as auth.cleartext allows? */
bool imap_may_login(const struct imap *s);
bool imap_may_starttls(const struct imap *s);
/* Channel bindings are there, and nobody in front has ended TLS (P6). */
bool imap_may_bind(const struct imap *s);

#endif
