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
	" [--pop3 on|off]",
	"Change an account", 1, 1,
	"quota= alias= no-alias= member= no-member= imap= pop3=", false,
	cli_account_set},
    {"account remove", "ADDRESS",
	"Remove an account; its mail is kept in removed/ for a while", 1, 1, "",
	false, cli_account_remove},

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

    {"import", "ADDRESS [--folder NAME] [--all] PATH...",
	"Import mbox files, Maildirs, .eml files and folders of them;\n"
	"      - reads one message from standard input",
	2, CLI_WORDS_MAX, "folder= all", false, cli_import},
    {"export", "ADDRESS DIR [--format maildir|mbox]",
	"Export all mail of an account into a new folder", 2, 2,
	"format=", false, cli_export},
    {"status", "", "Say whether the server runs, and what it holds", 0, 0, "",
	false, cli_status},
};
const size_t n_cli_rows = ARRAY_LEN(cli_rows);
