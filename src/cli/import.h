/*
 * Messages on their way into an account: read from the caller's files, and
 * posted to the account's owner without waiting for each (target_post).
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include <dirent.h>
#include <sodium.h>

#include "base/map.h"
#include "cli/mail.h"
#include "store/incoming.h"

enum {
	IMPORT_CHUNK = 64 * 1024,
	IMPORT_HEADER = 256 * 1024,          /* looked at for dates and flags */
	IMPORT_MESSAGE = 1024 * 1024 * 1024, /* bytes of one message */
	IMPORT_HASH = 32,
	IMPORT_DEPTH = 32,         /* folders in folders */
	IMPORT_LINE = 1024 * 1024, /* of an mbox, looked at as a whole */
};

/* A folder that messages go to, with what it held before. */
struct import_folder {
	uint64_t id;
	struct known *known; /* import_known.c */
	size_t n_known, cap_known;
};

struct import {
	struct cli *c;
	struct mail mail;
	struct map folders; /* name -> struct import_folder */
	bool all;           /* --all: also what is there already */
	bool listed;        /* folders are told by the list of an export */
	bool unsubscribed;  /* those that are made now */
	bool again;         /* also what the account knows by its EMAILID */
	uint64_t posted, done, skipped;
	enum status failed; /* the first failure */
	struct buf why;     /* in words */
	/* The message that is being read: */
	struct incoming *in;
	struct buf header; /* its first bytes */
	bool after_cr;
	uint64_t size;
	crypto_generichash_state hash;
};

struct import_facts {
	unsigned bits; /* enum flag_bits */
	const struct str *keywords;
	size_t n_keywords;
	bool dated;
	int64_t date_ms;
	int32_t zone;
	/* Of a message that was elsewhere (store/incoming.h), or NULL, "". */
	const unsigned char *emailid;
	struct str uidl;
};

/* Notes the first reason in `failed` and `why`; gives st. */
enum status import_fail(struct import *im, enum status st, const char *fmt, ...)
    PRINTF(3, 4);

/* The folder is made when it is missing. Names are UTF-8. */
enum status import_folder(
    struct import *im, struct str name, struct import_folder **out) MUST_CHECK;
void import_folders_release(struct import *im);

/* Fills f->known; afterwards: is the message just read one of them? */
enum status import_known_load(
    struct import *im, struct import_folder *f) MUST_CHECK;
enum status import_known_take(
    struct import *im, struct import_folder *f, bool *is_out) MUST_CHECK;

/* A message: start, bytes in any pieces (LF becomes CRLF, V8), finish. */
enum status import_start(struct import *im) MUST_CHECK;
enum status import_feed(struct import *im, struct str bytes) MUST_CHECK;
enum status import_finish(struct import *im, struct import_folder *folder,
    const struct import_facts *facts) MUST_CHECK;

/* The value of a header field of the message being read; "" if none. */
struct str import_field(const struct import *im, const char *name);
/* By the Date field, or the time given. */
void import_date(
    const struct import *im, int64_t otherwise_ms, struct import_facts *facts);

/* Files are the caller's (target_as_caller). -1, NULL: errno. */
int import_open(struct import *im, const char *path);
DIR *import_opendir(struct import *im, const char *path);
/* What a folder holds, sorted by name, without ".*"; in the arena. */
enum status import_names(struct import *im, const char *path, struct arena *a,
    struct str **out, size_t *n_out) MUST_CHECK;

/* The forms: of one message, of many, of a Maildir with what is below it. */
enum status import_eml(struct import *im, const char *path, int fd,
    struct import_folder *folder) MUST_CHECK;
enum status import_mbox(struct import *im, const char *path, int fd,
    struct import_folder *folder) MUST_CHECK;
enum status import_maildir(
    struct import *im, const char *path, struct str folder) MUST_CHECK;
bool import_is_maildir(struct import *im, const char *path);

/* The flags in ":2,FRS" at the end of a Maildir file's name. */
void import_maildir_flags(struct str name, const struct str *letters,
    struct arena *a, struct import_facts *facts);
/* "From anna Mon Jan  1 12:00:00 2024" */
bool import_from_line(struct str line, struct import_facts *facts);

#endif
