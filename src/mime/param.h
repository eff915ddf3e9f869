/*
 * Content-Type: and Content-Disposition: values and their parameters (RFC
 * 2045 5.1, RFC 2183, RFC 2231).
 *
 * Continued parameters ("name*0", "name*1*") are joined; a joined parameter
 * of which a piece is percent-encoded keeps the name "name*" and the value
 * charset'language'percent-encoded, as RFC 2231 has it in one piece. So
 * BODYSTRUCTURE shows it, and so param_decode reads it.
 */
#ifndef MIME_PARAM_H
#define MIME_PARAM_H

#include "base/arena.h"

/* More parameters than this in one field are ignored. */
enum { MIME_PARAMS_MAX = 500 };

struct param {
	struct str name; /* as written */
	struct str value;
};

struct params {
	struct param *v;
	size_t n;
};

struct content_type {
	struct str type, subtype; /* upper case */
	struct params params;
};

/* False when there is no type/subtype: RFC 2045 5.2 then says text/plain. */
bool content_type_parse(
    struct str value, struct arena *a, struct content_type *out);

/* Content-Disposition: a word (upper case) and parameters. */
bool disposition_parse(
    struct str value, struct arena *a, struct str *word, struct params *out);

/* The value of the parameter, or a str whose p is NULL. */
struct str param_get(const struct params *ps, const char *name);

/* name or name* decoded to UTF-8 (RFC 2231, and RFC 2047 as many write it). */
bool param_decode(const struct params *ps, const char *name, struct buf *out);

#endif
