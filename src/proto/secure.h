/* What may be done on a connection, by how well it is protected. */
#ifndef PROTO_SECURE_H
#define PROTO_SECURE_H

#include "proto/config.h"
#include "proto/proto.h"

/* May a password be said as it is? (auth.cleartext) */
bool secure_may_plain(const struct host *h, const struct tls_facts *tls);
/* Can TLS begin here? */
bool secure_may_starttls(const struct host *h, const struct tls_facts *tls);
/* Is there a channel to bind to? Not behind a proxy that ended TLS (P6). */
bool secure_may_bind(const struct host *h, const struct tls_facts *tls);

#endif
