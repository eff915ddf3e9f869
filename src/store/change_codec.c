#include "base/vec.h"
#include "base/wire.h"
#include "store/change.h"

enum { WORDS_MAX = 4096, RANGES_MAX = 1 << 24, EVENTS_MAX = 1 << 20 };

static void
put_set(const struct uidset *set, struct buf *out)
{
	uint32_t last = 0;

	wire_put_var(out, set->n_ranges);
	for (size_t i = 0; i < set->n_ranges; i++) {
		wire_put_var(out, set->ranges[i].first - last);
		wire_put_var(out, set->ranges[i].last - set->ranges[i].first);
		last = set->ranges[i].last;
	}
}

/* Ranges in the arena: such a set is read, never changed. */
static bool
get_set(struct wire *w, struct arena *a, struct uidset *out)
{
	uint64_t n = wire_var(w), last = 0;
	struct uidset set = {0};

	if (n > RANGES_MAX || n > (uint64_t)(w->end - w->p))
		return false;
	set.ranges = ARENA_ARRAY(a, struct uidrange, (size_t)n);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t first = wire_var(w) + last;

		last = first + wire_var(w);
		if (!wire_ok(w) || first == 0 || last > UINT32_MAX ||
		    first > last)
			return false;
		set.ranges[set.n_ranges++] =
		    (struct uidrange){(uint32_t)first, (uint32_t)last};
	}
	*out = set;
	return true;
}

static void
put_flags(const struct flags *f, struct buf *out)
{
	wire_put_var(out, f->bits);
	wire_put_var(out, f->n_keywords);
	for (size_t i = 0; i < f->n_keywords; i++)
		wire_put_str(out, f->keywords[i]);
}

static bool
get_flags(struct wire *w, struct arena *a, struct flags *out)
{
	struct str *words;
	uint64_t bits = wire_var(w), n = wire_var(w);

	if (n > WORDS_MAX || bits > UINT32_MAX)
		return false;
	words = ARENA_ARRAY(a, struct str, (size_t)n);
	for (uint64_t i = 0; i < n; i++)
		words[i] = arena_str(a, wire_str(w));
	*out = (struct flags){(unsigned)bits, words, (size_t)n};
	return wire_ok(w);
}

static void
put_origin(const struct origin *o, struct buf *out)
{
	wire_put_str(out, o->person);
	wire_put_str(out, o->credential);
	wire_put_str(out, o->protocol);
	wire_put_str(out, o->client);
	wire_put_str(out, o->peer);
}

static const struct origin *
get_origin(struct wire *w, struct arena *a)
{
	struct origin *o = ARENA_NEW(a, struct origin);

	o->person = arena_str(a, wire_str(w));
	o->credential = arena_str(a, wire_str(w));
	o->protocol = arena_str(a, wire_str(w));
	o->client = arena_str(a, wire_str(w));
	o->peer = arena_str(a, wire_str(w));
	return o;
}

static void
put_events(const struct change *c, struct buf *out)
{
	uint64_t last = 0;

	wire_put_var(out, c->n_events);
	for (size_t i = 0; i < c->n_events; i++) {
		wire_put_svar(out, (int64_t)(c->events[i] - last));
		last = c->events[i];
	}
}

static bool
get_events(struct wire *w, struct arena *a, struct change *c)
{
	uint64_t n = wire_var(w), last = 0, *events;

	if (n > EVENTS_MAX || n > (uint64_t)(w->end - w->p))
		return false;
	events = ARENA_ARRAY(a, uint64_t, (size_t)n);
	for (uint64_t i = 0; i < n; i++)
		events[i] = last += (uint64_t)wire_svar(w);
	c->events = events;
	c->n_events = (size_t)n;
	return wire_ok(w);
}

void
change_encode(const struct change *c, struct buf *out)
{
	wire_put_u8(out, (uint8_t)c->kind);
	wire_put_str(out, c->viewer->person);
	wire_put_var(out, c->viewer->rights);
	put_origin(c->origin, out);
	wire_put_var(out, c->mailbox);
	wire_put_var(out, c->target);
	wire_put_str(out, c->name);
	put_set(&c->uids, out);
	put_set(&c->seen, out);
	wire_put_u8(out, (uint8_t)c->op);
	put_flags(&c->flags, out);
	wire_put_u8(out, c->conditional);
	wire_put_var(out, c->unchanged_since);
	wire_put_u8(out, c->forced);
	wire_put_u8(out, c->once);
	wire_put_u8(out, c->on);
	wire_put_var(out, c->special_use);
	wire_put_var(out, c->quota);
	wire_put_var(out, c->at);
	wire_put_u8(out, c->move_back);
	wire_put_u8(out, c->flags_back);
	wire_put_var(out, c->first);
	wire_put_var(out, c->last);
	wire_put_var(out, c->by);
	put_events(c, out);
}

enum status
change_decode(struct str in, struct arena *a, struct change *out)
{
	struct viewer *v = ARENA_NEW(a, struct viewer);
	struct wire w = wire_of(in);
	struct change c = {0};
	unsigned op;

	c.kind = wire_u8(&w);
	v->person = arena_str(a, wire_str(&w));
	v->rights = (unsigned)wire_var(&w);
	c.viewer = v;
	c.origin = get_origin(&w, a);
	c.mailbox = wire_var(&w);
	c.target = wire_var(&w);
	c.name = arena_str(a, wire_str(&w));
	if (!get_set(&w, a, &c.uids) || !get_set(&w, a, &c.seen))
		return ST_SYNTAX;
	op = wire_u8(&w);
	if (!get_flags(&w, a, &c.flags))
		return ST_SYNTAX;
	c.op = (enum flags_op)op;
	c.conditional = wire_u8(&w) != 0;
	c.unchanged_since = wire_var(&w);
	c.forced = wire_u8(&w) != 0;
	c.once = wire_u8(&w) != 0;
	c.on = wire_u8(&w) != 0;
	c.special_use = (unsigned)wire_var(&w);
	c.quota = wire_var(&w);
	c.at = wire_var(&w);
	c.move_back = wire_u8(&w) != 0;
	c.flags_back = wire_u8(&w) != 0;
	c.first = wire_var(&w);
	c.last = wire_var(&w);
	c.by = wire_var(&w);
	if (!get_events(&w, a, &c))
		return ST_SYNTAX;
	if (!wire_end(&w) || c.kind >= CHANGE_KINDS || op > FLAGS_REMOVE)
		return ST_SYNTAX;
	*out = c;
	return ST_OK;
}

static void
put_brought(const struct brought *b, struct buf *out)
{
	const uint32_t all[] = {b->folders, b->kept, b->fresh, b->moved_back,
	    b->flags, b->removed, b->names, b->there, b->elsewhere, b->skipped,
	    b->refused};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		wire_put_var(out, all[i]);
}

static void
get_brought(struct wire *w, struct brought *b)
{
	uint32_t *const all[] = {&b->folders, &b->kept, &b->fresh,
	    &b->moved_back, &b->flags, &b->removed, &b->names, &b->there,
	    &b->elsewhere, &b->skipped, &b->refused};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		*all[i] = (uint32_t)wire_var(w);
}

void
changed_encode(const struct changed *c, struct buf *out)
{
	wire_put_var(out, c->modseq);
	wire_put_var(out, c->mailbox);
	wire_put_var(out, c->uidvalidity);
	put_set(&c->from, out);
	put_set(&c->to, out);
	put_set(&c->modified, out);
	wire_put_var(out, c->recent_from);
	wire_put_var(out, c->recent_to);
	put_brought(&c->brought, out);
	wire_put_u8(out, c->more);
}

enum status
changed_decode(struct str in, struct arena *a, struct changed *out)
{
	struct wire w = wire_of(in);
	struct changed c = {0};

	c.modseq = wire_var(&w);
	c.mailbox = wire_var(&w);
	c.uidvalidity = (uint32_t)wire_var(&w);
	if (!get_set(&w, a, &c.from) || !get_set(&w, a, &c.to) ||
	    !get_set(&w, a, &c.modified))
		return ST_SYNTAX;
	c.recent_from = (uint32_t)wire_var(&w);
	c.recent_to = (uint32_t)wire_var(&w);
	get_brought(&w, &c.brought);
	c.more = wire_u8(&w) != 0;
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = c;
	return ST_OK;
}
