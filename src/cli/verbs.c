#include "cli/verbs.h"

const struct cli_row cli_rows[] = {
    {"domain add", "DOMAIN", "Take mail for a domain", 1, 1, "", true,
	cli_domain_add},
    {"domain list", "", "List the domains", 0, 0, "", false, cli_domain_list},
    {"domain set", "DOMAIN --catch-all ADDRESS | --no-catch-all",
	"Say who gets mail for unknown addresses of a domain", 1, 1,
	"catch-all= no-catch-all", false, cli_domain_set},
    {"domain remove", "DOMAIN", "Take no more mail for a domain", 1, 1, "",
	false, cli_domain_remove},

    {"account add", "ADDRESS [--password-stdin]",
	"Add an account; prints its generated password once", 1, 1,
	"password-stdin", true, cli_account_add},
    {"account show", "ADDRESS", "Show an account", 1, 1, "", false,
	cli_account_show},
    {"account list", "[DOMAIN]", "List the accounts", 0, 1, "", false,
	cli_account_list},
    {"account set",
	"ADDRESS [--quota SIZE] [--alias ADDRESS]... [--no-alias ADDRESS]...\n"
	"      [--member ADDRESS]... [--no-member ADDRESS]... [--imap on|off]"
	" [--pop3 on|off] [--past on|off]",
	"Change an account", 1, 1,
	"quota= alias= no-alias= member= no-member= imap= pop3= past=", false,
	cli_account_set},
    {"account remove", "ADDRESS",
	"Remove an account; its mail is kept in removed/ for a while", 1, 1, "",
	false, cli_account_remove},

    {"account restore", "ADDRESS [--as ADDRESS] [--password-stdin]",
	"Bring a removed account back, with its mail and a new password", 1, 1,
	"as= password-stdin", false, cli_account_restore},

    {"password", "ADDRESS [--password-stdin]",
	"Give an account a new password; prints it if it is generated", 1, 1,
	"password-stdin", false, cli_password},
    {"app-password add", "ADDRESS --name TEXT [--for ROLE-ADDRESS]",
	"Add a password for one device or program, and print it", 1, 1,
	"name= for=", false, cli_app_password_add},
    {"app-password list", "ADDRESS", "List the app passwords of an account", 1,
	1, "", false, cli_app_password_list},
    {"app-password revoke", "ADDRESS --name TEXT",
	"Revoke an app password and end its sessions", 1, 1, "name=", false,
	cli_app_password_revoke},

    {"resume", "ADDRESS",
	"Let passwords in again that a mass deletion has suspended", 1, 1, "",
	false, cli_resume},

    {"folder list", "ADDRESS", "List the folders of an account", 1, 1, "",
	false, cli_folder_list},
    {"folder create", "ADDRESS FOLDER", "Create a folder", 2, 2, "", false,
	cli_folder_create},
    {"folder delete", "ADDRESS FOLDER", "Delete a folder and its messages", 2,
	2, "", false, cli_folder_delete},
    {"folder rename", "ADDRESS FOLDER NEW-NAME",
	"Rename a folder and all below it", 3, 3, "", false, cli_folder_rename},

    {"history", "ADDRESS [--since TIME] [--losses]",
	"Tell what happened to an account's mail, and what got lost", 1, 1,
	"since= losses", false, cli_history},
    {"show", "ADDRESS --at TIME [FOLDER]",
	"Show folders, or the messages of one, as they were", 1, 2,
	"at=", false, cli_show},

    {"restore",
	"ADDRESS --folder NAME | --all --at TIME [--uids SET] [--move-back]\n"
	"      [--flags] [--dry-run]",
	"Bring back folders and messages as they were", 1, 1,
	"folder= all at= uids= move-back flags dry-run", false, cli_restore},
    {"undo", "ADDRESS EVENT [--dry-run]",
	"Take back what one line of history did", 2, 2, "dry-run", false,
	cli_undo},

    {"import", "ADDRESS [--folder NAME] [--all] PATH...",
	"Import mbox files, Maildirs, .eml files and folders of them;\n"
	"      - reads one message from standard input",
	2, CLI_WORDS_MAX, "folder= all", false, cli_import},
    {"export", "ADDRESS DIR [--format maildir|mbox]",
	"Export all mail of an account into a new folder", 2, 2,
	"format=", false, cli_export},
    {"backup", "DIR [--keys] [--copy]",
	"Copy everything into a folder; what has not changed is not read again",
	1, 1, "keys copy", false, cli_backup},
    {"check", "[DIR | [--repair] ADDRESS]",
	"Prove a backup, or look whether all accounts, or one, are whole, and\n"
	"      mend those that are not",
	0, 1, "repair", CLI_LATER, cli_check},
    {"migrate",
	"ADDRESS imap://USER@HOST [--pop3 pop3://USER@HOST] [--flags]\n"
	"      [--unverified] [--cleartext]",
	"Copy all mail of an account on another IMAP server; reads the\n"
	"      password there from standard input",
	2, 2, "pop3= flags unverified cleartext", false, cli_migrate},
    {"recover",
	"DIR [--at TIME] [--account ADDRESS [--folder NAME]] [--living DATA]",
	"Make a server, an account or a folder again from a backup", 1, 1,
	"at= account= folder= living=", CLI_LATER, cli_recover},
    {"purge",
	"ADDRESS --folder NAME [--uid UIDS] | --message-id ID | --all | "
	"--removed [--yes]",
	"Erase messages for good, from the past and from every file", 1, 1,
	"folder= uid= message-id= all removed yes", false, cli_purge},
    {"status", "[--space]", "Say whether the server runs, and what it holds", 0,
	0, "space", false, cli_status},
};
const size_t n_cli_rows = ARRAY_LEN(cli_rows);
