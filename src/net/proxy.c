#include "net/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

enum {
	VERSION_2 = 0x20,
	COMMAND_LOCAL = 0x0,
	COMMAND_PROXY = 0x1,
	FAMILY_TCP4 = 0x11,
	FAMILY_TCP6 = 0x21,
	TCP4_BYTES = 12,
	TCP6_BYTES = 36,
	TLV_HEAD = 3,
	TLV_SSL = 0x20,
	SSL_CLIENT = 0x01, /* the client connected over TLS */
};

static size_t
u16(const char *p)
{
	return (size_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

enum status
proxy_rest(struct str header, size_t *rest_out)
{
	unsigned char version;

	if (header.n < PROXY_HEADER ||
	    memcmp(header.p, SIGNATURE, sizeof(SIGNATURE) - 1) != 0)
		return ST_SYNTAX;
	version = (unsigned char)header.p[12];
	if ((version & 0xf0) != VERSION_2 || (version & 0x0f) > COMMAND_PROXY)
		return ST_SYNTAX;
	if (u16(header.p + 14) > PROXY_MOST)
		return ST_LIMIT;
	*rest_out = u16(header.p + 14);
	return ST_OK;
}

static enum status
parse_tlvs(struct str s, bool *tls_out)
{
	while (s.n) {
		size_t n;

		if (s.n < TLV_HEAD || (n = u16(s.p + 1)) > s.n - TLV_HEAD)
			return ST_SYNTAX;
		/* client bits, u32 verify, sub-TLVs that do not matter here */
		if ((unsigned char)s.p[0] == TLV_SSL && n >= 5)
			*tls_out = s.p[TLV_HEAD] & SSL_CLIENT;
		s = str_from_pos(s, TLV_HEAD + n);
	}
	return ST_OK;
}

static void
set_tcp4(const char *p, struct sockaddr_storage *out)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)out;

	in4->sin_family = AF_INET;
	memcpy(&in4->sin_addr, p, 4);
	memcpy(&in4->sin_port, p + 8, 2);
}

static void
set_tcp6(const char *p, struct sockaddr_storage *out)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	in6->sin6_family = AF_INET6;
	memcpy(&in6->sin6_addr, p, 16);
	memcpy(&in6->sin6_port, p + 32, 2);
}

enum status
proxy_parse(struct str whole, struct proxy_info *out)
{
	struct proxy_info info = {0};
	struct str body = str_from_pos(whole, PROXY_HEADER);
	unsigned char family;
	size_t rest, skip;
	enum status st = proxy_rest(whole, &rest);

	if (st != ST_OK)
		return st;
	if (body.n != rest)
		return ST_SYNTAX;
	family = (unsigned char)whole.p[13];
	if ((whole.p[12] & 0x0f) == COMMAND_LOCAL) {
		info.local = true;
		*out = info;
		return ST_OK;
	}
	if (family == FAMILY_TCP4 && body.n >= TCP4_BYTES) {
		set_tcp4(body.p, &info.from);
		skip = TCP4_BYTES;
	} else if (family == FAMILY_TCP6 && body.n >= TCP6_BYTES) {
		set_tcp6(body.p, &info.from);
		skip = TCP6_BYTES;
	} else {
		/* A client without an address is one we cannot limit. */
		return ST_SYNTAX;
	}
	st = parse_tlvs(str_from_pos(body, skip), &info.tls);
	if (st == ST_OK)
		*out = info;
	return st;
}
