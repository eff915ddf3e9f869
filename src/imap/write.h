/*
 * What an IMAP server says, as bytes: strings in the shape that is legal for
 * their content, mailbox names in the form the session speaks.
 */
#ifndef IMAP_WRITE_H
#define IMAP_WRITE_H

#include "base/buf.h"
#include "base/uidset.h"
#include "store/flags.h"

/* Quoted where every byte may stand in quotes (no CR, LF, NUL, 8 bit, at
 * most 1,000 bytes), otherwise a literal. */
void imap_write_string(struct buf *out, struct str s);
/* The same; NIL when s.p is NULL. */
void imap_write_nstring(struct buf *out, struct str s);
/* An atom if it may be one, otherwise a string. */
void imap_write_astring(struct buf *out, struct str s);
void imap_write_literal(struct buf *out, struct str s);
/* "{n}\r\n", "~{n}\r\n" for binary: the bytes are the caller's to add. */
void imap_write_literal_header(struct buf *out, uint64_t n, bool binary);

/* A mailbox name: UTF-8 in quotes for `utf8` sessions, modified UTF-7 for
 * others (RFC 9051 Appendix A, RFC 3501 5.1.3). */
void imap_write_mailbox(struct buf *out, struct str name, bool utf8);

/* " 1-Feb-1994 02:44:25 -0700" in quotes (RFC 9051 date-time). */
void imap_write_date_time(
    struct buf *out, int64_t utc_ms, int32_t zone_minutes);

/* "(\Seen $Work)"; with `recent`, \Recent is in it. */
void imap_write_flags(struct buf *out, const struct flagset *set, bool recent);

#endif
