/*
 * Addresses to listen on, as the settings write them: `ADDR:PORT`,
 * `[ADDR]:PORT`, `unix:/path`, several with spaces between; the word `proxy`
 * behind an address says that the peer speaks PROXY v2; `none` alone.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"

enum { LISTEN_BACKLOG = 1024 };

struct listen_address {
	struct sockaddr_storage addr;
	socklen_t n;
	bool proxy;
};

/* Takes the next address off *text. ST_NOT_FOUND at the end (and for none). */
enum status listen_next(
    struct str *text, struct listen_address *out) MUST_CHECK;
/* Is all of it well formed? */
enum status listen_check(struct str text) MUST_CHECK;

/* A listening, non-blocking socket, or -1 with errno set. */
int listen_open(const struct listen_address *a) MUST_CHECK;

/* "192.0.2.1", "2001:db8::1", "unix"; the port, or 0. */
void address_text(const struct sockaddr_storage *a, struct buf *out);
/* What address_text has written; a Unix socket for anything else. */
void address_of(struct str text, struct sockaddr_storage *out);
uint16_t address_port(const struct sockaddr_storage *a);
bool address_is_loopback(const struct sockaddr_storage *a);

/*
 * What limits count by: the IPv4 address, or the first 64 bits of an IPv6
 * one; 0 for Unix sockets, which are not limited.
 */
uint64_t address_group(const struct sockaddr_storage *a);

/* Is it in one of the networks ("127.0.0.0/8 ::1/128", spaces between)? */
bool address_in(const struct sockaddr_storage *a, struct str networks);
enum status networks_check(struct str networks) MUST_CHECK;

#endif
