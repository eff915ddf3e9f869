/*
 * TLS by OpenSSL, as far as it is not a connection (net/relay.h): certificates
 * with the names they stand for, ticket keys, and what a finished handshake
 * tells about itself. TLS 1.2 with ECDHE and AEAD, and TLS 1.3; no session
 * cache, tickets only; buffers are released when idle.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/buf.h"

struct ssl_st;

enum {
	TLS_TICKET_KEYS = 80, /* name, HMAC and AES keys, as OpenSSL wants */
	TLS_BINDING = 64,
};

/*
 * The certificates in force. Counted, because handshakes under way go on with
 * those they began with.
 */
struct tls_set;

struct tls_set *tls_set_new(void);
struct tls_set *tls_set_ref(struct tls_set *s);
void tls_set_unref(struct tls_set **s);

/* Chain and key as PEM; the first pair serves all names that no other does.
 * *why_out: OpenSSL's reason, static. */
enum status tls_set_add(struct tls_set *s, struct str certificate,
    struct str key, const char **why_out) MUST_CHECK;
void tls_set_tickets(
    struct tls_set *s, const unsigned char keys[TLS_TICKET_KEYS]);
size_t tls_set_count(const struct tls_set *s);

/*
 * A server's side on a non-blocking socket; SSL_free ends it. `alpn` is the
 * one protocol spoken there (RFC 7301): another one is refused, none is fine.
 */
struct ssl_st *tls_server(struct tls_set *s, int fd, const char *alpn);

struct tls_info {
	struct str version, cipher, sni; /* borrowed from the connection */
	unsigned char exporter[TLS_BINDING], unique[TLS_BINDING],
	    endpoint[TLS_BINDING];
	size_t n_exporter, n_unique, n_endpoint; /* 0: there is none */
};
void tls_describe(struct ssl_st *ssl, struct tls_info *out);

/* A P-256 key and a certificate for `host`, ten years, written as PEM. */
enum status tls_self_signed(
    const char *host, struct buf *certificate, struct buf *key) MUST_CHECK;

#endif
