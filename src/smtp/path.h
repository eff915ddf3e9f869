/* Paths and parameters of MAIL and RCPT (RFC 5321 4.1.2, RFC 6531 3.3). */
#ifndef SMTP_PATH_H
#define SMTP_PATH_H

#include "base/str.h"

/*
 * "<" [source route ":"] mailbox ">" at the begin of *s, which is moved behind
 * it; `address_out` is borrowed and may be empty ("<>"). Bytes above 127 only
 * with `utf8`. False: it is no path.
 */
bool path_parse(struct str *s, bool utf8, struct str *address_out) MUST_CHECK;

/* The next " KEYWORD[=VALUE]" of *s; false at the end or when malformed. */
bool path_parameter(
    struct str *s, struct str *keyword_out, struct str *value_out) MUST_CHECK;

#endif
