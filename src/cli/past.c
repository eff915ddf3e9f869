#include "cli/past.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/vec.h"

int
past_time(struct cli *c, const char *text, int64_t *ms_out)
{
	int64_t now = clock_wall(&clock_system);
	struct date at;
	enum status st;

	st = date_parse_human(
	    str_from(text), (struct date){now, date_local_zone(now)}, &at);
	/* Once more in the zone of then: there is summer time. */
	if (st == ST_OK && date_local_zone(at.ms) != date_local_zone(now))
		st = date_parse_human(str_from(text),
		    (struct date){now, date_local_zone(at.ms)}, &at);
	if (st != ST_OK)
		return cli_usage(c,
		    "\"%s\" is no time; write it as 2026-11-23T09:30, "
		    "2026-11-23, yesterday, or \"3 days ago\"",
		    text);
	if (at.ms > now)
		return cli_usage(c, "\"%s\" is in the future", text);
	*ms_out = at.ms;
	return CLI_DONE;
}

enum status
past_horizon_of(struct mail *m, struct mail_horizon *out)
{
	struct str answer;
	enum status st = mail_run(m, MAIL_OP_HORIZON, &answer);

	return st == ST_OK ? mail_answer_horizon(answer, out) : st;
}

int
past_fail(struct mail *m, enum status st)
{
	struct mail_horizon h;
	struct civil t;
	struct buf b;
	int rc;

	if (st != ST_NOT_FOUND || past_horizon_of(m, &h) != ST_OK)
		return cli_fail(
		    m->c, "the account cannot be read: %s", status_text(st));
	buf_init(&b, 100);
	/* To be pasted behind --at: the first full second that is known. */
	t = date_civil(
	    (struct date){h.from_ms + 999, date_local_zone(h.from_ms)});
	buf_addf(&b, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)t.year,
	    t.month, t.day, t.hour, t.minute, t.second);
	rc = cli_fail(m->c,
	    "that is too long ago: the past of " STR_FMT
	    " is known from " STR_FMT " on",
	    STR_ARG(m->address), STR_ARG(buf_str(&b)));
	buf_release(&b);
	return rc;
}

enum status
past_read_groups(struct mail *m, struct past_groups *out)
{
	struct arena page = ARENA_INIT; /* groups keep only the strings */
	struct past_event *events;
	struct mail_horizon h;
	struct str answer;
	uint64_t next, told = 0;
	enum status st = past_horizon_of(m, &h);
	struct buf b;
	size_t i, n;

	*out = (struct past_groups){0};
	if (st != ST_OK)
		return st;
	for (next = h.history_from;;) {
		buf_init(&b, 4096);
		mail_ask(&b, MAIL_OP_EVENTS, m->id, m->address);
		mail_ask_events(&b, next);
		st = mail_ask_run(m, &b, &answer);
		buf_release(&b);
		arena_reset(&page);
		if (st == ST_OK)
			st = mail_answer_events(
			    answer, &page, &events, &n, &next);
		if (st != ST_OK)
			break;
		for (i = 0; i < n; i++)
			past_groups_add(out, &events[i]);
		if (next == 0)
			break;
		cli_progress(m->c, "changes read", told += n);
	}
	cli_progress_end(m->c);
	arena_release(&page);
	past_groups_finish(out);
	return st;
}

struct folders {
	struct mailbox *list;
	size_t n_list, cap_list;
};

enum status
past_entries(struct mail *m, uint64_t mailbox, uint64_t modseq, uint32_t *next,
    struct arena *arena, struct mail_entry **out, size_t *n_out)
{
	struct buf b, answer;
	enum status st;

	buf_init(&b, 4096);
	buf_init(&answer, 1024 * 1024);
	mail_ask(&b, MAIL_OP_PAST_ENTRIES, m->id, m->address);
	mail_ask_past_entries(&b, mailbox, modseq, *next);
	st = target_mail(m->c->target, m->id, buf_str(&b), -1, &answer);
	if (st == ST_OK)
		st =
		    mail_answer_past_entries(arena_str(arena, buf_str(&answer)),
			arena, out, n_out, next);
	buf_release(&b);
	buf_release(&answer);
	return st;
}

enum status
past_folders(struct mail *m, int64_t at_ms, uint64_t *modseq_out,
    struct mailbox **out, size_t *n_out)
{
	struct folders all = {0};
	struct mailbox *page;
	uint32_t next = 0;
	struct str answer;
	enum status st;
	struct buf b;
	size_t i, n;

	do {
		buf_init(&b, 4096);
		mail_ask(&b, MAIL_OP_PAST_MAILBOXES, m->id, m->address);
		mail_ask_past_mailboxes(&b, at_ms, next);
		st = mail_ask_run(m, &b, &answer);
		buf_release(&b);
		if (st == ST_OK)
			st = mail_answer_past_mailboxes(
			    answer, &m->c->arena, modseq_out, &page, &n, &next);
		for (i = 0; st == ST_OK && i < n; i++)
			*VEC_ADD(&all, list) = page[i];
	} while (st == ST_OK && next > 0);
	if (st == ST_OK) {
		*out =
		    ARENA_ARRAY(&m->c->arena, struct mailbox, all.n_list + 1);
		if (all.n_list > 0)
			memcpy(*out, all.list, all.n_list * sizeof(**out));
		*n_out = all.n_list;
	}
	free(all.list);
	return st;
}

json_t *
past_time_json(int64_t ms)
{
	struct buf b;
	json_t *j;

	buf_init(&b, 100);
	date_write_iso((struct date){ms, date_local_zone(ms)}, &b);
	j = cli_json_str(buf_str(&b));
	buf_release(&b);
	return j;
}
