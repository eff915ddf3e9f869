/*
 * A migration: folders and messages of another IMAP server into an account.
 *
 * A message gets an EMAILID that is made of what it is called there (user,
 * folder, UIDVALIDITY, UID). So a second run, or one that goes on after a
 * kill, knows what is there by asking for the EMAILIDs, those of messages
 * deleted here meanwhile too; no list of what has been done is kept.
 */
#ifndef CLI_MIGRATE_H
#define CLI_MIGRATE_H

#include "base/uidset.h"
#include "cli/imap_client.h"
#include "cli/import.h"
#include "cli/uidls.h"

enum {
	MIGRATE_BATCH = 200, /* messages asked for by one command */
	MIGRATE_TRIES = 5,   /* connections in a row that brought nothing */
};

/* A message that is here already; for --flags. */
struct migrate_entry {
	uint64_t mailbox;
	uint32_t uid;
	struct str flags;
};

struct migration {
	struct cli *c;
	struct import im;
	struct mail_server imap, pop3;
	struct imap_client *client;
	struct uidls *uidls; /* NULL: no POP3 server was named */
	bool with_flags;

	struct map known;   /* EMAILID -> non-NULL */
	struct map entries; /* EMAILID as text -> struct migrate_entry */
	struct imap_folder *folders;
	size_t n_folders;
	struct str *names; /* what each is called here */

	/* The folder at hand. */
	const struct imap_folder *folder;
	struct imap_examined examined;
	struct import_folder *target;
	struct uidset wanted;
	bool progress; /* something came since the last connection */

	uint64_t already, flagged, unreadable, without_uidl;
	struct buf lost; /* "INBOX 7,9; ..." */
};

/* migrate_names.c: where each folder goes, into m->names. */
enum status migrate_names(struct migration *m) MUST_CHECK;

/* migrate_folder.c: copies what is missing of one folder. ST_CLOSED: the
 * connection broke; do it again. */
enum status migrate_folder(struct migration *m, const struct imap_folder *f,
    struct str name) MUST_CHECK;

#endif
