/*
 * Another provider's server, as `migrate` names it: imap://user@host:port,
 * imaps, pop3 or pop3s.
 */
#ifndef CLI_MAIL_SERVER_H
#define CLI_MAIL_SERVER_H

#include "base/arena.h"
#include "net/stream.h"

struct mail_server {
	bool pop3;
	bool tls; /* from the first byte; otherwise STARTTLS, STLS */
	struct str host, port, user, password;
	bool unverified; /* any certificate will do */
	bool cleartext;  /* the password may travel without TLS */
};

/* The parts of the URL; the password is not in it. A user may be %-encoded. */
enum status mail_server_parse(
    struct str url, struct arena *a, struct mail_server *out) MUST_CHECK;

/* Connects, with TLS when the URL says so. `why` gets a sentence. */
enum status mail_server_open(const struct mail_server *m, struct stream **out,
    struct buf *why) MUST_CHECK;
/* May the password be sent now? Otherwise `why` says what to do. */
enum status mail_server_private(const struct mail_server *m,
    const struct stream *s, struct buf *why) MUST_CHECK;

/* The base64 of SASL PLAIN (RFC 4616), to be wiped by the caller. */
void mail_server_plain(const struct mail_server *m, struct buf *out);

#endif
