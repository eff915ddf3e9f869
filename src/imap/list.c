#include "imap/list.h"

#include "base/map.h"

struct collector {
	struct arena *arena;
	struct list_name *names;
	size_t n, cap;
	struct map by_name; /* to index + 1 */
};

static struct list_name *
find(struct collector *c, struct str name)
{
	uintptr_t i = (uintptr_t)map_get(&c->by_name, name);

	return i ? &c->names[i - 1] : NULL;
}

static struct list_name *
add(struct collector *c, struct str name)
{
	struct list_name *more;

	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 32;
		more = ARENA_ARRAY(c->arena, struct list_name, c->cap);
		if (c->n)
			memcpy(more, c->names, c->n * sizeof(*more));
		c->names = more;
	}
	more = &c->names[c->n++];
	*more = (struct list_name){.name = arena_str(c->arena, name)};
	map_set(&c->by_name, more->name, (void *)(uintptr_t)c->n);
	return more;
}

/* Tells each name above names[i] what is below it. */
static void
mark_above(struct collector *c, size_t i, bool lost)
{
	struct str name = c->names[i].name;
	bool exists = c->names[i].mailbox != 0;
	bool subscribed = c->names[i].subscribed;
	bool special = c->names[i].special_use != 0;
	struct list_name *above;
	size_t n;

	for (n = name.n; n-- > 1;) {
		if (name.p[n] != '/')
			continue;
		above = find(c, str_first(name, n));
		if (!above && lost)
			above = add(c, str_first(name, n));
		if (!above)
			continue;
		above->has_children |= exists;
		above->subscribed_below |= subscribed;
		above->special_below |= special;
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct list_name *x = a, *y = b;
	bool x_inbox = str_eq(x->name, S("INBOX"));

	if (x_inbox != str_eq(y->name, S("INBOX")))
		return x_inbox ? -1 : 1;
	return str_cmp(x->name, y->name);
}

void
imap_list_names(
    struct imap_call *call, bool lost, struct list_name **out, size_t *n_out)
{
	struct collector c = {.arena = call->arena, .by_name = MAP_INIT};
	const struct mailbox *boxes;
	const struct str *gone;
	struct list_name *name;
	size_t n, i;

	boxes = account_mailboxes(imap_account(call), &call->s->viewer, &n);
	for (i = 0; i < n; i++) {
		name = add(&c, boxes[i].name);
		name->mailbox = boxes[i].id;
		name->selectable = boxes[i].selectable;
		name->subscribed = boxes[i].subscribed;
		name->special_use = boxes[i].special_use;
	}
	n = 0;
	if (lost)
		gone = account_lost_subscriptions(
		    imap_account(call), &call->s->viewer, &n);
	for (i = 0; i < n; i++)
		if (!find(&c, gone[i]))
			add(&c, gone[i])->subscribed = true;
	/* Names that this adds stand above another, and are marked by it. */
	n = c.n;
	for (i = 0; i < n; i++)
		mark_above(&c, i, lost);
	if (c.n > 0)
		qsort(c.names, c.n, sizeof(*c.names), by_name);
	map_release(&c.by_name);
	*out = c.names;
	*n_out = c.n;
}
