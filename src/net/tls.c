#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/vec.h"

/* RFC 9266 4; RFC 5929 for the other two. */
#define EXPORTER_LABEL "EXPORTER-Channel-Binding"
#define CIPHERS        "ECDHE+AESGCM:ECDHE+CHACHA20"
#define SESSION_ID     "mailstead"

enum { EXPORTER_BYTES = 32 };

struct tls_set {
	size_t refs;
	SSL_CTX **contexts; /* the first is the default */
	size_t n_contexts, cap_contexts;
};

struct tls_set *
tls_set_new(void)
{
	struct tls_set *s = mem_zalloc(sizeof(*s));

	s->refs = 1;
	return s;
}

struct tls_set *
tls_set_ref(struct tls_set *s)
{
	s->refs++;
	return s;
}

void
tls_set_unref(struct tls_set **sp)
{
	struct tls_set *s = *sp;

	*sp = NULL;
	if (!s || --s->refs)
		return;
	for (size_t i = 0; i < s->n_contexts; i++)
		SSL_CTX_free(s->contexts[i]);
	free(s->contexts);
	free(s);
}

size_t
tls_set_count(const struct tls_set *s)
{
	return s->n_contexts;
}

static const char *
reason(const char *otherwise)
{
	const char *text = ERR_reason_error_string(ERR_get_error());

	ERR_clear_error();
	return text ? text : otherwise;
}

/* RFC 6066 3: the certificate that has the name, else the default. */
static int
choose_by_name(SSL *ssl, int *alert UNUSED, void *arg)
{
	struct tls_set *s = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	if (!name)
		return SSL_TLSEXT_ERR_NOACK;
	for (size_t i = 0; i < s->n_contexts; i++) {
		X509 *x = SSL_CTX_get0_certificate(s->contexts[i]);

		if (X509_check_host(x, name, strlen(name), 0, NULL) == 1) {
			SSL_set_SSL_CTX(ssl, s->contexts[i]);
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_NOACK;
}

/*
 * A client that names protocols but not ours means to speak with somebody
 * else: an attacker may have sent it here (the ALPACA attack).
 */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *n_out,
    const unsigned char *in, unsigned n, void *arg UNUSED)
{
	const char *ours = SSL_get_app_data(ssl);
	size_t ours_n = strlen(ours);

	for (unsigned i = 0; i < n && i + 1u + in[i] <= n; i += 1u + in[i])
		if (in[i] == ours_n && memcmp(in + i + 1, ours, ours_n) == 0) {
			*out = in + i + 1;
			*n_out = in[i];
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *
context_new(struct tls_set *s)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
		SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CLEANSE_PLAINTEXT);
	SSL_CTX_set_mode(ctx,
	    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(
	    ctx, (const unsigned char *)SESSION_ID, sizeof(SESSION_ID) - 1);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_tlsext_servername_callback(ctx, choose_by_name);
	SSL_CTX_set_tlsext_servername_arg(ctx, s);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	if (SSL_CTX_set_cipher_list(ctx, CIPHERS) == 1)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static BIO *
reading(struct str pem)
{
	return BIO_new_mem_buf(pem.p, (int)pem.n);
}

/* The certificate, then those that lead to a root. */
static bool
use_chain(SSL_CTX *ctx, struct str pem)
{
	BIO *bio = reading(pem);
	X509 *x = bio ? PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL) : NULL;
	bool ok = x && SSL_CTX_use_certificate(ctx, x) == 1;

	X509_free(x);
	while (ok && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		if (SSL_CTX_add0_chain_cert(ctx, x) != 1) {
			X509_free(x);
			ok = false;
		}
	BIO_free(bio);
	if (ok) /* the end of the file is reported as an error, too */
		ERR_clear_error();
	return ok;
}

/* A key under a passphrase would ask a terminal that nobody sits at. */
static int
no_passphrase(char *room UNUSED, int n UNUSED, int w UNUSED, void *arg UNUSED)
{
	return -1;
}

static bool
use_key(SSL_CTX *ctx, struct str pem)
{
	BIO *bio = reading(pem);
	EVP_PKEY *key = bio
	    ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)
	    : NULL;
	bool ok = key && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
	    SSL_CTX_check_private_key(ctx) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	return ok;
}

enum status
tls_set_add(struct tls_set *s, struct str certificate, struct str key,
    const char **why_out)
{
	SSL_CTX *ctx;

	ERR_clear_error();
	ctx = context_new(s);
	if (!ctx) {
		*why_out = reason("no TLS context");
		return ST_IO;
	}
	if (!use_chain(ctx, certificate) || !use_key(ctx, key)) {
		*why_out = reason("no certificate or no key");
		SSL_CTX_free(ctx);
		return ST_INVALID;
	}
	*VEC_ADD(s, contexts) = ctx;
	return ST_OK;
}

void
tls_set_tickets(struct tls_set *s, const unsigned char keys[TLS_TICKET_KEYS])
{
	unsigned char copy[TLS_TICKET_KEYS];

	memcpy(copy, keys, sizeof(copy));
	for (size_t i = 0; i < s->n_contexts; i++)
		SSL_CTX_set_tlsext_ticket_keys(
		    s->contexts[i], copy, sizeof(copy));
	OPENSSL_cleanse(copy, sizeof(copy));
}

struct ssl_st *
tls_server(struct tls_set *s, int fd, const char *alpn)
{
	SSL *ssl;

	if (!s->n_contexts)
		return NULL;
	ssl = SSL_new(s->contexts[0]);
	if (!ssl || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_app_data(ssl, (char *)(uintptr_t)alpn);
	SSL_set_accept_state(ssl);
	return ssl;
}

/* RFC 5929 4.1: the certificate's own hash, but nothing below SHA-256. */
static size_t
endpoint(SSL *ssl, unsigned char out[TLS_BINDING])
{
	X509 *x = SSL_get_certificate(ssl);
	const EVP_MD *md = NULL;
	unsigned n = 0;
	int digest;

	if (!x)
		return 0;
	if (OBJ_find_sigid_algs(X509_get_signature_nid(x), &digest, NULL))
		md = EVP_get_digestbynid(digest);
	if (!md || digest == NID_md5 || digest == NID_sha1)
		md = EVP_sha256();
	if (EVP_MD_get_size(md) > TLS_BINDING ||
	    X509_digest(x, md, out, &n) != 1)
		return 0;
	return n;
}

/*
 * RFC 5929 3.1: the first Finished of the connection: the client's in a full
 * handshake, ours in a resumption. Without the extended master secret it does
 * not bind (RFC 7627), and in TLS 1.3 it does not exist.
 */
static size_t
unique(SSL *ssl, unsigned char out[TLS_BINDING])
{
	if (SSL_version(ssl) != TLS1_2_VERSION ||
	    SSL_get_extms_support(ssl) != 1)
		return 0;
	return SSL_session_reused(ssl)
	    ? SSL_get_finished(ssl, out, TLS_BINDING)
	    : SSL_get_peer_finished(ssl, out, TLS_BINDING);
}

void
tls_describe(struct ssl_st *ssl, struct tls_info *out)
{
	bool exports = SSL_version(ssl) >= TLS1_3_VERSION ||
	    SSL_get_extms_support(ssl) == 1;

	memset(out, 0, sizeof(*out));
	out->version = str_from(SSL_get_version(ssl));
	out->cipher = str_from(SSL_get_cipher_name(ssl));
	out->sni = str_from(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
	if (exports &&
	    SSL_export_keying_material(ssl, out->exporter, EXPORTER_BYTES,
		EXPORTER_LABEL, sizeof(EXPORTER_LABEL) - 1, NULL, 0, 0) == 1)
		out->n_exporter = EXPORTER_BYTES;
	out->n_unique = unique(ssl, out->unique);
	out->n_endpoint = endpoint(ssl, out->endpoint);
}
