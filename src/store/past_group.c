#include "store/past_group.h"

#include "base/vec.h"

static enum past_kind
kind_of(const struct past_event *e)
{
	switch (e->kind) {
	case CHANGE_APPEND:
		return PAST_APPENDED;
	case CHANGE_DELIVER:
		return PAST_DELIVERED;
	case CHANGE_FLAGS:
		return PAST_FLAGGED;
	case CHANGE_COPY:
		return PAST_COPIED;
	case CHANGE_MOVE:
		return PAST_MOVED;
	case CHANGE_EXPUNGE:
		return PAST_REMOVED;
	case CHANGE_POP3_QUIT:
		return e->gone > 0 ? PAST_REMOVED : PAST_FLAGGED;
	case CHANGE_CREATE:
		return PAST_CREATED;
	case CHANGE_DELETE:
		return PAST_DELETED;
	case CHANGE_RENAME:
		return PAST_RENAMED;
	case CHANGE_SUBSCRIBE:
		return PAST_SUBSCRIBED;
	case CHANGE_SPECIAL_USE:
		return PAST_SPECIAL_USE;
	case CHANGE_QUOTA:
		return PAST_QUOTA;
	case CHANGE_RESTORE:
		return PAST_RESTORED;
	case CHANGE_UNDO:
		return PAST_UNDONE;
	default:
		return PAST_OTHER;
	}
}

static bool
same_origin(const struct origin *a, const struct origin *b)
{
	return str_eq(a->person, b->person) &&
	    str_eq(a->credential, b->credential) &&
	    str_eq(a->protocol, b->protocol) && str_eq(a->client, b->client) &&
	    str_eq(a->peer, b->peer);
}

static bool
is_below(struct str name, struct str above)
{
	return name.n > above.n && str_starts(name, above) &&
	    name.p[above.n] == '/';
}

static bool
is_back(enum past_kind kind)
{
	return kind == PAST_RESTORED || kind == PAST_UNDONE;
}

/* Mail leaves, or is about to: what a deletion may have begun with. */
static bool
is_leaving(enum past_kind kind)
{
	return kind == PAST_MOVED || kind == PAST_REMOVED ||
	    kind == PAST_COPIED || kind == PAST_FLAGGED;
}

/* The change goes on with what the group is. */
static bool
continues(const struct past_group *g, const struct past_event *e)
{
	enum past_kind kind = kind_of(e);

	if (kind == PAST_SUBSCRIBED)
		return (g->kind == PAST_CREATED || g->kind == PAST_DELETED ||
			   g->kind == PAST_RENAMED) &&
		    (str_eq(g->path, e->name) || is_below(e->name, g->path) ||
			str_eq(g->path_after, e->name) ||
			is_below(e->name, g->path_after));
	if (kind == PAST_OTHER || g->kind != kind)
		return false;
	if (is_back(kind))
		return g->last_count >= PAST_PIECE;
	if (kind == PAST_DELETED)
		return is_below(e->name, g->path) || is_below(g->path, e->name);
	return g->mailbox == e->mailbox && g->target == e->target &&
	    kind != PAST_CREATED && kind != PAST_RENAMED;
}

/* The change shows what the group was for. */
static bool
concludes(const struct past_group *g, const struct past_event *e)
{
	switch (kind_of(e)) {
	case PAST_DELETED:
		if (g->kind == PAST_SUBSCRIBED)
			return str_eq(g->path, e->name) ||
			    is_below(g->path, e->name);
		return is_leaving(g->kind) && g->mailbox == e->mailbox;
	case PAST_REMOVED:
		/* The way to move without MOVE: copy, mark, expunge. */
		return (g->kind == PAST_COPIED || g->kind == PAST_FLAGGED) &&
		    g->mailbox == e->mailbox;
	default:
		return false;
	}
}

static bool
in_time(const struct past_group *g, const struct past_event *e)
{
	enum past_kind kind = kind_of(e);
	bool goes =
	    kind == PAST_DELETED || kind == PAST_REMOVED || kind == PAST_MOVED;
	int64_t gap = kind == PAST_DELETED ? PAST_DELETE_GAP_MS : PAST_GAP_MS;
	int64_t since = e->wall_ms - g->to_ms;

	/* A clock set back: another time (S23). */
	return since >= -PAST_GAP_MS && since <= gap &&
	    e->wall_ms - g->from_ms <= (goes ? PAST_REMOVAL_MS : PAST_BURST_MS);
}

static void
append(struct past_group *g, const uint64_t *modseqs, size_t n)
{
	size_t keep = g->n_events, i = 0, j = 0, at = 0;
	uint64_t *old;

	/* Two ascending lists into one; nearly always the second is behind. */
	if (keep == 0 || g->events[keep - 1] < modseqs[0]) {
		for (i = 0; i < n; i++)
			*VEC_ADD(g, events) = modseqs[i];
		return;
	}
	old = g->events;
	g->events = mem_alloc((keep + n) * sizeof(*g->events));
	g->cap_events = g->n_events = keep + n;
	while (i < keep || j < n)
		g->events[at++] = j == n || (i < keep && old[i] < modseqs[j])
		    ? old[i++]
		    : modseqs[j++];
	free(old);
}

/* `from` becomes a part of `to`, which keeps what it is. */
static void
absorb(struct past_group *to, struct past_group *from)
{
	append(to, from->events, from->n_events);
	if (from->from_ms < to->from_ms)
		to->from_ms = from->from_ms;
	if (from->to_ms > to->to_ms)
		to->to_ms = from->to_ms;
	to->count += from->count;
	to->gone += from->gone;
	to->folders += from->folders;
	free(from->events);
	from->events = NULL;
	from->n_events = 0;
}

/*
 * What a removal concludes was a move if all that goes was copied before. The
 * marks are no messages of their own.
 */
static void
conclude(struct past_group *g, const struct past_group *begun)
{
	if (g->kind == PAST_REMOVED && begun->kind == PAST_COPIED &&
	    begun->count == g->gone) {
		g->kind = PAST_MOVED;
		g->target = begun->target;
		g->path_after = begun->path_after;
		g->trash = begun->trash;
	}
}

static void
join(struct past_group *g, const struct past_event *e)
{
	append(g, &e->modseq, 1);
	g->to_ms = e->wall_ms > g->to_ms ? e->wall_ms : g->to_ms;
	if (kind_of(e) == PAST_SUBSCRIBED && g->kind != PAST_SUBSCRIBED)
		return;
	/* The next piece, in other folders. */
	if (is_back(g->kind) && !str_eq(g->path, e->name) &&
	    !is_below(e->name, g->path))
		g->path = is_below(g->path, e->name) ? e->name : S("");
	g->count += e->count;
	g->gone += e->gone;
	g->last_count = e->count;
	g->folders += e->folders;
	g->trash |= e->trash;
	if (g->kind == PAST_DELETED) {
		g->folders++;
		if (is_below(g->path, e->name)) {
			g->path = e->name;
			g->mailbox = e->mailbox;
		}
	}
}

static struct past_group *
begin(struct past_groups *all, const struct past_event *e)
{
	struct past_group *g = VEC_ADD(all, groups);

	g->kind = kind_of(e);
	g->change = e->kind;
	g->from_ms = g->to_ms = e->wall_ms;
	g->origin = e->origin;
	g->mailbox = e->mailbox;
	g->target = e->target;
	g->path = e->name;
	g->path_after = e->new_name;
	g->count = e->count;
	g->gone = e->gone;
	g->last_count = e->count;
	g->trash = e->trash;
	g->folders = g->kind == PAST_DELETED || g->kind == PAST_CREATED ||
	    g->kind == PAST_RENAMED;
	g->folders += e->folders;
	append(g, &e->modseq, 1);
	return g;
}

/* Forgets those that have ended long ago; the oldest when there are many. */
static void
prune(struct past_groups *all, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n_open; i++) {
		const struct past_group *g = &all->groups[all->open[i]];

		if (g->n_events > 0 && now - g->to_ms <= PAST_DELETE_GAP_MS)
			all->open[n++] = all->open[i];
	}
	all->n_open = n;
	if (n == PAST_OPEN_MAX) {
		memmove(all->open, all->open + 1, (n - 1) * sizeof(*all->open));
		all->n_open--;
	}
}

void
past_groups_add(struct past_groups *all, const struct past_event *e)
{
	struct past_group *g, *into = NULL;
	size_t i, n;

	prune(all, e->wall_ms);
	for (i = all->n_open; i-- > 0 && !into;) {
		g = &all->groups[all->open[i]];
		if (same_origin(&g->origin, &e->origin) && in_time(g, e) &&
		    continues(g, e))
			into = g;
	}
	if (into) {
		join(into, e);
	} else {
		into = begin(all, e);
		all->open[all->n_open++] = (size_t)(into - all->groups);
	}
	n = all->n_open;
	for (i = 0; i < n; i++) {
		g = &all->groups[all->open[i]];
		if (g == into || g->n_events == 0 ||
		    !same_origin(&g->origin, &e->origin) || !in_time(g, e))
			continue;
		if (concludes(g, e)) {
			conclude(into, g);
			absorb(into, g);
		} else if (kind_of(e) == PAST_DELETED && continues(g, e)) {
			absorb(
			    into, g); /* siblings, now that the parent goes */
		}
	}
}

static int
by_first(const void *x, const void *y)
{
	const struct past_group *a = x, *b = y;

	return a->events[0] < b->events[0] ? -1 : a->events[0] > b->events[0];
}

void
past_groups_finish(struct past_groups *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n_groups; i++) {
		struct past_group *g = &all->groups[i];
		bool goes = g->kind == PAST_MOVED || g->kind == PAST_REMOVED ||
		    g->kind == PAST_DELETED;

		if (g->n_events == 0)
			continue;
		g->messages = goes ? g->gone : g->count;
		g->loss = g->kind == PAST_DELETED || g->kind == PAST_REMOVED ||
		    ((g->kind == PAST_MOVED || g->kind == PAST_RENAMED) &&
			g->trash);
		all->groups[n++] = *g;
	}
	all->n_groups = n;
	all->n_open = 0;
	if (n > 0)
		qsort(all->groups, n, sizeof(*all->groups), by_first);
}

void
past_groups_release(struct past_groups *all)
{
	for (size_t i = 0; i < all->n_groups; i++)
		free(all->groups[i].events);
	free(all->groups);
	*all = (struct past_groups){0};
}

const struct past_group *
past_groups_find(const struct past_groups *all, uint64_t modseq)
{
	for (size_t i = 0; i < all->n_groups; i++) {
		const struct past_group *g = &all->groups[i];

		if (g->events[0] > modseq)
			break;
		for (size_t j = 0; j < g->n_events; j++)
			if (g->events[j] == modseq)
				return g;
	}
	return NULL;
}

struct str
past_kind_name(enum past_kind kind)
{
	static const struct str names[] = {
	    [PAST_DELIVERED] = STR_INIT("email.delivered"),
	    [PAST_APPENDED] = STR_INIT("email.appended"),
	    [PAST_COPIED] = STR_INIT("email.copied"),
	    [PAST_MOVED] = STR_INIT("email.moved"),
	    [PAST_REMOVED] = STR_INIT("email.destroyed"),
	    [PAST_FLAGGED] = STR_INIT("email.keywords"),
	    [PAST_CREATED] = STR_INIT("mailbox.created"),
	    [PAST_DELETED] = STR_INIT("mailbox.destroyed"),
	    [PAST_RENAMED] = STR_INIT("mailbox.renamed"),
	    [PAST_SUBSCRIBED] = STR_INIT("mailbox.subscribed"),
	    [PAST_SPECIAL_USE] = STR_INIT("mailbox.role"),
	    [PAST_QUOTA] = STR_INIT("quota.changed"),
	    [PAST_RESTORED] = STR_INIT("restore.done"),
	    [PAST_UNDONE] = STR_INIT("restore.undone"),
	    [PAST_OTHER] = STR_INIT("other"),
	};

	return names[kind];
}

/* Crockford's: no i, l, o, u. */
static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

enum {
	ID_CHECK = 29, /* prime, and 32 is no unit: finds swapped digits */
	ID_DIGITS_MAX = 13,
};

void
past_id_write(uint64_t modseq, struct buf *out)
{
	char text[ID_DIGITS_MAX];
	size_t n = sizeof(text);
	uint64_t v = modseq;

	do {
		text[--n] = digits[v & 31];
		v >>= 5;
	} while (v > 0);
	buf_add(out, text + n, sizeof(text) - n);
	buf_addc(out, digits[modseq % ID_CHECK]);
}

static int
digit_of(char c)
{
	const char *at;

	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		return 0;
	if (c == 'i' || c == 'l')
		return 1;
	at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

enum status
past_id_parse(struct str s, uint64_t *modseq_out)
{
	uint64_t v = 0;
	int d;

	s = str_trim(s);
	if (s.n < 2 || s.n > ID_DIGITS_MAX + 1)
		return ST_SYNTAX;
	for (size_t i = 0; i + 1 < s.n; i++) {
		if ((d = digit_of(s.p[i])) < 0 || v >> 59)
			return ST_SYNTAX;
		v = v << 5 | (uint64_t)d;
	}
	if (digit_of(s.p[s.n - 1]) != (int)(v % ID_CHECK))
		return ST_SYNTAX;
	*modseq_out = v;
	return ST_OK;
}
