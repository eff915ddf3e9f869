#include "auth/address.h"

#include "base/utf8.h"

/* Local parts and domains may hold UTF-8 (RFC 6531). */
static bool
local_char(unsigned char c)
{
	return c > ' ' && c != 0x7f && c != '<' && c != '>' && c != '"' &&
	    c != '@' && c != '\\' && c != ',' && c != ':' && c != ';' &&
	    c != '(' && c != ')' && c != '[' && c != ']';
}

static bool
domain_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c >= 0x80;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

enum status
domain_normal(struct str in, struct arena *a, struct str *out)
{
	char *p;
	size_t i, label = 0;

	if (in.n == 0 || in.n > ADDRESS_DOMAIN_MAX || !utf8_valid(in))
		return ST_INVALID;
	p = arena_z(a, in);
	for (i = 0; i < in.n; i++) {
		p[i] = lower(p[i]);
		if (p[i] == '.') {
			if (label == 0 || p[i - 1] == '-')
				return ST_INVALID;
			label = 0;
		} else if (!domain_char((unsigned char)p[i]) ||
		    (p[i] == '-' && label == 0)) {
			return ST_INVALID;
		} else if (++label > 63) {
			return ST_INVALID;
		}
	}
	if (label == 0 || p[in.n - 1] == '-')
		return ST_INVALID;
	*out = str_of(p, in.n);
	return ST_OK;
}

/* "anna" is anna (RFC 5321 4.1.2); what needs its quotes we have never. */
static bool
local_normal(struct str in, struct arena *a, struct str *out)
{
	char *p;
	size_t i;

	if (in.n > 2 && in.p[0] == '"' && in.p[in.n - 1] == '"')
		in = str_of(in.p + 1, in.n - 2);
	if (in.n == 0 || in.n > ADDRESS_LOCAL_MAX || !utf8_valid(in))
		return false;
	p = arena_z(a, in);
	for (i = 0; i < in.n; i++) {
		if (!local_char((unsigned char)p[i]))
			return false;
		p[i] = lower(p[i]);
	}
	*out = str_of(p, in.n);
	return true;
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
