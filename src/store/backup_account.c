#include "store/backup_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/snapshot.h"
#include "store/store_int.h"

struct found {
	char *name;
	uint64_t limit, size, ino;
	bool sealed, grows;
};

/* One account while it is copied. */
struct taking {
	struct backup *b;
	struct str name, id; /* id is empty for one in removed/ */
	char data[BACKUP_PATH];
	int dir; /* its folder; with a lease on it (store/lease.h) */
	struct snapshot_row row;
	struct found *found;
	size_t n_found, cap_found;
	const struct manifest_folder *before;
};

void
backup_warn(struct backup *b, const char *fmt, ...)
{
	struct buf text;
	va_list ap;

	if (!b->cfg->host.warn)
		return;
	buf_init(&text, 4096);
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	b->cfg->host.warn(b->cfg->host.ctx, buf_str(&text));
	buf_release(&text);
}

/* --- which files --- */

/*
 * What holds bytes of mail; a file being written bears another ending. A trace
 * of sessions holds some, too, but is no state: nothing needs it back, and a
 * backup would keep for months what an operator wanted for a day.
 */
static bool
has_mail(struct str name)
{
	static const struct str kinds[] = {STR_INIT("pack-"), STR_INIT("keep-"),
	    STR_INIT("large-"), STR_INIT("lost-")};

	if (str_find_str(name, S(".db")) != SIZE_MAX ||
	    str_ends(name, S(".new")))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_starts(name, kinds[i]))
			return true;
	return false;
}

/*
 * Packs up to the applied one, up to the applied offset there; all else that
 * holds bytes of mail. Databases are SQLite's and copied as such; the text
 * index can be made again.
 */
static bool
wanted(struct taking *t, struct found *f, const struct stat *sb)
{
	struct str name = str_from(f->name);
	uint32_t no;
	uint64_t id;

	f->limit = UINT64_MAX;
	f->sealed = (sb->st_mode & 0222) == 0;
	if (!S_ISREG(sb->st_mode) || !manifest_name_ok(name) || !has_mail(name))
		return false;
	if (str_starts(name, S("pack-")) &&
	    str_to_u32(str_from_pos(name, 5), &no)) {
		f->grows = no == t->row.applied_pack;
		if (f->grows)
			f->limit = t->row.applied_offset;
		return no <= t->row.applied_pack;
	}
	/* Linked into the folder whole, and never written again. */
	if (str_starts(name, S("large-")) &&
	    str_to_u64(str_from_pos(name, 6), &id)) {
		f->sealed = true;
		return id < t->row.next_id;
	}
	return true;
}

static enum status
list_files(struct taking *t)
{
	int fd = openat(t->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir)
		return backup_errno();
	while ((e = readdir(dir))) {
		struct found f = {.name = e->d_name};
		struct stat sb;

		if (fstatat(fd, e->d_name, &sb, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !wanted(t, &f, &sb))
			continue;
		f.size = (uint64_t)sb.st_size;
		f.ino = (uint64_t)sb.st_ino;
		if (f.grows && f.size < f.limit)
			backup_warn(t->b,
			    STR_FMT "/%s is shorter than its database says "
				    "(see: mailstead check)",
			    STR_ARG(t->name), f.name);
		if (f.size > f.limit)
			f.size = f.limit;
		f.name = str_dup(str_from(e->d_name));
		*VEC_ADD(t, found) = f;
	}
	closedir(dir);
	return ST_OK;
}

static struct backup_source
source_of(const struct taking *t, const struct found *f)
{
	return (struct backup_source){
	    .from = t->dir,
	    .name = f->name,
	    .limit = f->limit,
	    .sealed = f->sealed,
	    .grows = f->grows,
	};
}

/* --- is it as it was? --- */

static bool
in_place(struct backup *b, struct str place, struct str name, uint64_t size)
{
	char path[BACKUP_PATH];
	struct stat sb;
	int n = snprintf(path, sizeof(path), STR_FMT "/" STR_FMT,
	    STR_ARG(place), STR_ARG(name));

	return n > 0 && n < BACKUP_PATH &&
	    fstatat(b->dir, path, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (uint64_t)sb.st_size >= size;
}

/* Every change has a modseq; what compaction does changes the files. */
static bool
unchanged(struct taking *t)
{
	const struct manifest_folder *was = t->before;

	if (!was || was->modseq != t->row.modseq ||
	    was->history_from != t->row.history_from ||
	    was->applied_pack != t->row.applied_pack ||
	    was->applied_offset != t->row.applied_offset ||
	    was->n_files != t->n_found + 1) /* and the database */
		return false;
	for (size_t i = 0; i < t->n_found; i++) {
		const struct found *f = &t->found[i];
		const struct manifest_file *m =
		    manifest_file(was, str_from(f->name));

		if (!m || m->size != f->size || m->ino != f->ino)
			return false;
	}
	for (size_t i = 0; i < was->n_files; i++)
		if (!in_place(t->b, was->place, was->files[i].name,
			was->files[i].size))
			return false;
	return true;
}

/*
 * The account has been put back to an older state, or is another one: its
 * files are not those that the backup has, although they bear their names.
 */
static bool
diverged(struct taking *t)
{
	for (size_t i = 0; i < t->n_found; i++) {
		struct backup_source src = source_of(t, &t->found[i]);
		const struct manifest_file *m =
		    manifest_file(t->before, str_from(t->found[i].name));

		if (!m ||
		    (m->ino == t->found[i].ino && m->size == t->found[i].size &&
			in_place(t->b, t->before->place, m->name, m->size)))
			continue;
		if (!backup_continues(t->b, &src, t->before->place, m))
			return true;
	}
	return false;
}

/* --- taking it --- */

static enum status
copy_database(struct taking *t, struct snapshot *s, struct manifest_folder *to)
{
	char path[BACKUP_PATH];
	int n;

	n = snprintf(path, sizeof(path), "%s/" STR_FMT "/" STR_FMT,
	    t->b->cfg->dir, STR_ARG(to->place), STR_ARG(to->db));
	if (n <= 0 || n >= BACKUP_PATH)
		return ST_LIMIT;
	return snapshot_copy(s, path);
}

static enum status
take_files(struct taking *t, struct manifest_folder *to)
{
	enum status st =
	    backup_sum(t->b, to->place, arena_z(&t->b->now.arena, to->db), to);

	for (size_t i = 0; i < t->n_found && st == ST_OK; i++) {
		struct backup_source src = source_of(t, &t->found[i]);

		st = backup_file(t->b, &src, to->place,
		    t->before
			? manifest_file(t->before, str_from(t->found[i].name))
			: NULL,
		    to);
	}
	return st;
}

/* Begins the account's entry: where it goes, and its database's name. */
static struct manifest_folder *
entry(struct taking *t)
{
	struct backup *b = t->b;
	struct arena *a = &b->now.arena;
	struct manifest_folder f = {
	    .account = true,
	    .name = t->name,
	    .place = t->name,
	    .db = arena_printf(
		a, "mail-%06llu.db", (unsigned long long)b->now.run),
	    .modseq = t->row.modseq,
	    .history_from = t->row.history_from,
	    .applied_pack = t->row.applied_pack,
	    .applied_offset = t->row.applied_offset,
	};

	if (t->before && !diverged(t)) {
		f.place = t->before->place;
	} else if (t->before) {
		t->before = NULL;
		f.place = arena_printf(a, STR_FMT "-%06llu", STR_ARG(t->name),
		    (unsigned long long)b->now.run);
	}
	return manifest_add_folder(&b->now, &f);
}

static enum status
open_database(struct taking *t, struct snapshot **out)
{
	char path[BACKUP_PATH];
	enum status st;
	int n = snprintf(path, sizeof(path), "%s/mail.db", t->data);

	if (n <= 0 || n >= BACKUP_PATH)
		return ST_LIMIT;
	if ((st = snapshot_open(path, false, out)) != ST_OK)
		return st;
	if ((st = snapshot_row(*out, &t->row)) != ST_OK)
		snapshot_close(out);
	return st;
}

/* The owner holds the account until the database is copied. */
static enum status
take_held(struct taking *t, bool *same_out, struct manifest_folder **to_out)
{
	struct manifest_folder *to;
	struct snapshot *s;
	enum status st;

	if ((st = open_database(t, &s)) != ST_OK)
		return st;
	st = list_files(t);
	*same_out = st == ST_OK && unchanged(t);
	if (st == ST_OK && !*same_out) {
		to = entry(t);
		*to_out = to;
		st = backup_mkdir(t->b, to->place);
		if (st == ST_OK)
			st = snapshot_counts(
			    s, &to->mailboxes, &to->entries, &to->messages);
		if (st == ST_OK)
			st = copy_database(t, s, to);
	}
	snapshot_close(&s);
	return st;
}

static void
drop_last(struct backup *b)
{
	struct manifest_folder *f = &b->now.folders[--b->now.n_folders];

	for (size_t i = 0; i < f->n_files; i++)
		free(f->files[i].pieces);
	free(f->files);
}

static enum status
take(struct taking *t)
{
	struct backup *b = t->b;
	struct manifest_folder *to = NULL;
	bool same = false;
	enum status st = ST_OK;

	/* S10: nothing that the snapshot will name is unlinked. */
	t->dir = open(t->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (t->dir < 0 || flock(t->dir, LOCK_SH) != 0)
		return backup_errno();
	if (t->id.n)
		st = b->cfg->host.hold(b->cfg->host.ctx, t->id);
	if (st != ST_OK)
		return st;
	st = take_held(t, &same, &to);
	if (t->id.n)
		b->cfg->host.release(b->cfg->host.ctx, t->id);
	if (st == ST_OK && same) {
		manifest_copy_folder(&b->now, t->before);
		b->result->unchanged++;
		return ST_OK;
	}
	if (st == ST_OK)
		st = take_files(t, to);
	if (st == ST_OK)
		return backup_note(b, to);
	if (to)
		drop_last(b);
	return st;
}

/* One that cannot be read is kept as it was, and the others go on. */
static enum status
not_taken(struct taking *t, enum status st)
{
	struct backup *b = t->b;
	const struct manifest_folder *was = map_get(&b->known, t->name);

	if (st == ST_NOT_FOUND && access(t->data, F_OK) != 0)
		return ST_OK; /* removed meanwhile */
	if (st == ST_NO_SPACE)
		return backup_failed(b, st, "the copy of", t->name);
	b->result->failed++;
	backup_warn(b, STR_FMT ": %s; %s", STR_ARG(t->name), status_text(st),
	    was ? "its state of the backup before is kept"
		: "it is not in this backup");
	if (was) {
		manifest_copy_folder(&b->now, was);
		b->result->accounts++;
	}
	return ST_OK;
}

enum status
backup_account(struct backup *b, struct str name)
{
	struct taking t = {.b = b, .name = name, .dir = -1};
	enum status st = ST_LIMIT;
	int n;

	if (str_starts(name, S("accounts/")))
		t.id = str_from_pos(name, 12); /* "accounts/ab/" */
	t.before = map_get(&b->known, name);
	n = snprintf(
	    t.data, sizeof(t.data), "%s/" STR_FMT, b->cfg->data, STR_ARG(name));
	if (n > 0 && n < BACKUP_PATH)
		st = take(&t);
	if (st == ST_OK)
		b->result->accounts++;
	else
		st = not_taken(&t, st);
	if (t.dir >= 0)
		close(t.dir);
	for (size_t i = 0; i < t.n_found; i++)
		free(t.found[i].name);
	free(t.found);
	return st;
}
