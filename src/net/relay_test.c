#include "net/relay.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"

struct server {
	int plain;
	bool ended, was_secured;
	char version[16], sni[64];
	size_t n_exporter, n_unique, n_endpoint;
	unsigned char exporter[TLS_BINDING], unique[TLS_BINDING];
};

static void
secured(
    void *ctx, struct relay *r UNUSED, int plain, const struct tls_info *info)
{
	struct server *s = ctx;

	s->plain = plain;
	(void)snprintf(
	    s->version, sizeof(s->version), STR_FMT, STR_ARG(info->version));
	(void)snprintf(s->sni, sizeof(s->sni), STR_FMT, STR_ARG(info->sni));
	s->n_exporter = info->n_exporter;
	s->n_unique = info->n_unique;
	s->n_endpoint = info->n_endpoint;
	memcpy(s->exporter, info->exporter, TLS_BINDING);
	memcpy(s->unique, info->unique, TLS_BINDING);
}

static void
ended(void *ctx, struct relay *r UNUSED, bool was_secured)
{
	struct server *s = ctx;

	s->ended = true;
	s->was_secured = was_secured;
}

static const struct relay_ops ops = {secured, ended};

struct fixture {
	struct loop *loop;
	struct tls_set *set;
	struct server server;
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

static void
add_host(struct fixture *f, const char *host)
{
	struct buf cert, key;
	const char *why = NULL;

	buf_init(&cert, 65536);
	buf_init(&key, 65536);
	assert_ok(tls_self_signed(host, &cert, &key));
	assert_ok(tls_set_add(f->set, buf_str(&cert), buf_str(&key), &why));
	buf_release(&cert);
	buf_release(&key);
}

static void
setup(struct fixture *f, int version, const char *sni, const char *alpn)
{
	unsigned char keys[TLS_TICKET_KEYS] = {1, 2, 3};
	int ends[2];

	memset(f, 0, sizeof(*f));
	f->server.plain = -1;
	f->loop = loop_new();
	f->set = tls_set_new();
	add_host(f, "one.example");
	add_host(f, "two.example");
	tls_set_tickets(f->set, keys);
	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
	    0);
	f->ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_max_proto_version(f->ctx, version);
	f->ssl = SSL_new(f->ctx);
	f->fd = ends[0];
	SSL_set_fd(f->ssl, f->fd);
	if (sni)
		SSL_set_tlsext_host_name(f->ssl, sni);
	if (alpn)
		SSL_set_alpn_protos(f->ssl, (const unsigned char *)alpn,
		    (unsigned)strlen(alpn));
	SSL_set_connect_state(f->ssl);
	assert_non_null(relay_new(f->loop, f->set, ends[1], "imap",
	    RELAY_HANDSHAKE_MS, &ops, &f->server));
}

static void
turn(struct fixture *f)
{
	for (int i = 0; i < 3; i++)
		loop_once(f->loop, 1);
}

static bool
shake(struct fixture *f)
{
	for (int i = 0; i < 50; i++) {
		int rc = SSL_do_handshake(f->ssl);

		if (rc == 1 && f->server.plain >= 0)
			return true;
		if (rc < 0 && SSL_get_error(f->ssl, rc) != SSL_ERROR_WANT_READ)
			return false;
		turn(f);
	}
	return false;
}

static void
teardown(struct fixture *f)
{
	for (int i = 0; i < 100 && !f->server.ended; i++)
		loop_once(f->loop, 50);
	assert_true(f->server.ended);
	SSL_free(f->ssl);
	SSL_CTX_free(f->ctx);
	close(f->fd);
	tls_set_unref(&f->set);
	loop_free(&f->loop);
}

static void
binds_and_names(void **state UNUSED)
{
	unsigned char mine[TLS_BINDING];
	struct fixture f;
	char name[128];

	setup(&f, TLS1_3_VERSION, "two.example", "\4imap");
	assert_true(shake(&f));
	assert_string_equal(f.server.version, "TLSv1.3");
	assert_string_equal(f.server.sni, "two.example");
	X509 *x = SSL_get0_peer_certificate(f.ssl);
	X509_NAME_oneline(X509_get_subject_name(x), name, sizeof(name));
	assert_string_equal(name, "/CN=two.example");
	assert_int_equal(SSL_export_keying_material(f.ssl, mine, 32,
			     "EXPORTER-Channel-Binding", 24, NULL, 0, 0),
	    1);
	assert_int_equal(f.server.n_exporter, 32);
	assert_memory_equal(mine, f.server.exporter, 32);
	assert_int_equal(f.server.n_unique, 0);
	assert_int_equal(f.server.n_endpoint, 32);
	close(f.server.plain);
	SSL_shutdown(f.ssl);
	shutdown(f.fd, SHUT_WR);
	teardown(&f);

	setup(&f, TLS1_2_VERSION, "unknown.example", NULL);
	assert_true(shake(&f));
	assert_string_equal(f.server.version, "TLSv1.2");
	assert_int_equal(
	    f.server.n_unique, SSL_get_finished(f.ssl, mine, sizeof(mine)));
	assert_memory_equal(mine, f.server.unique, f.server.n_unique);
	x = SSL_get0_peer_certificate(f.ssl);
	X509_NAME_oneline(X509_get_subject_name(x), name, sizeof(name));
	assert_string_equal(name, "/CN=one.example");
	close(f.server.plain);
	SSL_shutdown(f.ssl);
	shutdown(f.fd, SHUT_WR);
	teardown(&f);
}

static void
another_protocol_is_refused(void **state UNUSED)
{
	struct fixture f;

	setup(&f, TLS1_3_VERSION, NULL, "\10http/1.1");
	assert_false(shake(&f));
	teardown(&f);
	assert_false(f.server.was_secured);
}

/* More than the sockets hold, both ways at once; then half-close. */
static void
carries_and_closes(void **state UNUSED)
{
	enum { TOTAL = 3 * 1024 * 1024 };
	size_t up = 0, up_got = 0, down = 0, down_got = 0;
	static char piece[50000], sink[70000];
	struct fixture f;
	bool up_eof = false, down_eof = false;

	setup(&f, TLS1_3_VERSION, NULL, NULL);
	assert_true(shake(&f));
	for (int i = 0; i < 100000 && !(up_eof && down_eof); i++) {
		int n;
		ssize_t k;

		if (up < TOTAL &&
		    (n = SSL_write(f.ssl, piece,
			 (int)min_size(sizeof(piece), TOTAL - up))) > 0)
			up += (size_t)n;
		if (up == TOTAL && SSL_get_shutdown(f.ssl) == 0 &&
		    SSL_shutdown(f.ssl) == 0)
			shutdown(f.fd, SHUT_WR);
		if ((k = read(f.server.plain, sink, sizeof(sink))) > 0)
			up_got += (size_t)k;
		up_eof |= k == 0;
		if (down < TOTAL &&
		    (k = send(f.server.plain, piece,
			 min_size(sizeof(piece), TOTAL - down), 0)) > 0)
			down += (size_t)k;
		if (down == TOTAL && up_eof && f.server.plain >= 0) {
			close(f.server.plain);
			f.server.plain = open("/dev/null", O_RDONLY);
		}
		if ((n = SSL_read(f.ssl, sink, sizeof(sink))) > 0)
			down_got += (size_t)n;
		else
			down_eof |=
			    SSL_get_error(f.ssl, n) == SSL_ERROR_ZERO_RETURN;
		loop_once(f.loop, 0);
	}
	assert_int_equal(up_got, TOTAL);
	assert_int_equal(down_got, TOTAL);
	close(f.server.plain);
	teardown(&f);
	assert_true(f.server.was_secured);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(binds_and_names),
	    cmocka_unit_test(another_protocol_is_refused),
	    cmocka_unit_test(carries_and_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
