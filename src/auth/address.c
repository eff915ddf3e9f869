#include "auth/address.h"

#include <utf8proc.h>

#include "base/utf8.h"

/* Local parts may hold UTF-8 (RFC 6531). */
static bool
local_char(unsigned char c)
{
	return c > ' ' && c != 0x7f && c != '<' && c != '>' && c != '"' &&
	    c != '@' && c != '\\' && c != ',' && c != ':' && c != ';' &&
	    c != '(' && c != ')' && c != '[' && c != ']';
}

static utf8proc_int32_t
lower(utf8proc_int32_t c, void *ctx UNUSED)
{
	return utf8proc_tolower(c);
}

/*
 * "anna" is anna (RFC 5321 4.1.2); what needs its quotes we have never. Two
 * ways to write one letter are one address (RFC 6531 leaves that to us).
 */
static bool
local_normal(struct str in, struct arena *a, struct str *out)
{
	utf8proc_uint8_t *p = NULL;
	utf8proc_ssize_t n, i;
	bool ok;

	if (in.n > 2 && in.p[0] == '"' && in.p[in.n - 1] == '"')
		in = str_of(in.p + 1, in.n - 2);
	if (in.n == 0 || in.n > ADDRESS_LOCAL_MAX || !utf8_valid(in))
		return false;
	n = utf8proc_map_custom((const utf8proc_uint8_t *)in.p,
	    (utf8proc_ssize_t)in.n, &p, UTF8PROC_STABLE | UTF8PROC_COMPOSE,
	    lower, NULL);
	ok = n > 0 && n <= ADDRESS_LOCAL_MAX;
	for (i = 0; ok && i < n; i++)
		ok = local_char(p[i]);
	if (ok)
		*out = arena_str(a, str_of((char *)p, (size_t)n));
	free(p);
	return ok;
}

static size_t
last_at(struct str s)
{
	size_t i = s.n;

	while (i > 0)
		if (s.p[--i] == '@')
			return i;
	return SIZE_MAX;
}

enum status
address_normal(struct str in, struct arena *a, struct str *out)
{
	size_t at = last_at(in);
	struct str local, domain;

	if (at == SIZE_MAX || !local_normal(str_first(in, at), a, &local) ||
	    domain_normal(str_from_pos(in, at + 1), a, &domain) != ST_OK)
		return ST_INVALID;
	*out = arena_printf(
	    a, STR_FMT "@" STR_FMT, STR_ARG(local), STR_ARG(domain));
	return ST_OK;
}

struct str
address_readable(struct str address, struct arena *a)
{
	return arena_printf(a, STR_FMT "@" STR_FMT,
	    STR_ARG(address_local(address)),
	    STR_ARG(domain_readable(address_domain(address), a)));
}

struct str
address_local(struct str address)
{
	size_t at = last_at(address);

	return at == SIZE_MAX ? address : str_first(address, at);
}

struct str
address_domain(struct str address)
{
	size_t at = last_at(address);

	return at == SIZE_MAX ? S("") : str_from_pos(address, at + 1);
}

bool
address_detail(struct str address, struct arena *a, struct str *base_out,
    struct str *detail_out)
{
	struct str local = address_local(address);
	size_t plus = str_find(local, '+');

	if (plus == SIZE_MAX || plus == 0)
		return false;
	*base_out = arena_printf(a, STR_FMT "@" STR_FMT,
	    STR_ARG(str_first(local, plus)), STR_ARG(address_domain(address)));
	*detail_out = str_from_pos(local, plus + 1);
	return true;
}
