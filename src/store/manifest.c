#include "store/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/pack_int.h"

void
manifest_init(struct manifest *m)
{
	*m = (struct manifest){.arena = ARENA_INIT, .lock = -1};
}

static void
folder_release(struct manifest_folder *f)
{
	for (size_t i = 0; i < f->n_files; i++)
		free(f->files[i].pieces);
	free(f->files);
}

void
manifest_release(struct manifest *m)
{
	for (size_t i = 0; i < m->n_folders; i++)
		folder_release(&m->folders[i]);
	free(m->folders);
	arena_release(&m->arena);
	if (m->lock >= 0)
		close(m->lock);
	manifest_init(m);
}

struct manifest_folder *
manifest_add_folder(struct manifest *m, const struct manifest_folder *f)
{
	struct manifest_folder *n = VEC_ADD(m, folders);

	*n = *f;
	n->name = arena_str(&m->arena, f->name);
	n->place = arena_str(&m->arena, f->place);
	n->db = arena_str(&m->arena, f->db);
	n->files = NULL;
	n->n_files = n->cap_files = 0;
	return n;
}

struct manifest_file *
manifest_add_file(
    struct manifest *m, struct manifest_folder *to, struct str name)
{
	struct manifest_file *f = VEC_ADD(to, files);

	f->name = arena_str(&m->arena, name);
	return f;
}

void
manifest_copy_folder(struct manifest *m, const struct manifest_folder *from)
{
	struct manifest_folder *to = manifest_add_folder(m, from);

	for (size_t i = 0; i < from->n_files; i++) {
		const struct manifest_file *f = &from->files[i];
		struct manifest_file *n = manifest_add_file(m, to, f->name);

		n->size = f->size;
		n->ino = f->ino;
		n->mtime = f->mtime;
		for (size_t k = 0; k < f->n_pieces; k++)
			*VEC_ADD(n, pieces) = f->pieces[k];
	}
}

struct manifest_folder *
manifest_find(const struct manifest *m, struct str name)
{
	for (size_t i = 0; i < m->n_folders; i++)
		if (str_eq(m->folders[i].name, name))
			return &m->folders[i];
	return NULL;
}

struct manifest_file *
manifest_file(const struct manifest_folder *f, struct str name)
{
	for (size_t i = 0; i < f->n_files; i++)
		if (str_eq(f->files[i].name, name))
			return &f->files[i];
	return NULL;
}

bool
manifest_name_ok(struct str name)
{
	if (name.n == 0 || name.p[0] == '.' || name.n > 255)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

/* "accounts/ab/abcd": names with slashes between; "-" is the empty one. */
static bool
path_ok(struct str path)
{
	while (path.n)
		if (!manifest_name_ok(str_cut(&path, '/')))
			return false;
	return true;
}

/* --- writing --- */

static void
put_path(struct str path, struct buf *out)
{
	buf_adds(out, path.n ? path : S("-"));
}

static void
put_number(uint64_t v, struct buf *out)
{
	buf_addc(out, ' ');
	buf_addu(out, v);
}

static void
put_file(const struct manifest_file *f, struct buf *out)
{
	buf_addz(out, "file ");
	buf_adds(out, f->name);
	put_number(f->size, out);
	put_number(f->ino, out);
	put_number((uint64_t)f->mtime, out);
	for (size_t i = 0; i < f->n_pieces; i++) {
		put_number(f->pieces[i].n, out);
		buf_addc(out, ':');
		digest_write(f->pieces[i].sum, out);
	}
	buf_addc(out, '\n');
}

static void
put_folder(const struct manifest_folder *f, struct buf *out)
{
	buf_addz(out, f->account ? "account " : "folder ");
	put_path(f->name, out);
	buf_addc(out, ' ');
	put_path(f->place, out);
	if (f->account) {
		buf_addc(out, ' ');
		put_path(f->db, out);
		put_number(f->modseq, out);
		put_number(f->history_from, out);
		put_number(f->applied_pack, out);
		put_number(f->applied_offset, out);
		put_number(f->mailboxes, out);
		put_number(f->entries, out);
		put_number(f->messages, out);
	}
	buf_addc(out, '\n');
	for (size_t i = 0; i < f->n_files; i++)
		put_file(&f->files[i], out);
}

/* "end" and the sum of all bytes of `out` from `from` on. */
static void
put_end(struct buf *out, size_t from)
{
	unsigned char sum[DIGEST_BYTES];
	struct digest d;

	digest_begin(&d);
	digest_add(&d, str_from_pos(buf_str(out), from));
	digest_end(&d, sum);
	buf_addz(out, "end ");
	digest_write(sum, out);
	buf_addc(out, '\n');
}

void
manifest_write(const struct manifest *m, struct buf *out)
{
	size_t from = out->n;

	buf_addf(out, "mailstead-backup %d " STR_FMT "\n", MANIFEST_VERSION,
	    STR_ARG(m->version));
	buf_addz(out, "run");
	put_number(m->run, out);
	put_number(m->epoch, out);
	put_number((uint64_t)m->began_ms, out);
	put_number((uint64_t)m->ended_ms, out);
	buf_addc(out, '\n');
	for (size_t i = 0; i < m->n_folders; i++)
		put_folder(&m->folders[i], out);
	put_end(out, from);
}

void
progress_write(const struct manifest_folder *f, struct buf *out)
{
	size_t from = out->n;

	put_folder(f, out);
	put_end(out, from);
}

/* --- reading --- */

struct reader {
	struct manifest *m;
	struct manifest_folder *folder;
	struct str line; /* what is left of it */
	bool bad;
};

static struct str
get_path(struct reader *r)
{
	struct str s = str_cut(&r->line, ' ');

	if (str_eq(s, S("-")))
		return S("");
	if (s.n == 0 || !path_ok(s))
		r->bad = true;
	return s;
}

static uint64_t
get_number(struct reader *r)
{
	uint64_t v = 0;

	if (!str_to_u64(str_cut(&r->line, ' '), &v))
		r->bad = true;
	return v;
}

static void
get_folder(struct reader *r, bool account)
{
	struct manifest_folder f = {.account = account, .db = S("")};

	f.name = get_path(r);
	f.place = get_path(r);
	if (account) {
		f.db = get_path(r);
		f.modseq = get_number(r);
		f.history_from = get_number(r);
		f.applied_pack = (uint32_t)get_number(r);
		f.applied_offset = get_number(r);
		f.mailboxes = get_number(r);
		f.entries = get_number(r);
		f.messages = get_number(r);
	}
	if (!r->bad)
		r->folder = manifest_add_folder(r->m, &f);
}

static void
get_file(struct reader *r)
{
	struct manifest_file f = {.name = str_cut(&r->line, ' ')}, *to;
	uint64_t sum = 0;

	f.size = get_number(r);
	f.ino = get_number(r);
	f.mtime = (int64_t)get_number(r);
	if (r->bad || !r->folder || !manifest_name_ok(f.name)) {
		r->bad = true;
		return;
	}
	to = manifest_add_file(r->m, r->folder, f.name);
	to->size = f.size;
	to->ino = f.ino;
	to->mtime = f.mtime;
	while (r->line.n && !r->bad) {
		struct str hex = str_cut(&r->line, ' '), n = str_cut(&hex, ':');
		struct piece p = {0};

		r->bad = !str_to_u64(n, &p.n) || !digest_read(hex, p.sum) ||
		    p.n > UINT64_MAX - sum;
		sum += p.n;
		*VEC_ADD(to, pieces) = p;
	}
	r->bad = r->bad || sum != f.size;
}

static void
get_line(struct reader *r)
{
	struct str what = str_cut(&r->line, ' ');

	if (str_eq(what, S("account")) || str_eq(what, S("folder")))
		get_folder(r, what.p[0] == 'a');
	else if (str_eq(what, S("file")))
		get_file(r);
	else
		r->bad = true;
}

/*
 * The lines up to "end", which are cut off *text, when their sum is right. An
 * empty str: they are torn.
 */
static struct str
whole(struct str *text)
{
	unsigned char said[DIGEST_BYTES], sum[DIGEST_BYTES];
	struct str rest = *text, lines, line;
	struct digest d;

	while (rest.n) {
		lines = str_first(*text, text->n - rest.n);
		line = str_cut(&rest, '\n');
		if (!str_starts(line, S("end ")))
			continue;
		digest_begin(&d);
		digest_add(&d, lines);
		digest_end(&d, sum);
		if (!digest_read(str_from_pos(line, 4), said) ||
		    memcmp(said, sum, DIGEST_BYTES) != 0)
			break;
		*text = rest;
		return lines;
	}
	return S("");
}

static enum status
read_head(struct str *lines, struct manifest *m)
{
	struct str line = str_cut(lines, '\n');
	struct reader r = {.m = m};
	uint32_t version;

	if (!str_eq(str_cut(&line, ' '), S("mailstead-backup")) ||
	    !str_to_u32(str_cut(&line, ' '), &version))
		return ST_CORRUPT;
	if (version > MANIFEST_VERSION)
		return ST_TOO_NEW;
	m->version = arena_str(&m->arena, line);
	r.line = str_cut(lines, '\n');
	if (!str_eq(str_cut(&r.line, ' '), S("run")))
		return ST_CORRUPT;
	m->run = get_number(&r);
	m->epoch = get_number(&r);
	m->began_ms = (int64_t)get_number(&r);
	m->ended_ms = (int64_t)get_number(&r);
	return r.bad ? ST_CORRUPT : ST_OK;
}

enum status
manifest_read(struct str text, struct manifest *out)
{
	struct str lines = whole(&text);
	struct reader r = {.m = out};
	enum status st;

	manifest_init(out);
	st = read_head(&lines, out);
	while (st == ST_OK && lines.n && !r.bad) {
		r.line = str_cut(&lines, '\n');
		get_line(&r);
	}
	if (st == ST_OK && (r.bad || text.n))
		st = ST_CORRUPT;
	if (st != ST_OK)
		manifest_release(out);
	return st;
}

/* The newest word on a folder is the last one. */
static void
forget(struct manifest *m, struct str name)
{
	for (size_t i = 0; i + 1 < m->n_folders; i++)
		if (str_eq(m->folders[i].name, name)) {
			folder_release(&m->folders[i]);
			m->folders[i] = m->folders[--m->n_folders];
			return;
		}
}

void
progress_read(struct str text, struct manifest *into)
{
	struct str lines;

	while ((lines = whole(&text)).n) {
		struct reader r = {.m = into};

		while (lines.n && !r.bad) {
			r.line = str_cut(&lines, '\n');
			get_line(&r);
		}
		if (r.folder && !r.bad)
			forget(into, r.folder->name);
	}
}

/* --- a backup as a whole --- */

enum status
manifest_text(int dir, const char *name, struct buf *out)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum status st = ST_IO;
	struct stat sb;

	if (fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (fstat(fd, &sb) == 0)
		st = pack_pread(fd, 0, (size_t)sb.st_size, out);
	close(fd);
	return st;
}

static enum status
read_manifest(int dir, struct manifest *out)
{
	struct buf text;
	enum status st;

	buf_init(&text, MANIFEST_MAX);
	st = manifest_text(dir, "manifest", &text);
	if (st == ST_OK)
		st = manifest_read(buf_str(&text), out);
	buf_release(&text);
	return st;
}

enum status
manifest_open(
    const char *dir, int *fd_out, struct manifest *out, struct buf *why)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), lock;
	enum status st;

	if (fd < 0) {
		buf_addf(why, "%s: %s", dir, strerror(errno));
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	}
	/* On a read-only file system nobody can be making one. */
	lock = openat(fd, "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0) {
		buf_addf(why, "%s: a backup is being made there", dir);
		close(lock);
		close(fd);
		return ST_BUSY;
	}
	st = read_manifest(fd, out);
	if (st == ST_OK) {
		out->lock = lock;
		*fd_out = fd;
		return ST_OK;
	}
	buf_addf(why, "%s: %s", dir,
	    st == ST_NOT_FOUND     ? "there is no backup, or no whole one"
		: st == ST_CORRUPT ? "the manifest is damaged"
		: st == ST_TOO_NEW ? "made by a newer version of this program"
				   : status_text(st));
	if (lock >= 0)
		close(lock);
	close(fd);
	return st;
}
