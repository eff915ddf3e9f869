/* Names of domains: IDNA 2008 by libidn2. */
#include <idn2.h>

#include "auth/address.h"
#include "base/utf8.h"

enum { LABEL_MAX = 63 };

static bool
is_domain(struct str s)
{
	size_t i, label = 0;

	if (s.n == 0 || s.n > ADDRESS_DOMAIN_MAX)
		return false;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '.') {
			if (label == 0 || s.p[i - 1] == '-')
				return false;
			label = 0;
		} else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			       (c == '-' && label > 0)) ||
		    ++label > LABEL_MAX) {
			return false;
		}
	}
	return label > 0 && s.p[s.n - 1] != '-';
}

/* ß stays ß, as in all browsers: straße.example is not strasse.example. */
static bool
to_ascii(const char *in, struct arena *a, struct str *out)
{
	char *ascii = NULL;
	bool ok = idn2_to_ascii_8z(in, &ascii, IDN2_NONTRANSITIONAL) == IDN2_OK;

	if (ok)
		*out = arena_str(a, str_from(ascii));
	idn2_free(ascii);
	return ok;
}

static bool
to_unicode(const char *in, struct arena *a, struct str *out)
{
	char *text = NULL;
	bool ok =
	    idn2_to_unicode_8z8z(in, &text, IDN2_NONTRANSITIONAL) == IDN2_OK;

	if (ok)
		*out = arena_str(a, str_from(text));
	idn2_free(text);
	return ok;
}

enum status
domain_normal(struct str in, struct arena *a, struct str *out)
{
	struct str ascii, readable, again;

	if (in.n == 0 || in.n > ADDRESS_DOMAIN_MAX || !utf8_valid(in) ||
	    str_find(in, '\0') != SIZE_MAX ||
	    !to_ascii(arena_z(a, in), a, &ascii) || !is_domain(ascii))
		return ST_INVALID;
	/* An A-label that nobody would make is refused: it looked like
	 * another domain and were none. */
	if (!to_unicode(arena_z(a, ascii), a, &readable) ||
	    !to_ascii(arena_z(a, readable), a, &again) || !str_eq(ascii, again))
		return ST_INVALID;
	*out = ascii;
	return ST_OK;
}

struct str
domain_readable(struct str domain, struct arena *a)
{
	struct str readable;

	return to_unicode(arena_z(a, domain), a, &readable) ? readable : domain;
}
