/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

enum { UTF8_REPLACEMENT = 0xfffd };

bool utf8_valid(struct str s);

/* How many bytes at the start of s are ASCII. */
size_t utf8_ascii_run(struct str s);

/* How many bytes at the start of s are whole, valid characters. */
size_t utf8_valid_run(struct str s);

/*
 * Takes one character off *rest; false at the end. An invalid byte is taken
 * alone and given as UTF8_REPLACEMENT.
 */
bool utf8_next(struct str *rest, uint32_t *cp_out);

/* How many bytes the character at the start of s has; 0: not valid UTF-8. */
size_t utf8_length(struct str s);

/* Might s, not valid now, become a valid character when more bytes follow? */
bool utf8_incomplete(struct str s);

void utf8_add(struct buf *out, uint32_t cp);

/* s with each invalid byte replaced by U+FFFD. */
void utf8_add_valid(struct buf *out, struct str s);

/* The longest start of s that has at most max bytes and cuts no character. */
struct str utf8_clip(struct str s, size_t max);

#endif
