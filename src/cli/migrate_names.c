/*
 * What folders of the former server are called here: its Sent Items are our
 * Sent. By special use (RFC 6154), or for a server without it by the names
 * that mail programs give, in English and German.
 */
#include "cli/migrate.h"

static const struct {
	struct str name;
	unsigned use;
} usual[] = {
    {STR_INIT("Sent"), USE_SENT},
    {STR_INIT("Sent Items"), USE_SENT},
    {STR_INIT("Sent Mail"), USE_SENT},
    {STR_INIT("Sent Messages"), USE_SENT},
    {STR_INIT("Gesendet"), USE_SENT},
    {STR_INIT("Gesendete Elemente"), USE_SENT},
    {STR_INIT("Gesendete Objekte"), USE_SENT},
    {STR_INIT("Trash"), USE_TRASH},
    {STR_INIT("Deleted Items"), USE_TRASH},
    {STR_INIT("Deleted Messages"), USE_TRASH},
    {STR_INIT("Papierkorb"), USE_TRASH},
    {STR_INIT("Gelöschte Elemente"), USE_TRASH},
    {STR_INIT("Gelöschte Objekte"), USE_TRASH},
    {STR_INIT("Junk"), USE_JUNK},
    {STR_INIT("Junk E-Mail"), USE_JUNK},
    {STR_INIT("Junk-E-Mail"), USE_JUNK},
    {STR_INIT("Spam"), USE_JUNK},
    {STR_INIT("Spamverdacht"), USE_JUNK},
    {STR_INIT("Drafts"), USE_DRAFTS},
    {STR_INIT("Entwürfe"), USE_DRAFTS},
    {STR_INIT("Archive"), USE_ARCHIVE},
    {STR_INIT("Archives"), USE_ARCHIVE},
    {STR_INIT("Archiv"), USE_ARCHIVE},
};

static unsigned
use_of_name(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (str_eqi(name, usual[i].name))
			return usual[i].use;
	return 0;
}

/* One folder per use: two that claim one stay as they are called. */
static void
guess_uses(struct migration *m)
{
	unsigned taken = 0;

	for (size_t i = 0; i < m->n_folders; i++)
		taken |= m->folders[i].special_use;
	if (taken) /* the server knows itself */
		return;
	for (size_t i = 0; i < m->n_folders; i++) {
		struct imap_folder *f = &m->folders[i];
		unsigned use = use_of_name(f->name);

		if (f->selectable && !(taken & use))
			f->special_use = use;
		taken |= use;
	}
}

static const struct mailbox *
with_use(const struct mailbox *list, size_t n, unsigned use)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].selectable && (list[i].special_use & use))
			return &list[i];
	return NULL;
}

static bool
is_below(struct str name, struct str parent)
{
	return name.n > parent.n && str_starts(name, parent) &&
	    name.p[parent.n] == '/';
}

enum status
migrate_names(struct migration *m)
{
	struct arena *a = &m->c->arena;
	struct mailbox *list;
	size_t n;
	enum status st = mail_list(&m->im.mail, &list, &n);

	if (st != ST_OK)
		return st;
	guess_uses(m);
	m->names = ARENA_ARRAY(a, struct str, m->n_folders + 1);
	for (size_t i = 0; i < m->n_folders; i++)
		m->names[i] = m->folders[i].name;
	for (size_t i = 0; i < m->n_folders; i++) {
		const struct imap_folder *f = &m->folders[i];
		const struct mailbox *ours = with_use(list, n, f->special_use);

		if (!ours || str_eq(f->name, S("INBOX")))
			continue;
		m->names[i] = ours->name;
		for (size_t k = 0; k < m->n_folders; k++)
			if (is_below(m->folders[k].name, f->name))
				m->names[k] = arena_printf(a, STR_FMT STR_FMT,
				    STR_ARG(ours->name),
				    STR_ARG(str_from_pos(
					m->folders[k].name, f->name.n)));
	}
	return ST_OK;
}
