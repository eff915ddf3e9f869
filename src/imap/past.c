#include "imap/past.h"

#include "base/date.h"
#include "base/map.h"

enum { DAY_MS = 24 * 3600 * 1000, HALF_DAY_MS = DAY_MS / 2 };

bool
imap_past_on(const struct imap *s)
{
	return s->host->grant &&
	    s->host->grant->past_until_ms > clock_wall(s->host->clock);
}

static bool
is_past_name(struct str name)
{
	return str_eq(name, S("Past")) || str_starts(name, S("Past/"));
}

/* In local time, which may be that of summer. */
static enum status
moment_ms(struct str text, int64_t *out)
{
	struct date at = {0, 0};
	enum status st;

	/* Words such as "yesterday" would name another day tomorrow. */
	if (text.n == 0 || text.p[0] < '0' || text.p[0] > '9' ||
	    str_find(text, '-') == SIZE_MAX)
		return ST_NOT_FOUND;
	st = date_parse_human(text, at, &at);
	if (st == ST_OK)
		st = date_parse_human(
		    text, (struct date){0, date_local_zone(at.ms)}, &at);
	if (st != ST_OK)
		return ST_NOT_FOUND;
	*out = at.ms;
	return ST_OK;
}

static enum status
moment_modseq(struct imap *s, struct str text, uint64_t *out)
{
	int64_t ms;
	enum status st = moment_ms(text, &ms);

	if (st != ST_OK || ms > clock_wall(s->host->clock))
		return ST_NOT_FOUND;
	return past_modseq_at(s->host->account, ms, out);
}

enum status
imap_past_find(struct imap_call *call, struct str name, struct imap_past *out)
{
	struct imap *s = call->s;
	const struct mailbox *list;
	struct str folder = name;
	struct imap_past found;
	enum status st;
	size_t n;

	if (!imap_past_on(s) || !str_eq(str_cut(&folder, '/'), S("Past")))
		return ST_NOT_FOUND;
	st = moment_modseq(s, str_cut(&folder, '/'), &found.modseq);
	if (st == ST_OK)
		st = past_list(s->host->account, found.modseq, &list, &n);
	if (st != ST_OK)
		return st;
	if (str_eqi(folder, S("INBOX")))
		folder = S("INBOX");
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(list[i].name, folder))
			continue;
		found.box = list[i];
		found.box.name = arena_str(call->arena, name);
		/* Nothing is \Recent any more, and no sequence goes on. */
		found.box.recent_from = found.box.uidnext;
		*out = found;
		return ST_OK;
	}
	return ST_NOT_FOUND;
}

enum status
imap_past_refuse(struct imap_call *call, struct str name)
{
	const struct mailbox *box;

	if (!is_past_name(name) || !imap_past_on(call->s) ||
	    mailbox_find(imap_account(call), &call->s->viewer, name, &box) ==
		ST_OK)
		return ST_OK;
	call->text = S("The past cannot be changed, only copied from");
	return ST_CANNOT;
}

void
imap_past_write_flags(struct imap_call *call)
{
	struct account *a = imap_account(call);
	struct view *v = imap_view(call);
	size_t n_sets = account_flagsets(a) + 1;
	bool *used = ARENA_ARRAY(call->arena, bool, n_sets);
	struct map told = MAP_INIT;
	struct entry e;

	memset(used, 0, n_sets * sizeof(*used));
	for (uint32_t msn = 1; msn <= view_count(v); msn++) {
		view_entry(v, msn, &e);
		used[e.flagset] = true;
	}
	buf_addz(call->out,
	    "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft");
	for (uint32_t id = 1; id < n_sets; id++) {
		const struct flags *f;

		if (!used[id])
			continue;
		f = &account_flagset(a, id)->flags;
		for (size_t i = 0; i < f->n_keywords; i++)
			if (!map_set(&told, f->keywords[i], call))
				buf_addf(call->out, " " STR_FMT,
				    STR_ARG(f->keywords[i]));
	}
	map_release(&told);
	buf_addz(call->out, ")\r\n* OK [PERMANENTFLAGS ()] The past stays\r\n");
}

static void
add_moment(struct imap_past_list *list, struct str moment)
{
	for (size_t i = 0; i < list->n_moments; i++)
		if (str_eq(list->moments[i], moment))
			return;
	if (list->n_moments < PAST_MOMENTS_MAX)
		list->moments[list->n_moments++] = moment;
}

/* The newest first, as far as history reaches. */
static void
add_midnights(struct imap_call *call, struct imap_past_list *list)
{
	int64_t now = clock_wall(call->s->host->clock), noon;
	struct civil c;
	uint64_t modseq;
	struct str name;

	/* From noon to noon: no day is left out or doubled by summer time. */
	noon = now + (int64_t)date_local_zone(now) * 60 * 1000;
	noon = noon - noon % DAY_MS + HALF_DAY_MS;
	for (int i = 0; i < PAST_MIDNIGHTS; i++, noon -= DAY_MS) {
		c = date_civil((struct date){noon, 0});
		name = arena_printf(call->arena, "%04lld-%02d-%02d",
		    (long long)c.year, c.month, c.day);
		if (moment_modseq(call->s, name, &modseq) == ST_OK)
			add_moment(list, name);
	}
}

static bool
has_wildcard(struct str s)
{
	return str_find(s, '*') != SIZE_MAX || str_find(s, '%') != SIZE_MAX;
}

void
imap_past_list(struct imap_call *call, const struct str *patterns, size_t n,
    struct imap_past_list *out)
{
	uint64_t modseq;

	*out = (struct imap_past_list){0};
	if (!imap_past_on(call->s))
		return;
	for (size_t i = 0; i < n; i++) {
		struct str rest = patterns[i], moment;

		if (!is_past_name(rest))
			continue;
		(void)str_cut(&rest, '/');
		moment = str_cut(&rest, '/');
		if (moment.n == 0)
			out->root = true;
		else if (has_wildcard(moment))
			add_midnights(call, out);
		else if (moment_modseq(call->s, moment, &modseq) == ST_OK)
			add_moment(out, moment);
	}
}

bool
imap_past_next(struct imap_call *call, struct imap_past_list *list,
    struct list_name **out, size_t *n_out)
{
	const struct mailbox *boxes;
	struct str prefix;
	uint64_t modseq;
	size_t n;

	if (list->root) {
		list->root = false;
		imap_list_past(call, S("Past"), NULL, 0, out, n_out);
		(*out)[0].has_children = true;
		return true;
	}
	if (list->at == list->n_moments)
		return false;
	prefix = arena_printf(
	    call->arena, "Past/" STR_FMT, STR_ARG(list->moments[list->at]));
	if (moment_modseq(call->s, list->moments[list->at++], &modseq) !=
		ST_OK ||
	    past_list(imap_account(call), modseq, &boxes, &n) != ST_OK)
		n = 0;
	imap_list_past(call, prefix, boxes, n, out, n_out);
	return true;
}
