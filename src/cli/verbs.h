/*
 * The functions of the table of verbs, a file each.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/cli.h"

int cli_domain_add(struct cli *c);
int cli_domain_list(struct cli *c);
int cli_domain_set(struct cli *c);
int cli_domain_remove(struct cli *c);

int cli_account_add(struct cli *c);
int cli_account_show(struct cli *c);
int cli_account_list(struct cli *c);
int cli_account_set(struct cli *c);
int cli_account_remove(struct cli *c);
int cli_account_restore(struct cli *c);

int cli_password(struct cli *c);
int cli_app_password_add(struct cli *c);
int cli_app_password_list(struct cli *c);
int cli_app_password_revoke(struct cli *c);
int cli_resume(struct cli *c);

int cli_folder_list(struct cli *c);
int cli_folder_create(struct cli *c);
int cli_folder_delete(struct cli *c);
int cli_folder_rename(struct cli *c);

int cli_history(struct cli *c);
int cli_show(struct cli *c);
int cli_backup(struct cli *c);
int cli_check(struct cli *c);
int cli_purge(struct cli *c);
int cli_recover(struct cli *c);
int cli_restore(struct cli *c);
int cli_undo(struct cli *c);

int cli_import(struct cli *c);
int cli_export(struct cli *c);
int cli_migrate(struct cli *c);
int cli_status(struct cli *c);

#endif
