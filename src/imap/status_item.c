#include "imap/status_item.h"

#include "imap/write.h"

static uint64_t
get_messages(struct imap *s, const struct mailbox *box)
{
	(void)s;
	return box->messages;
}

static uint64_t
get_uidnext(struct imap *s, const struct mailbox *box)
{
	(void)s;
	return box->uidnext;
}

static uint64_t
get_uidvalidity(struct imap *s, const struct mailbox *box)
{
	(void)s;
	return box->uidvalidity;
}

static uint64_t
get_unseen(struct imap *s, const struct mailbox *box)
{
	(void)s;
	return box->unseen;
}

static uint64_t
get_deleted(struct imap *s, const struct mailbox *box)
{
	(void)s;
	return box->deleted;
}

static uint64_t
get_size(struct imap *s, const struct mailbox *box)
{
	(void)s;
	return box->size;
}

/* Only UIDs say what is \Recent, so the mailbox's list is looked at. */
static uint64_t
get_recent(struct imap *s, const struct mailbox *box)
{
	struct view *v;
	uint32_t n;

	if (box->recent_from >= box->uidnext ||
	    view_open(s->host->account, &s->viewer, box->id, &v) != ST_OK)
		return 0;
	n = view_count(v) + 1 - view_lower(v, box->recent_from);
	view_close(&v);
	return n;
}

static const struct {
	struct str name;
	uint64_t (*get)(struct imap *s, const struct mailbox *box);
} items_table[] = {
    {STR_INIT("MESSAGES"), get_messages},
    {STR_INIT("RECENT"), get_recent},
    {STR_INIT("UIDNEXT"), get_uidnext},
    {STR_INIT("UIDVALIDITY"), get_uidvalidity},
    {STR_INIT("UNSEEN"), get_unseen},
    {STR_INIT("DELETED"), get_deleted},
    {STR_INIT("SIZE"), get_size},
};

bool
parse_status_items(struct imap_parse *p, unsigned *out)
{
	size_t i;

	*out = 0;
	if (!parse_char(p, '('))
		return false;
	do {
		for (i = 0; i < ARRAY_LEN(items_table); i++)
			if (parse_keyword(p, items_table[i].name))
				break;
		if (i == ARRAY_LEN(items_table))
			return parse_fail(p, "No such STATUS item");
		*out |= 1u << i;
	} while (parse_sp(p));
	return parse_char(p, ')');
}

void
imap_write_status(
    struct imap *s, struct buf *out, const struct mailbox *box, unsigned items)
{
	const char *between = "";
	size_t i;

	buf_addz(out, "* STATUS ");
	imap_write_mailbox(out, box->name, s->utf8);
	buf_addz(out, " (");
	for (i = 0; i < ARRAY_LEN(items_table); i++) {
		if (!(items & 1u << i))
			continue;
		buf_addf(out, "%s" STR_FMT " ", between,
		    STR_ARG(items_table[i].name));
		buf_addu(out, items_table[i].get(s, box));
		between = " ";
	}
	buf_addz(out, ")\r\n");
}
