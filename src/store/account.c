#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "store/columns.h"
#include "store/db_int.h"
#include "store/flagset.h"
#include "store/pack.h"
#include "store/recover_int.h"
#include "store/store_int.h"
#include "store/text_index_int.h"

static void
free_str(struct str s)
{
	free((char *)(uintptr_t)s.p);
}

struct str
account_id(const struct account *a)
{
	return a->id;
}

int
account_open_file(const struct account *a, const char *name, int flags)
{
	return openat(a->dir_fd, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int
account_trace(struct account *a, const char *name)
{
	return account_open_file(
	    a, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
}

void
mbox_enter(struct account *a, struct mbox *b)
{
	map_set_u64(&a->boxes, b->pub.id, b);
	map_set(&a->by_name, b->pub.name, b);
	a->list_old = true;
}

static void
mbox_free(struct mbox *b)
{
	columns_unref(&b->columns);
	for (size_t i = 0; i < b->n_keywords; i++)
		free_str(b->keywords[i]);
	free(b->keywords);
	free_str(b->pub.name);
	free(b);
}

void
mbox_leave(struct account *a, struct mbox *b)
{
	map_remove_u64(&a->boxes, b->pub.id);
	if (map_get(&a->by_name, b->pub.name) == b)
		map_remove(&a->by_name, b->pub.name);
	a->list_old = true;
	mbox_free(b);
}

struct mbox *
mbox_get(const struct account *a, uint64_t mailbox)
{
	return map_get_u64(&a->boxes, mailbox);
}

enum status
mbox_columns(struct account *a, uint64_t mailbox, struct mbox **out)
{
	struct mbox *b = mbox_get(a, mailbox);
	struct columns *c;
	enum status st;

	if (!b)
		return ST_NOT_FOUND;
	if (!b->columns) {
		c = columns_new();
		if ((st = db_load_columns(a, mailbox, c)) != ST_OK) {
			columns_unref(&c);
			return st;
		}
		b->columns = c;
	}
	*out = b;
	return ST_OK;
}

/* RFC 4648 base32 in lower case, without padding: 16 bytes, 26 characters.
 * Eight digits at once: 40 bits spread over eight bytes, each then made
 * 'a' + digit, or '2' + digit - 26. */
static uint64_t
base32_of(uint64_t v)
{
	uint64_t big;

	v = (v << 12 & 0x000fffff00000000) | (v & 0xfffff);
	v = (v << 6 & 0x03ff000003ff0000) | (v & 0x000003ff000003ff);
	v = (v << 3 & 0x1f001f001f001f00) | (v & 0x001f001f001f001f);
	big = (v + 0x6666666666666666) >> 7 & 0x0101010101010101;
	return htobe64(v + 0x6161616161616161 - big * ('a' - '2' + 26));
}

/* The first byte of the text is the highest of the number. */
static uint64_t
five_bytes(const unsigned char *p)
{
	return (uint64_t)p[0] << 32 | (uint64_t)p[1] << 24 |
	    (uint64_t)p[2] << 16 | (uint64_t)p[3] << 8 | p[4];
}

void
id_text(char letter, const unsigned char id[ID_BYTES], char out[33])
{
	uint64_t digits;

	out[0] = letter;
	for (size_t i = 0; i < 3; i++) {
		digits = base32_of(five_bytes(id + 5 * i));
		memcpy(out + 1 + 8 * i, &digits, 8);
	}
	/* The sixteenth byte: two digits and zero bits. */
	digits = base32_of((uint64_t)id[ID_BYTES - 1] << 32);
	memcpy(out + 25, &digits, 2);
	out[27] = '\0';
}

static struct account *
account_new(struct store *s, struct str id)
{
	struct account *a = mem_zalloc(sizeof(*a));
	struct buf dir;

	buf_init(&dir, 4096);
	buf_addf(&dir, STR_FMT "/accounts/" STR_FMT "/" STR_FMT,
	    STR_ARG(s->cfg.root), STR_ARG(str_first(id, 2)), STR_ARG(id));
	a->store = s;
	a->id = str_of(str_dup(id), id.n);
	a->dir = str_dup(buf_str(&dir));
	a->dir_fd = -1;
	a->flagsets = flagsets_new();
	a->flagsets_saved = flagsets_count(a->flagsets);
	a->wall_offset = clock_wall(s->cfg.clock) - clock_mono(s->cfg.clock);
	buf_release(&dir);
	return a;
}

void
account_close(struct account **ap)
{
	struct account *a = *ap;
	size_t pos = 0;
	void *value;

	*ap = NULL;
	if (!a)
		return;
	ASSERT(!a->turn && !a->ask_first && !a->tending);
	while (map_next(&a->boxes, &pos, NULL, &value))
		mbox_free(value);
	past_forget(a);
	map_release(&a->boxes);
	map_release(&a->by_name);
	map_release(&a->origins);
	map_release(&a->text_proven);
	map_release(&a->used_flagsets);
	map_release(&a->used_origins);
	for (size_t i = 0; i < a->n_subscriptions; i++)
		free_str(a->subscriptions[i]);
	free(a->subscriptions);
	free(a->lost);
	free(a->list);
	pack_close(&a->pack);
	db_close(a);
	flagsets_free(&a->flagsets);
	if (a->dir_fd >= 0)
		close(a->dir_fd);
	free(a->dir);
	free_str(a->id);
	free(a);
}

static enum status
open_dir(struct account *a)
{
	a->dir_fd = open(a->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->dir_fd >= 0)
		return ST_OK;
	return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
}

/* Makes the folder and the one above it; both last (their entries are synced). */
static enum status
make_dir(struct account *a)
{
	char *path = str_dup(str_from(a->dir));
	size_t n = strlen(path), root = a->store->cfg.root.n;
	enum status st = ST_OK;
	int fd;

	for (size_t i = root + 1; i <= n && st == ST_OK; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		path[i] = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			st = file_errno();
		if (i < n)
			path[i] = '/';
	}
	for (size_t i = n; i > root && st == ST_OK; i--) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || fsync(fd) != 0)
			st = ST_IO;
		if (fd >= 0)
			close(fd);
	}
	free(path);
	return st;
}

enum status
account_make(struct store *s, struct str id, struct account **out)
{
	struct account *a = account_new(s, id);
	struct db_account row = {.next_id = 1, .epoch = s->cfg.epoch};
	enum status st;

	if ((st = make_dir(a)) == ST_OK && (st = open_dir(a)) == ST_OK)
		st = db_open(a, true);
	if (st == ST_OK && (st = db_load_account(a)) == ST_NOT_FOUND) {
		db_account_to(&row, a);
		st = db_set_account(a, &row);
	}
	/* From now on a lost WAL cannot take the tables along. */
	if (st == ST_OK)
		st = db_checkpoint(a);
	if (st == ST_OK)
		st = pack_open(a, a->applied, &a->pack);
	if (st == ST_OK && fsync(a->dir_fd) != 0)
		st = ST_IO;
	if (st != ST_OK) {
		account_close(&a);
		return st;
	}
	*out = a;
	return ST_OK;
}

static void
mark_subscribed(struct account *a)
{
	for (size_t i = 0; i < a->n_subscriptions; i++) {
		struct mbox *b = map_get(&a->by_name, a->subscriptions[i]);

		if (b)
			b->pub.subscribed = true;
	}
}

static enum status
open_once(struct store *s, struct str id, struct account **out)
{
	struct account *a = account_new(s, id);
	enum status st;

	if ((st = open_dir(a)) == ST_OK)
		st = recover_account(a);
	if (st != ST_OK) {
		account_close(&a);
		return st;
	}
	mark_subscribed(a);
	if (!s->cfg.read_only && !a->broken)
		pack_apart_sweep(a->pack);
	if (!s->cfg.read_only)
		text_index_check(a);
	*out = a;
	return ST_OK;
}

enum status
account_open(struct store *s, struct str id, struct account **out)
{
	enum status st = open_once(s, id, out);

	/* S4: who shall make room in it must get in. */
	if (st == ST_NO_SPACE && reserve_release(s))
		st = open_once(s, id, out);
	return st;
}

enum status
account_open_still(struct store *s, const char *dir, const char *db, bool still,
    struct account **out)
{
	struct account *a = account_new(s, S("still"));
	enum status st;

	ASSERT(s->cfg.read_only);
	free(a->dir);
	a->dir = str_dup(str_from(dir));
	if ((st = open_dir(a)) == ST_OK &&
	    (st = db_open_still(a, db, still)) == ST_OK)
		st = db_load_account(a);
	if (st == ST_OK && pack_any(a)) {
		st = pack_open(a, a->applied, &a->pack);
		if (st == ST_CORRUPT && a->pack) {
			a->damaged = true;
			st = ST_OK;
		}
	}
	if (st != ST_OK) {
		account_close(&a);
		return st;
	}
	a->broken = true;
	*out = a;
	return ST_OK;
}

enum status
account_peek(struct store *s, struct str id, struct account **out)
{
	struct account *a;
	enum status st;

	if (!store_good_id(id))
		return ST_NOT_FOUND;
	a = account_new(s, id);
	if ((st = open_dir(a)) == ST_OK)
		st = db_open(a, false);
	if (st != ST_OK) {
		account_close(&a);
		return st;
	}
	/* Whoever closes last must not take the WAL along. */
	sqlite3_db_config(a->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	*out = a;
	return ST_OK;
}

void
account_assert_idle(const struct account *a)
{
	ASSERT(sqlite3_get_autocommit(a->db));
	for (size_t i = 0; i < ARRAY_LEN(a->stmts); i++)
		ASSERT(!a->stmts[i] || !sqlite3_stmt_busy(a->stmts[i]));
}
