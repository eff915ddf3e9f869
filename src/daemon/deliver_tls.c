/*
 * STARTTLS of LMTP (RFC 3207), for an MTA on another machine: the socket goes
 * to a tls process and comes back as a plain one, as it does for `login`.
 */
#include <unistd.h>

#include "daemon/deliver_int.h"

static void
too_late(void *ctx)
{
	reception_free(ctx);
}

void
deliver_starttls(struct session *s)
{
	struct reception *r = s->owner;
	struct child *c = deliver.child;
	unsigned n = c->counts[ROLE_TLS];
	int fd = session_detach(s);
	struct buf b;

	/* What came behind the command was not protected (P6). */
	buf_clear(&s->in);
	buf_shrink(&s->in);
	buf_init(&b, 64);
	wire_put_u64(&b, r->id);
	wire_put_str(&b, S("lmtp"));
	for (unsigned i = 0; i < n && !r->securing; i++) {
		struct link *l = &c->links[ROLE_TLS][deliver.next_tls++ % n];

		if (link_send(l, MSG_TLS_ACCEPT, buf_str(&b), fd) == ST_OK)
			r->securing = l;
	}
	buf_release(&b);
	if (!r->securing) {
		close(fd);
		reception_free(r);
		return;
	}
	r->timer.fire = too_late;
	r->timer.ctx = r;
	loop_timer(c->loop, &r->timer, loop_now(c->loop) + DELIVER_TLS_MS);
}

void
deliver_secured(struct link *l, struct packet *m)
{
	struct wire w = wire_of(m->body);
	struct reception *r = map_get_u64(&deliver.receptions, wire_u64(&w));
	int fd = packet_take(m, 0);

	if (!r || r->securing != l) {
		if (fd >= 0)
			close(fd);
		return; /* it was too late */
	}
	if (m->type == MSG_TLS_DONE)
		facts_decode(&w, &r->arena, &r->facts);
	if (m->type != MSG_TLS_DONE || !wire_end(&w) || fd < 0) {
		if (fd >= 0)
			close(fd);
		reception_free(r);
		return;
	}
	r->securing = NULL;
	loop_untimer(deliver.child->loop, &r->timer);
	session_secured(&r->session, fd, &r->facts);
}

void
deliver_tls_lost(const struct link *l)
{
	struct reception *next;

	for (struct reception *r = deliver.first; r; r = next) {
		next = r->next;
		if (r->securing == l)
			reception_free(r);
	}
}
