#include "proto/login_common.h"

#include "auth/grant.h"
#include "base/base64.h"

uint32_t
login_ask(const struct host *h, const struct auth_step *step)
{
	struct question *q = outbox_ask(h->outbox, ASK_AUTH);

	ASSERT(q);
	q->auth = *step;
	return q->id;
}

struct str
login_plain(struct arena *a, struct str name, struct str password)
{
	char *p = ARENA_ARRAY(a, char, name.n + password.n + 2);

	p[0] = p[1 + name.n] = '\0';
	if (name.n > 0)
		memcpy(p + 1, name.p, name.n);
	if (password.n > 0)
		memcpy(p + 2 + name.n, password.p, password.n);
	return str_of(p, name.n + password.n + 2);
}

bool
login_decode(struct arena *a, struct str line, struct str *out)
{
	struct buf b;
	bool ok;

	buf_init(&b, line.n + 1);
	ok = base64_decode(line, &b) == ST_OK;
	if (ok)
		*out = arena_str(a, buf_str(&b));
	if (b.p)
		explicit_bzero(b.p, b.cap);
	buf_release(&b);
	return ok;
}

struct origin
login_origin(const struct host *h, struct str protocol, struct str client)
{
	const struct grant *g = h->grant;

	return (struct origin){.person = g->person,
	    .credential = g->device.n ? g->device : g->credential,
	    .protocol = protocol,
	    .client = client,
	    .peer = h->peer->address};
}
