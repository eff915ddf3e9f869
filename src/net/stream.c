#include "net/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

struct stream {
	int fd;
	char *host;
	SSL_CTX *ctx;
	SSL *ssl;
	char in[PIECE]; /* [at, end) is not read yet */
	size_t at, end;
};

/* --- connecting --- */

static int
try_connect(const struct addrinfo *a)
{
	struct pollfd p = {.events = POLLOUT};
	const struct timeval limit = {.tv_sec = STREAM_TIMEOUT_S};
	int error = 0, one = 1;
	socklen_t n = sizeof(error);

	p.fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    a->ai_protocol);
	if (p.fd < 0)
		return -1;
	if (connect(p.fd, a->ai_addr, a->ai_addrlen) < 0) {
		if (errno != EINPROGRESS)
			error = errno;
		else if (poll(&p, 1, STREAM_CONNECT_S * 1000) <= 0)
			error = ETIMEDOUT;
		else
			(void)getsockopt(
			    p.fd, SOL_SOCKET, SO_ERROR, &error, &n);
	}
	if (error != 0) {
		close(p.fd);
		errno = error;
		return -1;
	}
	(void)fcntl(p.fd, F_SETFL, 0); /* blocking from now on */
	(void)setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(p.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	(void)setsockopt(p.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return p.fd;
}

enum status
stream_open(
    struct str host, struct str port, struct stream **out, struct buf *why)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL, *a;
	char *h = str_dup(host), *p = str_dup(port);
	int rc = getaddrinfo(h, p, &hints, &list), fd = -1;
	struct stream *s;

	errno = 0;
	for (a = list; rc == 0 && a && fd < 0; a = a->ai_next)
		fd = try_connect(a);
	if (fd < 0)
		buf_addf(why, "no connection to %s, port %s: %s", h, p,
		    rc ? gai_strerror(rc) : strerror(errno));
	if (list)
		freeaddrinfo(list);
	free(p);
	if (fd < 0) {
		free(h);
		return ST_CLOSED;
	}
	s = mem_zalloc(sizeof(*s));
	s->fd = fd;
	s->host = h;
	*out = s;
	return ST_OK;
}

void
stream_close(struct stream **out)
{
	struct stream *s = *out;

	*out = NULL;
	if (!s)
		return;
	SSL_free(s->ssl);
	SSL_CTX_free(s->ctx);
	close(s->fd);
	free(s->host);
	free(s);
}

bool
stream_has_tls(const struct stream *s)
{
	return s->ssl != NULL;
}

bool
stream_is_loopback(const struct stream *s)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)&a;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a;

	if (getpeername(s->fd, (struct sockaddr *)&a, &n) < 0)
		return false;
	if (a.ss_family == AF_INET)
		return ntohl(in4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return a.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* --- TLS --- */

static bool
is_address(const char *host)
{
	unsigned char a[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, a) == 1 ||
	    inet_pton(AF_INET6, host, a) == 1;
}

/* Whom the certificate must name. */
static bool
expect_host(SSL *ssl, const char *host)
{
	if (is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(
			   SSL_get0_param(ssl), host) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) == 1 &&
	    SSL_set_tlsext_host_name(ssl, host) == 1;
}

static const char *
tls_reason(const SSL *ssl)
{
	long verified = SSL_get_verify_result(ssl);
	unsigned long error = ERR_peek_last_error();
	const char *text = error ? ERR_reason_error_string(error) : NULL;

	if (verified != X509_V_OK)
		return X509_verify_cert_error_string(verified);
	return text ? text : "the handshake failed";
}

enum status
stream_start_tls(struct stream *s, bool unverified, struct buf *why)
{
	SSL *ssl = NULL;
	bool ok;

	ERR_clear_error();
	if (s->at < s->end) {
		buf_addf(why, "%s sent answers before TLS began", s->host);
		return ST_SYNTAX;
	}
	s->ctx = SSL_CTX_new(TLS_client_method());
	ok = s->ctx && SSL_CTX_set_min_proto_version(s->ctx, TLS1_2_VERSION) &&
	    SSL_CTX_set_default_verify_paths(s->ctx);
	if (ok)
		SSL_CTX_set_verify(s->ctx,
		    unverified ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	ok = ok && (ssl = SSL_new(s->ctx)) != NULL &&
	    expect_host(ssl, s->host) && SSL_set_fd(ssl, s->fd) == 1 &&
	    SSL_connect(ssl) == 1;
	if (!ok) {
		buf_addf(why, "no TLS with %s: %s", s->host,
		    ssl ? tls_reason(ssl) : "OpenSSL cannot start");
		SSL_free(ssl);
		return ST_CLOSED;
	}
	s->ssl = ssl;
	return ST_OK;
}

/* --- bytes --- */

enum status
stream_write(struct stream *s, struct str bytes)
{
	ssize_t n;

	while (bytes.n > 0) {
		size_t piece = bytes.n < PIECE ? bytes.n : PIECE;

		if (s->ssl)
			n = SSL_write(s->ssl, bytes.p, (int)piece);
		else
			n = send(s->fd, bytes.p, piece, MSG_NOSIGNAL);
		if (n < 0 && !s->ssl && errno == EINTR)
			continue;
		if (n <= 0)
			return ST_CLOSED;
		bytes = str_from_pos(bytes, (size_t)n);
	}
	return ST_OK;
}

static enum status
fill(struct stream *s)
{
	ssize_t n;

	do {
		n = s->ssl ? SSL_read(s->ssl, s->in, PIECE)
			   : recv(s->fd, s->in, PIECE, 0);
	} while (n < 0 && !s->ssl && errno == EINTR);
	s->at = 0;
	s->end = n > 0 ? (size_t)n : 0;
	return n > 0 ? ST_OK : ST_CLOSED;
}

static struct str
unread(const struct stream *s)
{
	return str_of(s->in + s->at, s->end - s->at);
}

enum status
stream_line(struct stream *s, struct buf *out)
{
	enum status st;
	size_t lf;

	for (;;) {
		if (s->at == s->end && (st = fill(s)) != ST_OK)
			return st;
		lf = str_find(unread(s), '\n');
		buf_adds(out, str_first(unread(s), lf));
		if (buf_full(out))
			return ST_LIMIT;
		if (lf == SIZE_MAX) {
			s->at = s->end;
			continue;
		}
		s->at += lf + 1;
		if (out->n > 0 && out->p[out->n - 1] == '\r')
			buf_truncate(out, out->n - 1);
		return ST_OK;
	}
}

enum status
stream_bytes(struct stream *s, uint64_t n,
    enum status (*fn)(void *ctx, struct str piece), void *ctx)
{
	enum status st, kept = ST_OK;
	struct str piece;

	while (n > 0) {
		if (s->at == s->end && (st = fill(s)) != ST_OK)
			return st;
		piece = str_first(unread(s), n < PIECE ? (size_t)n : PIECE);
		if (kept == ST_OK)
			kept = fn(ctx, piece);
		s->at += piece.n;
		n -= piece.n;
	}
	return kept;
}
