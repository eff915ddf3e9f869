/* `mailstead restore`, `mailstead undo` */
#include "cli/brought.h"
#include "cli/past.h"
#include "cli/verbs.h"

static int
report(struct mail *m, const struct change *change, enum status *st_out)
{
	struct restore_report r;
	struct str answer;
	enum status st;
	struct buf b;
	size_t all;

	buf_init(&b, MAIL_ASK_MAX);
	mail_ask(&b, MAIL_OP_REPORT, m->id, m->address);
	mail_ask_change(&b, change, NULL);
	st = buf_status(&b);
	if (st == ST_OK)
		st = mail_ask_run(m, &b, &answer);
	buf_release(&b);
	if (st == ST_OK)
		st = mail_answer_report(answer, &m->c->arena, &r, &all);
	*st_out = st;
	return st == ST_OK
	    ? brought_say_plan(m->c, &r, all, change->kind == CHANGE_UNDO)
	    : CLI_NOT_DONE;
}

static void
add_brought(struct brought *to, const struct brought *b, bool first)
{
	to->folders += b->folders;
	to->kept += b->kept;
	to->fresh += b->fresh;
	to->moved_back += b->moved_back;
	to->flags += b->flags;
	to->removed += b->removed;
	to->names += b->names;
	/* Of what is not done each piece tells again. */
	to->elsewhere = b->elsewhere;
	to->skipped = b->skipped;
	to->refused = b->refused;
	if (first)
		to->there = b->there;
}

/* A turn holds so many (S40): on until it is done. */
static int
bring(struct mail *m, const struct change *change, enum status *st_out)
{
	struct brought total = {0};
	struct changed done = {0};
	uint64_t event = 0;
	struct cli *c = m->c;
	struct buf b;

	do {
		*st_out = mail_change(m, change, &done);
		if (*st_out != ST_OK)
			break;
		add_brought(&total, &done.brought, event == 0);
		event = event ? event : done.modseq;
		cli_progress(c, "messages",
		    (uint64_t)total.kept + total.fresh + total.moved_back +
			total.flags);
	} while (done.more);
	cli_progress_end(c);
	if (*st_out != ST_OK)
		return CLI_NOT_DONE;
	brought_say(c, &total, change->kind == CHANGE_UNDO);
	buf_init(&b, 100);
	if (event) {
		past_id_write(event, &b);
		cli_say(c, "To take that back: mailstead undo " STR_FMT " %s",
		    STR_ARG(m->address), buf_str(&b).p);
	}
	json_object_set_new(
	    c->out, "event", event ? cli_json_str(buf_str(&b)) : json_null());
	buf_release(&b);
	return CLI_DONE;
}

static int
run(struct mail *m, const struct change *change, enum status *st_out)
{
	return cli_option(m->c, "dry-run") ? report(m, change, st_out)
					   : bring(m, change, st_out);
}

/* --- restore --- */

static bool
parse_number(struct str s, uint32_t *out)
{
	if (str_eq(s, S("*"))) {
		*out = UINT32_MAX;
		return true;
	}
	return str_to_u32(s, out) && *out > 0;
}

/* "1:3,7,9:*" */
static bool
parse_uids(struct str s, struct uidset *out)
{
	while (s.n > 0) {
		struct str last = str_cut(&s, ','), first = str_cut(&last, ':');
		uint32_t a, b;

		if (!parse_number(first, &a) ||
		    !parse_number(last.n ? last : first, &b))
			return false;
		uidset_add(out, a < b ? a : b, a < b ? b : a);
	}
	return out->n_ranges > 0;
}

static const struct mailbox *
find_folder(const struct mailbox *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].name, name) ||
		    (str_eqi(name, S("INBOX")) &&
			str_eq(list[i].name, S("INBOX"))))
			return &list[i];
	return NULL;
}

/* One of the UIDs that were asked for was there, at least. */
static int
check_uids(struct mail *m, const struct change *change, struct str folder)
{
	const struct uidset *set = &change->uids;
	enum status st = ST_OK;

	for (size_t i = 0; i < set->n_ranges && st == ST_OK; i++) {
		uint32_t next = set->ranges[i].first;
		struct arena arena = ARENA_INIT;
		struct mail_entry *e;
		bool found;
		size_t n;

		st = past_entries(
		    m, change->mailbox, change->at, &next, &arena, &e, &n);
		found = st == ST_OK && n > 0 && e[0].uid <= set->ranges[i].last;
		arena_release(&arena);
		if (found)
			return CLI_DONE;
	}
	if (st != ST_OK)
		return past_fail(m, st);
	return cli_fail(m->c,
	    "there was no message with such a UID in \"" STR_FMT
	    "\" then; mailstead show " STR_FMT " --at ... \"" STR_FMT
	    "\" tells their UIDs",
	    STR_ARG(folder), STR_ARG(m->address), STR_ARG(folder));
}

/* The folders of then. */
struct then {
	struct mailbox *list;
	size_t n;
};

static bool
is_below(struct str name, struct str above)
{
	return name.n > above.n && str_starts(name, above) &&
	    name.p[above.n] == '/';
}

/* What a folder of then is called now; NULL: as it was, or it is gone. */
static const struct mailbox *
renamed(const struct mailbox *then, const struct mailbox *now, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (now[i].id == then->id)
			return str_eq(now[i].name, then->name) ? NULL : &now[i];
	return NULL;
}

/*
 * Mail programs throw a folder away by renaming it: it is all there, but not
 * where it is looked for. Those below it go without saying.
 */
static enum status
say_renamed(
    struct mail *m, const struct then *then, const struct change *change)
{
	json_t *list = json_array(), *o;
	const struct mailbox *is;
	struct str told = S("");
	struct mailbox *now;
	enum status st;
	size_t n = 0;

	st = mail_list(m, &now, &n);
	for (size_t i = 0; i < then->n && st == ST_OK; i++) {
		const struct mailbox *f = &then->list[i];

		if ((change->name.n > 0 && !str_eq(f->name, change->name) &&
			!is_below(f->name, change->name)) ||
		    (change->mailbox && f->id != change->mailbox) ||
		    (told.n > 0 && is_below(f->name, told)) ||
		    !(is = renamed(f, now, n)))
			continue;
		told = f->name;
		cli_say(m->c,
		    STR_FMT " is called " STR_FMT
			    " by now; --move-back renames it back.",
		    STR_ARG(f->name), STR_ARG(is->name));
		o = json_object();
		json_object_set_new(o, "name_then", cli_json_str(f->name));
		json_object_set_new(o, "name", cli_json_str(is->name));
		json_array_append_new(list, o);
	}
	json_object_set_new(m->c->out, "renamed", list);
	return st;
}

/* The moment and the folder, as numbers. */
static int
aim(struct mail *m, int64_t ms, struct str folder, bool uids,
    struct change *out, struct then *then)
{
	const struct mailbox *f;
	struct mailbox *list;
	enum status st;
	size_t n;

	if ((st = past_folders(m, ms, &out->at, &list, &n)) != ST_OK)
		return past_fail(m, st);
	*then = (struct then){list, n};
	if (folder.n == 0)
		return CLI_DONE;
	if (!(f = find_folder(list, n, folder)))
		return cli_fail(m->c,
		    "there was no folder \"" STR_FMT
		    "\" then; mailstead show " STR_FMT
		    " --at ... lists those that were",
		    STR_ARG(folder), STR_ARG(m->address));
	if (!uids) {
		out->name = f->name;
		return CLI_DONE;
	}
	out->mailbox = f->id;
	return check_uids(m, out, f->name);
}

static int
restore(struct cli *c, struct change *change, int64_t ms)
{
	const char *folder = cli_option(c, "folder");
	struct then then = {0};
	struct mail m;
	enum status st = ST_OK;
	int rc;

	if (!mail_open(c, &m))
		return CLI_NOT_DONE;
	rc = aim(&m, ms, str_from(folder ? folder : ""),
	    change->uids.n_ranges > 0, change, &then);
	if (rc != CLI_DONE)
		return rc;
	rc = run(&m, change, &st);
	if (st == ST_OK && rc == CLI_DONE)
		st = say_renamed(&m, &then, change);
	return st == ST_OK ? rc : past_fail(&m, st);
}

int
cli_restore(struct cli *c)
{
	const char *at = cli_option(c, "at"), *uids = cli_option(c, "uids");
	const char *folder = cli_option(c, "folder");
	struct change change = {
	    .kind = CHANGE_RESTORE,
	    .move_back = cli_option(c, "move-back") != NULL,
	    .flags_back = cli_option(c, "flags") != NULL,
	};
	int64_t ms;
	int rc;

	if (!at)
		return cli_usage(c, "--at is missing");
	if (!folder == !cli_option(c, "all"))
		return cli_usage(c, "one of --folder and --all is wanted");
	if (uids && !folder)
		return cli_usage(c, "--uids are of a --folder");
	if ((rc = past_time(c, at, &ms)) != CLI_DONE)
		return rc;
	if (uids && !parse_uids(str_from(uids), &change.uids))
		rc = cli_usage(
		    c, "\"%s\" is no set of UIDs such as 1:3,7", uids);
	if (rc == CLI_DONE)
		rc = restore(c, &change, ms);
	uidset_release(&change.uids);
	return rc;
}

/* --- undo --- */

static int
undo(struct mail *m, const struct past_group *g)
{
	struct change change = {
	    .kind = CHANGE_UNDO, .events = g->events, .n_events = g->n_events};
	enum status st = ST_OK;
	int rc = run(m, &change, &st);

	if (st == ST_CANNOT)
		return cli_fail(m->c,
		    "mail that came in is not taken back by undo; "
		    "delete it instead");
	return st == ST_OK ? rc : past_fail(m, st);
}

int
cli_undo(struct cli *c)
{
	const struct past_group *g;
	struct past_groups all;
	struct mail m;
	uint64_t modseq;
	enum status st;
	int rc;

	if (past_id_parse(c->words[1], &modseq) != ST_OK)
		return cli_usage(c,
		    "\"" STR_FMT "\" is not the name of an event; "
		    "mailstead history " STR_FMT " lists them",
		    STR_ARG(c->words[1]), STR_ARG(c->words[0]));
	if (!mail_open(c, &m))
		return CLI_NOT_DONE;
	if ((st = past_read_groups(&m, &all)) != ST_OK)
		rc = past_fail(&m, st);
	else if (!(g = past_groups_find(&all, modseq)))
		rc = cli_fail(c,
		    "there is no event " STR_FMT " (any more); "
		    "mailstead history " STR_FMT " lists those that are",
		    STR_ARG(c->words[1]), STR_ARG(m.address));
	else
		rc = undo(&m, g);
	past_groups_release(&all);
	return rc;
}
