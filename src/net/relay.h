/*
 * The TLS relay (P6): takes a client's socket, does the handshake, and then
 * carries bytes between TLS and a plaintext socket pair, whose other end is
 * handed out. It holds at most one record in each direction, maps half-close
 * both ways, lingers two seconds at the end, and drops a peer that takes
 * nothing for 60 s. Idle, it holds no buffer.
 */
#ifndef NET_RELAY_H
#define NET_RELAY_H

#include "net/loop.h"
#include "net/tls.h"

enum {
	RELAY_RECORD = 16 * 1024,
	RELAY_SNDBUF = 128 * 1024,
	RELAY_NOTSENT = 64 * 1024,
	RELAY_HANDSHAKE_MS = 30 * 1000,
	RELAY_STALL_MS = 60 * 1000,
	RELAY_LINGER_MS = 2 * 1000,
	RELAY_TURNS = 8, /* records in a row; then it is the others' turn */
};

struct relay;

struct relay_ops {
	/* The handshake is done; `plain` belongs to the callee. */
	void (*secured)(
	    void *ctx, struct relay *r, int plain, const struct tls_info *info);
	/* It is over, and frees itself when this returns. */
	void (*ended)(void *ctx, struct relay *r, bool was_secured);
};

/*
 * Takes fd over; NULL (fd closed) when there is no certificate. The handshake
 * may take handshake_ms, RELAY_HANDSHAKE_MS as a rule.
 */
struct relay *relay_new(struct loop *l, struct tls_set *set, int fd,
    const char *alpn, int64_t handshake_ms, const struct relay_ops *ops,
    void *ctx);
/* Ends it at once, without ops->ended. */
void relay_free(struct relay **r);

#endif
