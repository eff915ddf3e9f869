/*
 * Messages on their way out: one folder after the other, read in pages from
 * the account's owner, written as Maildir or mbox into a folder of the
 * caller's.
 */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cli/mail.h"

struct export
{
	struct cli *c;
	struct mail mail;
	const char *dir;
	bool mbox;
	uint64_t done;
	struct buf why; /* the first failure in words */
	/* Of the folder that is being written: */
	const char *path;
	int fd;              /* the mbox */
	struct str *letters; /* Maildir: keywords by letter */
	size_t n_letters;
};

enum { EXPORT_LETTERS = 26, EXPORT_LINE = 1024 * 1024 };

enum status export_fail(struct export *ex, enum status st, const char *fmt, ...)
    PRINTF(3, 4);

/* One part of the message's bytes after the other, to `write`. */
enum status export_read(struct export *ex, const struct mail_entry *e,
    enum status (*write)(void *ctx, struct str bytes), void *ctx) MUST_CHECK;
/* Whole, at the descriptor. */
enum status export_write(
    struct export *ex, int fd, struct str bytes) MUST_CHECK;

/* A folder below ex->dir as a path: levels are folders, odd names are bent. */
const char *export_path(struct export *ex, struct str name, const char *end);
enum status export_mkdirs(struct export *ex, const char *path) MUST_CHECK;

enum status export_maildir(
    struct export *ex, const struct mail_entry *e) MUST_CHECK;
enum status export_maildir_begin(struct export *ex, struct str name) MUST_CHECK;
enum status export_maildir_end(struct export *ex) MUST_CHECK;

enum status export_mbox(
    struct export *ex, const struct mail_entry *e) MUST_CHECK;
enum status export_mbox_begin(struct export *ex, struct str name) MUST_CHECK;
enum status export_mbox_end(struct export *ex) MUST_CHECK;

#endif
