/* `mailstead show`: folders, or the messages of one, as they were. */
#include "base/date.h"
#include "base/utf8.h"
#include "cli/past.h"
#include "cli/verbs.h"

enum { SENDER_WIDTH = 24 }; /* characters of a sender, in a line */

static void
folder_record(struct buf *b, const struct mailbox *f)
{
	struct buf size;

	buf_init(&size, 100);
	cli_size(f->size, &size);
	record_str(b, "name", f->name);
	record_u64(b, "messages", f->messages);
	record_u64(b, "unseen", f->unseen);
	record_str(b, "size", buf_str(&size));
	record_end(b);
	buf_release(&size);
}

static json_t *
folder_json(const struct mailbox *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", cli_json_str(f->name));
	json_object_set_new(o, "messages", json_integer(f->messages));
	json_object_set_new(o, "unseen", json_integer(f->unseen));
	json_object_set_new(o, "bytes", json_integer((json_int_t)f->size));
	json_object_set_new(o, "subscribed", json_boolean(f->subscribed));
	json_object_set_new(o, "uidvalidity", json_integer(f->uidvalidity));
	return o;
}

static int
show_folders(struct cli *c, const struct mailbox *list, size_t n)
{
	struct buf b;

	c->out = json_array();
	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < n; i++)
		if (c->json)
			json_array_append_new(c->out, folder_json(&list[i]));
		else
			folder_record(&b, &list[i]);
	cli_table(c, buf_str(&b),
	    "messages:MESSAGES unseen:UNSEEN size:SIZE name:FOLDER");
	buf_release(&b);
	return CLI_DONE;
}

static json_t *
entry_json(const struct mail_entry *e)
{
	json_t *o = json_object();
	struct buf b;

	json_object_set_new(o, "uid", json_integer(e->uid));
	json_object_set_new(o, "emailid", cli_json_str(e->emailid));
	buf_init(&b, 100);
	date_write_iso((struct date){e->date_ms, e->date_zone}, &b);
	json_object_set_new(o, "date", cli_json_str(buf_str(&b)));
	buf_release(&b);
	json_object_set_new(o, "from", cli_json_str(e->from));
	json_object_set_new(o, "subject", cli_json_str(e->subject));
	json_object_set_new(o, "flags", cli_json_str(e->flags));
	json_object_set_new(o, "bytes", json_integer((json_int_t)e->size));
	return o;
}

/* At most `width` characters of one line, and blanks up to there. */
static void
add_cell(struct buf *b, struct str s, size_t width)
{
	size_t n = 0;
	uint32_t cp;

	struct str all = s;

	while (n < width && utf8_next(&s, &cp))
		n++;
	cli_shown(str_first(all, all.n - s.n), b);
	for (; n < width; n++)
		buf_addc(b, ' ');
}

/* What a person looks for in flags: "N" new, "*" flagged, "A" answered. */
static void
add_flags(struct buf *b, struct str flags)
{
	buf_addc(b, str_find_str(flags, S("\\Seen")) == SIZE_MAX ? 'N' : ' ');
	buf_addc(
	    b, str_find_str(flags, S("\\Flagged")) == SIZE_MAX ? ' ' : '*');
	buf_addc(
	    b, str_find_str(flags, S("\\Answered")) == SIZE_MAX ? ' ' : 'A');
	buf_addc(
	    b, str_find_str(flags, S("\\Deleted")) == SIZE_MAX ? ' ' : 'D');
}

static void
add_entry(struct buf *b, const struct mail_entry *e)
{
	struct buf size;

	buf_addf(b, "%8u  ", e->uid);
	cli_time(e->date_ms, b);
	buf_addc(b, ' ');
	add_flags(b, e->flags);
	buf_init(&size, 100);
	cli_size(e->size, &size);
	buf_addf(b, " %10s  ", buf_str(&size).p);
	buf_release(&size);
	add_cell(b, e->from, SENDER_WIDTH);
	buf_addz(b, "  ");
	cli_shown(e->subject, b);
	buf_addc(b, '\n');
}

/* A page is written as a whole: a terminal's stdio would cut it into lines. */
static enum status
show_page(struct mail *m, uint64_t mailbox, uint64_t modseq, uint32_t *next,
    struct arena *arena, struct buf *page)
{
	struct mail_entry *e;
	size_t i, n;
	enum status st;

	arena_reset(arena);
	buf_clear(page);
	st = past_entries(m, mailbox, modseq, next, arena, &e, &n);

	for (i = 0; st == ST_OK && i < n; i++)
		if (m->c->json)
			json_array_append_new(m->c->out, entry_json(&e[i]));
		else
			add_entry(page, &e[i]);
	(void)fwrite(page->p, 1, page->n, stdout);
	return st;
}

static int
show_messages(struct mail *m, const struct mailbox *f, uint64_t modseq)
{
	struct arena arena = ARENA_INIT;
	uint32_t next = 1;
	enum status st;
	struct buf page;

	m->c->out = json_array();
	cli_say(m->c, "     UID  DATE                  %10s  %-*s  SUBJECT",
	    "SIZE", SENDER_WIDTH, "FROM");
	buf_init(&page, SIZE_MAX / 2);
	do
		st = show_page(m, f->id, modseq, &next, &arena, &page);
	while (st == ST_OK && next > 0);
	buf_release(&page);
	arena_release(&arena);
	return st == ST_OK ? CLI_DONE : past_fail(m, st);
}

int
cli_show(struct cli *c)
{
	const char *at = cli_option(c, "at");
	struct mailbox *list;
	uint64_t modseq;
	struct mail m;
	enum status st;
	int64_t ms;
	size_t i, n;
	int rc;

	if (!at)
		return cli_usage(c, "--at is missing");
	if ((rc = past_time(c, at, &ms)) != CLI_DONE)
		return rc;
	if (!mail_open(c, &m))
		return CLI_NOT_DONE;
	if ((st = past_folders(&m, ms, &modseq, &list, &n)) != ST_OK)
		return past_fail(&m, st);
	if (c->n_words == 1)
		return show_folders(c, list, n);
	for (i = 0; i < n; i++)
		if (str_eq(list[i].name, c->words[1]) ||
		    (str_eqi(c->words[1], S("INBOX")) &&
			str_eq(list[i].name, S("INBOX"))))
			return show_messages(&m, &list[i], modseq);
	return cli_fail(c,
	    "there was no folder \"" STR_FMT "\" then; "
	    "mailstead show " STR_FMT " --at \"%s\" lists those that were",
	    STR_ARG(c->words[1]), STR_ARG(m.address), at);
}
