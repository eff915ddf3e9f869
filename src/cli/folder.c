/* `mailstead folder list|create|delete|rename` */
#include "cli/mail.h"
#include "cli/verbs.h"

static const struct {
	unsigned bit;
	const char *name;
} uses[] = {
    {USE_ARCHIVE, "\\Archive"},
    {USE_DRAFTS, "\\Drafts"},
    {USE_FLAGGED, "\\Flagged"},
    {USE_JUNK, "\\Junk"},
    {USE_SENT, "\\Sent"},
    {USE_TRASH, "\\Trash"},
    {USE_ALL, "\\All"},
    {USE_IMPORTANT, "\\Important"},
};

/* The same form that auth's answers have, so that one printer serves. */
static void
add_record(struct buf *b, const struct mailbox *m)
{
	struct buf use;
	size_t i;

	buf_init(&use, 200);
	for (i = 0; i < ARRAY_LEN(uses); i++)
		if (m->special_use & uses[i].bit)
			wire_put_str(&use, str_from(uses[i].name));
	record_str(b, "name", m->name);
	record_u64(b, "messages", m->messages);
	record_u64(b, "unseen", m->unseen);
	record_u64(b, "bytes", m->size);
	record_bool(b, "subscribed", m->subscribed);
	record_list(b, "special_use", buf_str(&use));
	record_end(b);
	buf_release(&use);
}

int
cli_folder_list(struct cli *c)
{
	struct mailbox *list;
	struct mail m;
	enum status st;
	struct buf b;
	size_t i, n;

	if (!mail_open(c, &m))
		return CLI_NOT_DONE;
	if ((st = mail_list(&m, &list, &n)) != ST_OK)
		return cli_fail(
		    c, "the account cannot be read: %s", status_text(st));
	buf_init(&b, 16 * 1024 * 1024);
	for (i = 0; i < n; i++)
		add_record(&b, &list[i]);
	cli_json_all(c, buf_str(&b));
	cli_table(c, buf_str(&b),
	    "messages:MESSAGES unseen:UNSEEN bytes:BYTES special_use:USE "
	    "name:FOLDER");
	buf_release(&b);
	return CLI_DONE;
}

static int
result(struct cli *c, enum status st, struct str name, const char *done)
{
	if (st == ST_NOT_FOUND)
		return cli_fail(
		    c, "there is no folder \"" STR_FMT "\"", STR_ARG(name));
	if (st != ST_OK)
		return cli_fail(c,
		    "the folder \"" STR_FMT "\" cannot be %s: %s",
		    STR_ARG(name), done, status_text(st));
	c->out = json_object();
	json_object_set_new(c->out, "name", cli_json_str(name));
	cli_say(c, "Folder " STR_FMT " %s.", STR_ARG(name), done);
	return CLI_DONE;
}

int
cli_folder_create(struct cli *c)
{
	struct change change = {.kind = CHANGE_CREATE, .name = c->words[1]};
	struct changed changed;
	struct mail m;

	if (!mail_open(c, &m))
		return CLI_NOT_DONE;
	return result(
	    c, mail_change(&m, &change, &changed), c->words[1], "created");
}

/* Of the folder with that name. */
static int
change_found(struct cli *c, struct change *change, const char *done)
{
	struct changed changed;
	struct mailbox box;
	struct mail m;
	enum status st;

	if (!mail_open(c, &m))
		return CLI_NOT_DONE;
	st = mail_find(&m, c->words[1], &box);
	if (st == ST_OK) {
		change->mailbox = box.id;
		st = mail_change(&m, change, &changed);
	}
	return result(c, st, c->words[1], done);
}

int
cli_folder_delete(struct cli *c)
{
	struct change change = {.kind = CHANGE_DELETE};

	return change_found(c, &change, "deleted");
}

int
cli_folder_rename(struct cli *c)
{
	struct change change = {.kind = CHANGE_RENAME, .name = c->words[2]};
	int rc = change_found(c, &change, "renamed");

	if (rc == CLI_DONE && c->out)
		json_object_set_new(
		    c->out, "new_name", cli_json_str(c->words[2]));
	return rc;
}
