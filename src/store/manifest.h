/*
 * What a backup folder holds, file by file, with checksums: the file
 * `manifest` in it, and `progress`, the same lines of a backup that has not
 * ended. docs/store-format.md has the form. A file may be longer than the
 * manifest says (a pack that a later, unfinished run appended to): what counts
 * is what the manifest counts.
 */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "base/arena.h"
#include "base/map.h"
#include "store/digest.h"

enum {
	MANIFEST_VERSION = 1,
	MANIFEST_MAX = 1 << 30, /* bytes: about 2 million files */
	MANIFEST_LINE = 256 * 1024,
};

/* A run of bytes with its checksum; those of a file follow each other. */
struct piece {
	uint64_t n;
	unsigned char sum[DIGEST_BYTES];
};

struct manifest_file {
	struct str name; /* in its folder */
	uint64_t size;   /* of all pieces */
	/* Of the source, to see that it has not changed since. */
	uint64_t ino;
	int64_t mtime; /* ns */
	struct piece *pieces;
	size_t n_pieces, cap_pieces;
};

/*
 * A folder: of an account, or (name "") what stands in DATA itself. `name` is
 * its path in DATA, `place` in the backup. An account's database is the file
 * `db` in it, which recover calls mail.db.
 */
struct manifest_folder {
	struct str name, place, db;
	bool account;
	uint64_t modseq, history_from, applied_offset;
	uint32_t applied_pack;
	uint64_t mailboxes, entries, messages; /* rows of the database */
	struct manifest_file *files;
	size_t n_files, cap_files;
};

struct manifest {
	uint64_t run; /* one more with each */
	uint64_t epoch;
	int64_t began_ms, ended_ms;
	struct str version; /* of the program */
	struct manifest_folder *folders;
	size_t n_folders, cap_folders;
	struct arena arena; /* all strs */
	int lock;           /* of manifest_open(); else -1 */
};

void manifest_init(struct manifest *m);
void manifest_release(struct manifest *m);
/* The strs are copied into the arena. */
struct manifest_folder *manifest_add_folder(
    struct manifest *m, const struct manifest_folder *f);
struct manifest_file *manifest_add_file(
    struct manifest *m, struct manifest_folder *to, struct str name);
/* With all files. */
void manifest_copy_folder(
    struct manifest *m, const struct manifest_folder *from);
struct manifest_folder *manifest_find(
    const struct manifest *m, struct str name);
struct manifest_file *manifest_file(
    const struct manifest_folder *f, struct str name);

/* Can it stand in a manifest? Letters, digits and "._-" only, no dot first. */
bool manifest_name_ok(struct str name);

/* A file of a backup that is read as a whole. */
enum status manifest_text(
    int dir, const char *name, struct buf *out) MUST_CHECK;
void manifest_write(const struct manifest *m, struct buf *out);
/* ST_CORRUPT; ST_TOO_NEW. */
enum status manifest_read(struct str text, struct manifest *out) MUST_CHECK;

/*
 * Opens a backup to read it; a shared lock keeps runs away until *fd_out is
 * closed. When not ST_OK, `why` has a sentence.
 */
enum status manifest_open(const char *dir, int *fd_out, struct manifest *out,
    struct buf *why) MUST_CHECK;

/* A folder's lines, with a check for themselves. */
void progress_write(const struct manifest_folder *f, struct buf *out);
/* Adds what is whole; stops at what is torn. Later folders take the place of
 * those with the same name. */
void progress_read(struct str text, struct manifest *into);

#endif
