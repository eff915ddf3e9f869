#include "proto/secure.h"

bool
secure_may_plain(const struct host *h, const struct tls_facts *tls)
{
	if (tls->on || h->peer->proxied_tls)
		return true;
	if (h->config->cleartext == CLEARTEXT_LOOPBACK)
		return h->peer->loopback;
	return h->config->cleartext == CLEARTEXT_ALWAYS;
}

bool
secure_may_starttls(const struct host *h, const struct tls_facts *tls)
{
	return h->config->starttls && !tls->on && !h->peer->proxied_tls;
}

bool
secure_may_bind(const struct host *h, const struct tls_facts *tls)
{
	return tls->on && !h->peer->proxied_tls &&
	    (tls->exporter.n > 0 || tls->unique.n > 0 || tls->endpoint.n > 0);
}
