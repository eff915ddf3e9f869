#include "imap/list.h"

#include "base/map.h"
#include "imap/special_use.h"
#include "imap/write.h"

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

void
imap_list_past(struct imap_call *call, struct str prefix,
    const struct mailbox *boxes, size_t n, struct list_name **out,
    size_t *n_out)
{
	struct collector c = {.arena = call->arena, .by_name = MAP_INIT};
	struct mailbox *copies =
	    ARENA_ARRAY(call->arena, struct mailbox, n + 1);
	struct list_name *name;

	add(&c, prefix)->mailbox = UINT64_MAX;
	for (size_t i = 0; i < n; i++) {
		copies[i] = boxes[i];
		copies[i].name = arena_printf(call->arena, STR_FMT "/" STR_FMT,
		    STR_ARG(prefix), STR_ARG(boxes[i].name));
		copies[i].recent_from = copies[i].uidnext;
		name = add(&c, copies[i].name);
		name->mailbox = boxes[i].id;
		name->selectable = boxes[i].selectable;
		name->past = &copies[i];
	}
	for (size_t i = 0; i < c.n; i++)
		mark_above(&c, i, false);
	map_release(&c.by_name);
	*out = c.names;
	*n_out = c.n;
}

void
imap_write_attributes(
    struct buf *out, const struct list_name *n, bool subscribed)
{
	if (n->mailbox == 0)
		buf_addz(out, "\\NonExistent");
	else
		buf_addz(
		    out, n->has_children ? "\\HasChildren" : "\\HasNoChildren");
	if (n->mailbox != 0 && !n->selectable)
		buf_addz(out, " \\Noselect");
	if (n->subscribed && subscribed)
		buf_addz(out, " \\Subscribed");
	imap_write_special_use(out, n->special_use, true);
}

void
imap_write_listed(struct imap_call *call, struct str name, struct str old)
{
	struct list_name n = {.name = name};
	const struct mailbox *boxes;
	struct imap *s = call->s;
	size_t n_boxes, i;

	boxes = account_mailboxes(imap_account(call), &s->viewer, &n_boxes);
	for (i = 0; i < n_boxes; i++) {
		const struct mailbox *b = &boxes[i];

		if (str_eq(b->name, name)) {
			n.mailbox = b->id;
			n.selectable = b->selectable;
			n.special_use = b->special_use;
		}
		n.has_children |= b->name.n > name.n &&
		    b->name.p[name.n] == '/' && str_starts(b->name, name);
	}
	buf_addz(call->out, "* LIST (");
	imap_write_attributes(call->out, &n, false);
	buf_addz(call->out, ") \"/\" ");
	imap_write_mailbox(call->out, name, s->utf8);
	if (old.n > 0) {
		buf_addz(call->out, " (\"OLDNAME\" (");
		imap_write_mailbox(call->out, old, s->utf8);
		buf_addz(call->out, "))");
	}
	buf_addz(call->out, "\r\n");
}

void
imap_tell_kept_name(struct imap_call *call, struct str name, struct str given)
{
	if (call->s->rev2 && given.n > 0)
		imap_write_listed(call, name, given);
}
