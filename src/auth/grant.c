#include "auth/grant.h"

#include "base/wire.h"

void
grant_encode(const struct grant *g, struct buf *out)
{
	buf_add(out, g->ticket, sizeof(g->ticket));
	wire_put_str(out, g->account);
	wire_put_str(out, g->address);
	wire_put_str(out, g->person);
	wire_put_str(out, g->credential);
	wire_put_str(out, g->device);
	wire_put_u32(out, g->rights);
	wire_put_u32(out, g->home);
	wire_put_svar(out, g->past_until_ms);
}

enum status
grant_decode(struct str in, struct arena *a, struct grant *out)
{
	struct wire w = wire_of(in);
	struct str ticket = wire_bytes(&w, TICKET_SIZE);
	struct grant g = {0};

	if (ticket.n == TICKET_SIZE)
		memcpy(g.ticket, ticket.p, TICKET_SIZE);
	g.account = arena_str(a, wire_str(&w));
	g.address = arena_str(a, wire_str(&w));
	g.person = arena_str(a, wire_str(&w));
	g.credential = arena_str(a, wire_str(&w));
	g.device = arena_str(a, wire_str(&w));
	g.rights = wire_u32(&w);
	g.home = wire_u32(&w);
	g.past_until_ms = wire_svar(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = g;
	return ST_OK;
}

uint32_t
grant_home(struct str account, uint32_t workers)
{
	ASSERT(workers > 0);
	return (uint32_t)(str_hash(account) % workers);
}
