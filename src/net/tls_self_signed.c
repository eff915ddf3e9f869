#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/tls.h"

enum { YEARS_10 = 3650 * 24 * 60 * 60, SERIAL_BITS = 120 };

static bool
add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = e && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok;
}

static bool
set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	bool ok = n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, 0) == 1 &&
	    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;

	BN_free(n);
	return ok;
}

static bool
fill(X509 *x, EVP_PKEY *key, const char *host)
{
	X509_NAME *name = X509_get_subject_name(x);
	struct buf alt;
	bool ok;

	buf_init(&alt, 1024);
	buf_addf(&alt, "DNS:%s", host);
	ok = !buf_full(&alt) && X509_set_version(x, X509_VERSION_3) == 1 &&
	    set_serial(x) &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -24L * 60 * 60) &&
	    X509_gmtime_adj(X509_getm_notAfter(x), YEARS_10) &&
	    X509_set_pubkey(x, key) == 1 &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		(const unsigned char *)host, (int)min_size(strlen(host), 64),
		-1, 0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 &&
	    add_extension(x, NID_subject_alt_name, alt.p) &&
	    add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	    X509_sign(x, key, EVP_sha256()) > 0;
	buf_release(&alt);
	return ok;
}

static bool
take(BIO *bio, struct buf *out)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	if (n > 0)
		buf_add(out, p, (size_t)n);
	return n > 0 && !buf_full(out);
}

enum status
tls_self_signed(const char *host, struct buf *certificate, struct buf *key)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	BIO *cert_bio = BIO_new(BIO_s_mem());
	BIO *key_bio = BIO_new(BIO_s_secmem());
	enum status st = ST_IO;

	if (pair && x && cert_bio && key_bio && fill(x, pair, host) &&
	    PEM_write_bio_X509(cert_bio, x) == 1 &&
	    PEM_write_bio_PKCS8PrivateKey(
		key_bio, pair, NULL, NULL, 0, NULL, NULL) == 1 &&
	    take(cert_bio, certificate) && take(key_bio, key))
		st = ST_OK;
	BIO_free(cert_bio);
	BIO_free(key_bio);
	X509_free(x);
	EVP_PKEY_free(pair);
	ERR_clear_error();
	return st;
}
