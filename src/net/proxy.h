/*
 * The PROXY protocol, version 2 (haproxy's proxy-protocol.txt, section 2.2):
 * a binary header in front of a connection that says who is behind a proxy.
 * Pure: the caller reads PROXY_HEADER bytes, asks how many follow, reads
 * exactly those and not one more (P6), and has the whole parsed.
 */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include <sys/socket.h>

#include "base/str.h"

enum { PROXY_HEADER = 16, PROXY_MOST = 4096 };

struct proxy_info {
	bool local; /* the proxy itself (a health check): no address */
	struct sockaddr_storage from;
	bool tls; /* the client spoke TLS with the proxy */
};

/* Bytes that follow the header. ST_SYNTAX: this is no PROXY v2 header. */
enum status proxy_rest(struct str header, size_t *rest_out) MUST_CHECK;
enum status proxy_parse(struct str whole, struct proxy_info *out) MUST_CHECK;

#endif
