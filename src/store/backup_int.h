/*
 * One run of a backup, shared by backup*.c:
 *
 *	backup.c          the run: its folder, which accounts, the end
 *	backup_said.c     manifest and progress: what a backup says of itself
 *	backup_server.c   what stands in DATA itself
 *	backup_account.c  one account
 *	backup_file.c     one file: linked, cloned or copied, and summed
 *	backup_tidy.c     what no manifest names any more
 */
#ifndef STORE_BACKUP_INT_H
#define STORE_BACKUP_INT_H

#include "store/backup.h"
#include "store/manifest.h"

enum {
	BACKUP_PATH = 4096,
	BACKUP_CHUNK = 1024 * 1024,
	BACKUP_PIECE = 64 * 1024 * 1024, /* of a file: then a new one begins */
	/* A last piece shorter than this is summed again with what follows. */
	BACKUP_PIECE_LEAST = 1024 * 1024,
	BACKUP_FLUSH = 256 * 1024 * 1024, /* bytes, or */
	BACKUP_FLUSH_MS = 5000,           /* then the progress is kept */
	/* More than so many files: all of the file system is synced at once,
	 * what others have written there, too. */
	BACKUP_SYNC_EACH = 64,
};

struct backup {
	const struct backup_config *cfg;
	struct backup_result *result;
	struct backup_progress progress;
	int dir; /* the backup */
	int lock;
	int journal; /* `progress` */
	bool bare;   /* nothing from before */
	struct manifest before, now;
	struct map known;   /* name -> folder of `before` */
	struct buf pending; /* progress lines that are not on the disk */
	uint64_t unflushed;
	char *written[BACKUP_SYNC_EACH]; /* files that are not synced */
	size_t n_written;                /* may be more than fit there */
	int64_t flushed_at;
	char *chunk;
	struct buf *why;
};

/* A file to take: `name` in the folder `from`, `limit` bytes at most. */
struct backup_source {
	int from;
	const char *name;
	uint64_t limit;
	bool sealed; /* nobody writes it any more: it may be linked */
	bool grows;  /* what is before the limit never changes */
};

/*
 * Into the folder at `place`; `before` is the entry of the run before, of the
 * same folder, or NULL. Adds to `to`.
 */
enum status backup_file(struct backup *b, const struct backup_source *src,
    struct str place, const struct manifest_file *before,
    struct manifest_folder *to) MUST_CHECK;
/* A file that stands in the backup already: sums it. */
enum status backup_sum(struct backup *b, struct str place, const char *name,
    struct manifest_folder *to) MUST_CHECK;
/* Is it the same file, and grown at most? */
bool backup_continues(struct backup *b, const struct backup_source *src,
    struct str place, const struct manifest_file *before);

/* backup_said.c */
enum status backup_read_before(struct backup *b) MUST_CHECK;
enum status backup_begin_progress(struct backup *b) MUST_CHECK;
/* A file of the backup has been written, or linked. */
void backup_wrote(struct backup *b, struct str place, const char *name);
/* Keeps `f` for a later run, should this one be killed. */
enum status backup_note(
    struct backup *b, const struct manifest_folder *f) MUST_CHECK;
/* All that was copied is on the disk before a line speaks of it. */
enum status backup_flush(struct backup *b);
enum status backup_write_manifest(struct backup *b) MUST_CHECK;

enum status backup_server(struct backup *b) MUST_CHECK;
/* With the new manifest in place; the progress goes, too. */
void backup_tidy(struct backup *b);

/* `name`: "accounts/ab/<id>" or "removed/..." */
enum status backup_account(struct backup *b, struct str name) MUST_CHECK;

/* Makes the folder and those above it. */
enum status backup_mkdir(struct backup *b, struct str place) MUST_CHECK;
void backup_warn(struct backup *b, const char *fmt, ...) PRINTF(2, 3);
enum status backup_failed(struct backup *b, enum status st, const char *what,
    struct str which); /* says why; gives st */
enum status backup_errno(void);

#endif
