/* A backup: every byte against its checksum, then each account in it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "store/manifest.h"
#include "store/pack_int.h"
#include "store/proof_int.h"
#include "store/snapshot.h"
#include "store/store_int.h"

enum { CHUNK = 1024 * 1024 };

struct backup_proof {
	struct proof p;
	const char *dir;
	int fd;
	struct manifest m;
	struct store *store;
	char *chunk;
};

static void
check_piece(struct backup_proof *b, int fd, const struct manifest_file *f,
    const struct piece *piece, uint64_t at)
{
	unsigned char sum[DIGEST_BYTES];
	uint64_t left = piece->n, from = at;
	struct digest d;

	digest_begin(&d);
	while (left) {
		size_t want = left < CHUNK ? (size_t)left : CHUNK;
		ssize_t k = pread(fd, b->chunk, want, (off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) /* an error of the disk counts as a wrong byte */
			break;
		digest_add(&d, str_of(b->chunk, (size_t)k));
		at += (uint64_t)k;
		left -= (uint64_t)k;
		proof_step(&b->p, (uint64_t)k);
	}
	digest_end(&d, sum);
	if (left || memcmp(sum, piece->sum, DIGEST_BYTES) != 0)
		proof_found(&b->p, STR_FMT ": bytes %llu to %llu are damaged",
		    STR_ARG(f->name), (unsigned long long)from,
		    (unsigned long long)(from + piece->n));
}

static void
check_file(struct backup_proof *b, const struct manifest_folder *folder,
    const struct manifest_file *f)
{
	struct buf path;
	struct stat sb;
	uint64_t at = 0;
	int fd;

	buf_init(&path, 4096);
	buf_addf(&path, STR_FMT "/" STR_FMT, STR_ARG(folder->place),
	    STR_ARG(f->name));
	fd = openat(b->fd, path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	buf_release(&path);
	b->p.result->files++;
	if (fd < 0 || fstat(fd, &sb) != 0) {
		proof_found(&b->p, STR_FMT " is missing: %s", STR_ARG(f->name),
		    strerror(errno));
	} else if ((uint64_t)sb.st_size < f->size ||
	    ((uint64_t)sb.st_size > f->size && str_ends(f->name, S(".db")))) {
		/* A pack may have been appended to by an unfinished run. */
		proof_found(&b->p, STR_FMT " has %llu bytes, not %llu",
		    STR_ARG(f->name), (unsigned long long)sb.st_size,
		    (unsigned long long)f->size);
	} else {
		for (size_t i = 0; i < f->n_pieces; i++) {
			check_piece(b, fd, f, &f->pieces[i], at);
			at += f->pieces[i].n;
		}
		b->p.result->bytes += f->size;
	}
	if (fd >= 0)
		close(fd);
}

static void
compare(struct backup_proof *b, const char *what, uint64_t said, uint64_t is)
{
	if (said != is)
		proof_found(&b->p, "%llu %s, but the manifest says %llu",
		    (unsigned long long)is, what, (unsigned long long)said);
}

static void
check_account(struct backup_proof *b, const struct manifest_folder *f)
{
	struct proof_result before = *b->p.result;
	struct account *a;
	struct buf dir;
	char *db = str_dup(f->db);
	enum status st;

	buf_init(&dir, 4096);
	buf_addf(&dir, "%s/" STR_FMT, b->dir, STR_ARG(f->place));
	st = account_open_still(b->store, dir.p, db, true, &a);
	if (st == ST_OK) {
		const struct proof_result *now = b->p.result;

		proof_open_account(&b->p, a);
		compare(b, "mailboxes", f->mailboxes,
		    now->mailboxes - before.mailboxes);
		compare(
		    b, "entries", f->entries, now->entries - before.entries);
		compare(b, "messages", f->messages,
		    now->messages - before.messages);
		if (a->modseq != f->modseq)
			compare(b, "is the modseq", f->modseq, a->modseq);
		account_close(&a);
	} else if (st == ST_READONLY) {
		if (b->p.host->note)
			b->p.host->note(b->p.host->ctx, f->name,
			    S("written by an older program: only its "
			      "checksums were looked at"));
		b->p.result->accounts++;
	} else {
		proof_found(&b->p, STR_FMT " cannot be opened: %s",
		    STR_ARG(f->db), status_text(st));
	}
	buf_release(&dir);
	free(db);
}

static void
check_server(struct backup_proof *b, const struct manifest_folder *f)
{
	for (size_t i = 0; i < f->n_files; i++) {
		struct snapshot *s;
		struct buf path;

		if (!str_ends(f->files[i].name, S(".db")))
			continue;
		buf_init(&path, 4096);
		buf_addf(&path, "%s/" STR_FMT "/" STR_FMT, b->dir,
		    STR_ARG(f->place), STR_ARG(f->files[i].name));
		if (snapshot_open(path.p, true, &s) == ST_OK) {
			struct buf found;

			buf_init(&found, 8192);
			if (snapshot_check(s, &found) != ST_OK)
				proof_found(&b->p, STR_FMT ": " STR_FMT,
				    STR_ARG(f->files[i].name),
				    STR_ARG(str_trim(buf_str(&found))));
			buf_release(&found);
			snapshot_close(&s);
		} else {
			proof_found(&b->p, STR_FMT " cannot be opened",
			    STR_ARG(f->files[i].name));
		}
		buf_release(&path);
	}
}

static void
check_all(struct backup_proof *b)
{
	const struct manifest *m = &b->m;

	for (size_t i = 0; i < m->n_folders; i++)
		for (size_t k = 0; k < m->folders[i].n_files; k++)
			b->p.all += 2 * m->folders[i].files[k].size;
	for (size_t i = 0; i < m->n_folders; i++) {
		const struct manifest_folder *f = &m->folders[i];

		b->p.where = f->name.n ? f->name : f->place;
		for (size_t k = 0; k < f->n_files; k++)
			check_file(b, f, &f->files[k]);
		if (f->account)
			check_account(b, f);
		else
			check_server(b, f);
	}
}

enum status
proof_backup(const char *dir, const struct proof_host *host,
    struct proof_result *out, struct buf *why)
{
	struct backup_proof b = {
	    .p = {.host = host, .result = out}, .dir = dir};
	struct store_config cfg = {.root = str_from(dir),
	    .clock = &clock_system,
	    .random = &random_system,
	    .read_only = true};
	enum status st = manifest_open(dir, &b.fd, &b.m, why);

	*out = (struct proof_result){0};
	if (st != ST_OK)
		return st;
	if ((st = store_open(&cfg, &b.store)) == ST_OK) {
		b.chunk = mem_alloc(CHUNK);
		check_all(&b);
		free(b.chunk);
		store_close(&b.store);
	} else {
		buf_addz(why, status_text(st));
	}
	manifest_release(&b.m);
	close(b.fd);
	return st;
}
