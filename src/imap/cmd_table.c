#include "imap/cmd_table.h"

/* One line for each: imap_cmd_NAME is defined in cmd_*.c. */
#define COMMANDS(X) \
 X(append)          \
 X(authenticate)    \
 X(capability)      \
 X(check)           \
 X(close)           \
 X(compress)        \
 X(copy)            \
 X(create)          \
 X(delete)          \
 X(enable)          \
 X(examine)         \
 X(expunge)         \
 X(fetch)           \
 X(id)              \
 X(idle)            \
 X(list)            \
 X(login)           \
 X(logout)          \
 X(lsub)            \
 X(move)            \
 X(namespace)       \
 X(noop)            \
 X(rename)          \
 X(search)          \
 X(select)          \
 X(starttls)        \
 X(status)          \
 X(store)           \
 X(subscribe)       \
 X(uid_expunge)     \
 X(unauthenticate)  \
 X(unselect)        \
 X(unsubscribe)

#define DECLARE(name) extern const struct imap_cmd imap_cmd_##name;
COMMANDS(DECLARE)

#define ROW(name) &imap_cmd_##name,
const struct imap_cmd *const imap_cmds[] = {COMMANDS(ROW) NULL};

const struct imap_cmd *
imap_cmd_find(struct str name, bool uid)
{
	size_t i;

	for (i = 0; imap_cmds[i]; i++) {
		unsigned flags = imap_cmds[i]->flags;
		bool fits = uid
		    ? (flags & (IMAP_HAS_UID_FORM | IMAP_ONLY_UID_FORM)) != 0
		    : !(flags & IMAP_ONLY_UID_FORM);

		if (fits && str_eqi(name, str_from(imap_cmds[i]->name)))
			return imap_cmds[i];
	}
	return NULL;
}
