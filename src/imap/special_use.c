#include "imap/special_use.h"

#include "base/buf.h"
#include "store/change.h"

static const struct {
	struct str name;
	unsigned bit;
} uses_table[] = {
    {STR_INIT("Archive"), USE_ARCHIVE},
    {STR_INIT("Drafts"), USE_DRAFTS},
    {STR_INIT("Flagged"), USE_FLAGGED},
    {STR_INIT("Junk"), USE_JUNK},
    {STR_INIT("Sent"), USE_SENT},
    {STR_INIT("Trash"), USE_TRASH},
    {STR_INIT("All"), USE_ALL},
    {STR_INIT("Important"), USE_IMPORTANT},
};

bool
parse_special_use(struct imap_parse *p, unsigned *out)
{
	struct str name;
	size_t i;

	if (!parse_char(p, '\\') || !parse_atom(p, &name))
		return false;
	*out = 0;
	for (i = 0; i < ARRAY_LEN(uses_table); i++)
		if (str_eqi(name, uses_table[i].name))
			*out = uses_table[i].bit;
	return true;
}

void
imap_write_special_use(struct buf *out, unsigned uses, bool more)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(uses_table); i++) {
		if (!(uses & uses_table[i].bit))
			continue;
		buf_addz(out, more ? " \\" : "\\");
		buf_adds(out, uses_table[i].name);
		more = true;
	}
}
