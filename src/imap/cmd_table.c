#include "imap/cmd_table.h"

extern const struct imap_cmd imap_cmd_append, imap_cmd_authenticate,
    imap_cmd_capability, imap_cmd_check, imap_cmd_close, imap_cmd_copy,
    imap_cmd_create, imap_cmd_delete, imap_cmd_enable, imap_cmd_examine,
    imap_cmd_expunge, imap_cmd_fetch, imap_cmd_id, imap_cmd_idle, imap_cmd_list,
    imap_cmd_login, imap_cmd_logout, imap_cmd_lsub, imap_cmd_move,
    imap_cmd_namespace, imap_cmd_noop, imap_cmd_rename, imap_cmd_search,
    imap_cmd_select, imap_cmd_starttls, imap_cmd_status, imap_cmd_store,
    imap_cmd_subscribe, imap_cmd_uid_expunge, imap_cmd_unselect,
    imap_cmd_unsubscribe;

const struct imap_cmd *const imap_cmds[] = {
    &imap_cmd_append,
    &imap_cmd_authenticate,
    &imap_cmd_capability,
    &imap_cmd_check,
    &imap_cmd_close,
    &imap_cmd_copy,
    &imap_cmd_create,
    &imap_cmd_delete,
    &imap_cmd_enable,
    &imap_cmd_examine,
    &imap_cmd_expunge,
    &imap_cmd_fetch,
    &imap_cmd_id,
    &imap_cmd_idle,
    &imap_cmd_list,
    &imap_cmd_login,
    &imap_cmd_logout,
    &imap_cmd_lsub,
    &imap_cmd_move,
    &imap_cmd_namespace,
    &imap_cmd_noop,
    &imap_cmd_rename,
    &imap_cmd_search,
    &imap_cmd_select,
    &imap_cmd_starttls,
    &imap_cmd_status,
    &imap_cmd_store,
    &imap_cmd_subscribe,
    &imap_cmd_uid_expunge,
    &imap_cmd_unselect,
    &imap_cmd_unsubscribe,
    NULL,
};

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
