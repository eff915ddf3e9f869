#include "cli/brought.h"

struct line {
	uint32_t n;
	const char *one, *many;   /* behind the number: done */
	const char *will, *wills; /* of a dry run */
};

static void
say_line(const struct cli *c, bool dry, const struct line *l)
{
	if (l->n > 0)
		cli_say(c, "%u %s", l->n,
		    l->n == 1 ? dry ? l->will : l->one
			: dry ? l->wills
			      : l->many);
}

/* `undo` has no way to ask for what is elsewhere. */
static void
say(struct cli *c, const struct brought *b, bool dry, bool undo)
{
	static const char *const elsewhere[] = {
	    "message is elsewhere by now, and stays there.",
	    "messages are elsewhere by now, and stay there."};
	static const char *const move_back[] = {
	    "message was moved elsewhere since; --move-back moves it back.",
	    "messages were moved elsewhere since; "
	    "--move-back moves them back."};
	const struct line lines[] = {
	    {b->folders, "folder is back.", "folders are back.",
		"folder would come back.", "folders would come back."},
	    {b->kept + b->fresh, "message is back.", "messages are back.",
		"message would come back.", "messages would come back."},
	    {b->moved_back, "message has moved back.",
		"messages have moved back.", "message would move back.",
		"messages would move back."},
	    {b->flags, "message has its flags back.",
		"messages have their flags back.",
		"message would get its flags back.",
		"messages would get their flags back."},
	    {b->removed, "message went again.", "messages went again.",
		"message would go again.", "messages would go again."},
	    {b->names, "name or setting is as it was.",
		"names and settings are as they were.",
		"name or setting would be as it was.",
		"names and settings would be as they were."},
	};
	const struct line rest[] = {
	    {b->elsewhere, undo ? elsewhere[0] : move_back[0],
		undo ? elsewhere[1] : move_back[1],
		undo ? elsewhere[0] : move_back[0],
		undo ? elsewhere[1] : move_back[1]},
	    {b->skipped, "message was changed by something else since.",
		"messages were changed by something else since.",
		"message was changed by something else since.",
		"messages were changed by something else since."},
	    {b->refused, "arrival of mail stays; delete that mail instead.",
		"arrivals of mail stay; delete that mail instead.",
		"arrival of mail stays; delete that mail instead.",
		"arrivals of mail stay; delete that mail instead."},
	};
	bool any = false, stays = b->elsewhere || b->skipped || b->refused;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		say_line(c, dry, &lines[i]);
		any = any || lines[i].n > 0;
	}
	if (!any && stays)
		cli_say(c, "Nothing %s.", dry ? "would change" : "changed");
	else if (!any)
		cli_say(c, "Nothing has to come back: all of it is there.");
	for (size_t i = 0; i < ARRAY_LEN(rest); i++)
		say_line(c, dry, &rest[i]);
}

static json_t *
brought_json(const struct brought *b)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
	    "folders", (json_int_t)b->folders, "messages_same_uid",
	    (json_int_t)b->kept, "messages_new_uid", (json_int_t)b->fresh,
	    "moved_back", (json_int_t)b->moved_back, "flags",
	    (json_int_t)b->flags, "removed", (json_int_t)b->removed, "names",
	    (json_int_t)b->names, "there", (json_int_t)b->there, "elsewhere",
	    (json_int_t)b->elsewhere, "skipped", (json_int_t)b->skipped,
	    "refused", (json_int_t)b->refused);
}

static const char *
how_text(enum restore_how how)
{
	switch (how) {
	case RESTORE_LIVES:
		return "is there";
	case RESTORE_REVIVED:
		return "returns as it was";
	case RESTORE_NEW:
		return "returns as a new folder";
	case RESTORE_MERGED:
		return "goes into the folder of that name";
	}
	return "";
}

static void
folder_record(struct buf *b, const struct restore_folder *f)
{
	record_str(b, "then", f->name_then);
	record_u64(b, "back",
	    (uint64_t)f->brought.kept + f->brought.fresh +
		f->brought.moved_back);
	record_u64(b, "flags", f->brought.flags);
	record_str(b, "how", str_from(how_text(f->how)));
	record_str(b, "name", str_eq(f->name, f->name_then) ? S("") : f->name);
	record_end(b);
}

int
brought_say_plan(
    struct cli *c, const struct restore_report *r, size_t all, bool undo)
{
	json_t *list = json_array(), *o;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < r->n; i++) {
		const struct restore_folder *f = &r->folders[i];

		folder_record(&b, f);
		o = brought_json(&f->brought);
		json_object_set_new(o, "name_then", cli_json_str(f->name_then));
		json_object_set_new(o, "name", cli_json_str(f->name));
		json_object_set_new(o, "how", json_string(how_text(f->how)));
		json_array_append_new(list, o);
	}
	cli_table(c, buf_str(&b),
	    "back:MESSAGES flags:FLAGS how:HOW then:FOLDER name:NOW");
	buf_release(&b);
	if (all > r->n)
		cli_say(c, "... and %zu more folders", all - r->n);
	say(c, &r->total, true, undo);
	c->out = brought_json(&r->total);
	json_object_set_new(c->out, "dry_run", json_true());
	json_object_set_new(c->out, "by_folder", list);
	return CLI_DONE;
}

void
brought_say(struct cli *c, const struct brought *b, bool undo)
{
	c->out = brought_json(b);
	json_object_set_new(c->out, "dry_run", json_false());
	say(c, b, false, undo);
}
