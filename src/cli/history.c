/* `mailstead history` */
#include "cli/past.h"
#include "cli/verbs.h"

static void
add_count(struct buf *b, uint64_t n, const char *one, const char *many)
{
	buf_addu(b, n);
	buf_addf(b, " %s", n == 1 ? one : many);
}

static void
add_messages(struct buf *b, const struct past_group *g, const char *what,
    const char *between)
{
	buf_addf(b, "%s ", what);
	add_count(b, g->messages, "message", "messages");
	buf_addf(b, " %s " STR_FMT, between, STR_ARG(g->path));
}

static void
add_folder(struct buf *b, const struct past_group *g, const char *what)
{
	buf_addf(b, "%s folder " STR_FMT, what, STR_ARG(g->path));
	if (g->path_after.n > 0)
		buf_addf(b, " to " STR_FMT, STR_ARG(g->path_after));
	if (g->folders > 1) {
		buf_addz(b, " and ");
		add_count(b, g->folders - 1, "folder", "folders");
		buf_addz(b, " below it");
	}
	if (g->kind == PAST_DELETED) {
		buf_addz(b, ", with ");
		add_count(b, g->messages, "message", "messages");
	}
}

static void
add_what(struct buf *b, const struct past_group *g)
{
	switch (g->kind) {
	case PAST_DELIVERED:
		add_messages(b, g, "delivered", "into");
		return;
	case PAST_APPENDED:
		add_messages(b, g, "stored", "in");
		return;
	case PAST_COPIED:
	case PAST_MOVED:
		add_messages(
		    b, g, g->kind == PAST_MOVED ? "moved" : "copied", "from");
		buf_addf(b, " to " STR_FMT, STR_ARG(g->path_after));
		return;
	case PAST_REMOVED:
		add_messages(b, g, "removed", "from");
		return;
	case PAST_FLAGGED:
		add_messages(b, g, "changed flags of", "in");
		return;
	case PAST_CREATED:
		add_folder(b, g, "created");
		return;
	case PAST_DELETED:
		add_folder(b, g, "deleted");
		return;
	case PAST_RENAMED:
		add_folder(b, g, "renamed");
		return;
	case PAST_SUBSCRIBED:
		buf_addf(
		    b, "changed subscription to " STR_FMT, STR_ARG(g->path));
		return;
	case PAST_SPECIAL_USE:
		buf_addf(b, "changed use of " STR_FMT, STR_ARG(g->path));
		return;
	case PAST_QUOTA:
		buf_addz(b, "changed the quota");
		return;
	case PAST_RESTORED:
	case PAST_UNDONE:
		buf_addz(b,
		    g->kind == PAST_RESTORED ? "brought back " : "took back ");
		add_count(b, g->messages, "message", "messages");
		if (g->folders > 0) {
			buf_addz(b, " and ");
			add_count(b, g->folders, "folder", "folders");
		}
		if (g->path.n > 0)
			buf_addf(b, " in " STR_FMT, STR_ARG(g->path));
		return;
	case PAST_OTHER:
		buf_addz(b, "changed the account");
		return;
	}
}

/* "iPhone (iPhone Mail)", "ben@example.org: laptop", "lmtp" */
static void
add_who(struct buf *b, const struct mail *m, const struct origin *o)
{
	if (o->person.n > 0 && !str_eq(o->person, m->address))
		buf_addf(b, STR_FMT ", ", STR_ARG(o->person));
	buf_adds(b, o->credential.n > 0 ? o->credential : o->protocol);
	if (o->client.n > 0)
		buf_addf(b, " (" STR_FMT ")", STR_ARG(o->client));
}

static void
add_record(struct buf *b, const struct mail *m, const struct past_group *g)
{
	struct buf text;

	buf_init(&text, 8192);
	past_id_write(g->events[0], &text);
	record_str(b, "event", buf_str(&text));
	record_time(b, "at", g->from_ms);
	buf_clear(&text);
	add_who(&text, m, &g->origin);
	record_str(b, "by", buf_str(&text));
	buf_clear(&text);
	add_what(&text, g);
	record_str(b, "what", buf_str(&text));
	record_end(b);
	buf_release(&text);
}

static json_t *
group_json(const struct past_group *g)
{
	json_t *o = json_object(), *via = json_object();
	struct buf id;

	buf_init(&id, 100);
	past_id_write(g->events[0], &id);
	json_object_set_new(o, "id", cli_json_str(buf_str(&id)));
	buf_release(&id);
	json_object_set_new(o, "at", past_time_json(g->from_ms));
	json_object_set_new(o, "until", past_time_json(g->to_ms));
	json_object_set_new(o, "kind", cli_json_str(past_kind_name(g->kind)));
	json_object_set_new(o, "actor", cli_json_str(g->origin.person));
	json_object_set_new(
	    via, "credential", cli_json_str(g->origin.credential));
	json_object_set_new(via, "protocol", cli_json_str(g->origin.protocol));
	json_object_set_new(via, "client", cli_json_str(g->origin.client));
	json_object_set_new(via, "peer", cli_json_str(g->origin.peer));
	json_object_set_new(o, "via", via);
	json_object_set_new(o, "path", cli_json_str(g->path));
	json_object_set_new(o, "path_after",
	    g->path_after.n ? cli_json_str(g->path_after) : json_null());
	json_object_set_new(
	    o, "messages", json_integer((json_int_t)g->messages));
	json_object_set_new(o, "folders", json_integer((json_int_t)g->folders));
	json_object_set_new(
	    o, "changes", json_integer((json_int_t)g->n_events));
	json_object_set_new(o, "loss", json_boolean(g->loss));
	return o;
}

/* What a person does with it next. */
static void
say_next(const struct cli *c, const struct mail *m, size_t n, bool losses)
{
	if (n == 0)
		cli_say(c, losses ? "Nothing was lost." : "Nothing happened.");
	else if (losses)
		cli_say(c,
		    "\nTo take one back: mailstead undo " STR_FMT " EVENT",
		    STR_ARG(m->address));
}

int
cli_history(struct cli *c)
{
	const char *since = cli_option(c, "since");
	bool losses = cli_option(c, "losses") != NULL;
	struct past_groups all;
	int64_t from = INT64_MIN;
	struct mail m;
	enum status st;
	struct buf b;
	size_t n = 0;
	int rc;

	if (since && (rc = past_time(c, since, &from)) != CLI_DONE)
		return rc;
	if (!mail_open(c, &m))
		return CLI_NOT_DONE;
	if ((st = past_read_groups(&m, &all)) != ST_OK) {
		past_groups_release(&all);
		return past_fail(&m, st);
	}
	c->out = json_array();
	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < all.n_groups; i++) {
		const struct past_group *g = &all.groups[i];

		if (g->to_ms < from || (losses && !g->loss))
			continue;
		n++;
		if (c->json)
			json_array_append_new(c->out, group_json(g));
		else
			add_record(&b, &m, g);
	}
	cli_table(c, buf_str(&b), "event:EVENT at:WHEN by:BY what:WHAT");
	say_next(c, &m, n, losses);
	buf_release(&b);
	past_groups_release(&all);
	return CLI_DONE;
}
