/* `mailstead recover --account`: one account, into a server that lives on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/directory.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/recover.h"

/* --- who it was in the backup --- */

static struct str
place_of(struct str id, struct arena *a)
{
	return arena_printf(a, "accounts/" STR_FMT "/" STR_FMT,
	    STR_ARG(str_first(id, 2)), STR_ARG(id));
}

struct asking {
	struct str address;
	struct arena *a;
	struct directory_account account;
	struct map *names;
	const char *path; /* of the copy that is looked into */
};

static enum status
ask_one(struct directory *d, struct asking *q)
{
	struct directory_account *list;
	enum status st;
	size_t n;

	if (!q->names)
		return directory_account(d, q->address, q->a, &q->account);
	st = directory_accounts(d, S(""), q->a, &list, &n);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		map_set(q->names, place_of(list[i].id, q->a), &list[i].address);
	return st;
}

/* SQLite opens a copy: the backup may be on a file system that is read-only. */
static enum status
look_up(struct recovery *v, struct asking *q)
{
	char dir[] = "/tmp/mailstead-recover-XXXXXX";
	struct manifest_folder *f = recovery_server(v);
	struct arena *a = &v->c->arena;
	struct directory *d;
	const char *path;
	enum status st;

	if (!f)
		return ST_CORRUPT;
	if (!mkdtemp(dir)) {
		buf_addf(&v->why, "%s: %s", dir, strerror(errno));
		return ST_IO;
	}
	path = q->path = arena_printf(a, "%s/directory.db", dir).p;
	st = recreate_file(&v->r, f, S("directory.db"), path, 0600);
	if (st == ST_OK)
		st = directory_open(path, &d);
	if (st == ST_OK) {
		st = ask_one(d, q);
		directory_close(&d);
	}
	(void)unlink(path);
	(void)unlink(arena_printf(a, "%s-wal", path).p);
	(void)unlink(arena_printf(a, "%s-shm", path).p);
	(void)rmdir(dir);
	return st;
}

struct manifest_folder *
recovery_find(struct recovery *v, struct str address)
{
	struct asking q = {.address = address, .a = &v->c->arena};
	struct manifest_folder *f = NULL;
	enum status st = look_up(v, &q);

	if (st == ST_OK)
		f = manifest_find(&v->r.m, place_of(q.account.id, q.a));
	if (st == ST_NOT_FOUND || (st == ST_OK && !f))
		(void)cli_fail(v->c, "the backup has no account " STR_FMT,
		    STR_ARG(address));
	else if (st != ST_OK)
		(void)recovery_fail(v, st, q.path ? q.path : v->dir);
	return f;
}

void
recovery_names(struct cli *c, const char *dir, struct map *out)
{
	struct recovery v = {.c = c, .dir = dir};
	struct asking q = {.a = &c->arena, .names = out};
	struct recreate_host host = {&v, NULL};

	buf_init(&v.why, 8192);
	if (recreate_open(&v.r, dir, &host, &v.why) == ST_OK) {
		if (look_up(&v, &q) != ST_OK)
			log_debug("the backup's directory cannot be read");
		recreate_close(&v.r);
	}
	buf_release(&v.why);
}

/* --- who it is now --- */

struct living {
	struct recovery *v;
	struct str id, address, password;
	bool made; /* it was not there */
	char *stage, *home, *removed;
	int lock; /* on the stage: it is not swept away (data_sweep) */
	bool had; /* a folder that went to `removed` */
};

static enum status
ask(struct living *l, const char *verb, const char *key, struct str value,
    struct str *answer_out)
{
	struct buf request, answer;
	enum status st;

	cli_request(&request, verb);
	record_str(&request, key, value);
	record_end(&request);
	buf_init(&answer, 64 * 1024);
	st = target_admin(l->v->c->target, buf_str(&request), &answer);
	*answer_out = arena_str(&l->v->c->arena, buf_str(&answer));
	buf_release(&request);
	buf_release(&answer);
	return st;
}

/* The account that bears the address, or a new one with a new password. */
static bool
find_living(struct living *l, struct str address)
{
	struct str answer;
	enum status st = ask(l, "account.find", "address", address, &answer);

	/* Or one whose making was cut short, by a recovery, too. */
	if (st == ST_NOT_FOUND ||
	    (st == ST_OK && !record_number(answer, "ready"))) {
		l->made = true;
		st = ask(l, "account.begin", "address", address, &answer);
	}
	if (st != ST_OK) {
		(void)cli_fail(l->v->c, STR_FMT,
		    STR_ARG(answer.n ? answer : str_from(status_text(st))));
		return false;
	}
	l->id = record_get(answer, "id");
	l->address = record_get(answer, "address");
	l->password = record_get(answer, "password");
	return true;
}

static char *
path_of(struct living *l, const char *fmt, struct str a, struct str b)
{
	struct buf path;
	char *z;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/", l->v->c->config->data);
	buf_addf(&path, "%s", fmt);
	buf_adds(&path, a);
	if (b.n) {
		buf_addc(&path, '/');
		buf_adds(&path, b);
	}
	z = arena_z(&l->v->c->arena, buf_str(&path));
	buf_release(&path);
	return z;
}

/* One recovery of an account at a time. */
static enum status
lock_stage(struct living *l)
{
	if (mkdir(l->stage, 0700) != 0 && errno != EEXIST)
		return file_errno();
	l->lock =
	    open(l->stage, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (l->lock < 0)
		return ST_IO;
	if (flock(l->lock, LOCK_EX | LOCK_NB) == 0)
		return ST_OK;
	close(l->lock);
	l->lock = -1;
	return ST_BUSY;
}

/* Beside the living ones, on the same file system. */
static bool
stage(struct living *l, const struct manifest_folder *f)
{
	struct recovery *v = l->v;
	enum status st;

	for (size_t i = 0; i < f->n_files; i++)
		v->all += f->files[i].size;
	l->stage = path_of(l, "recovering-", l->id, S(""));
	/* The backup may be the caller's alone. */
	target_as_caller();
	st = lock_stage(l);
	if (st == ST_OK)
		st = recreate_account(&v->r, f, l->stage);
	if (st == ST_OK)
		st = recreate_mark(&v->r, l->stage);
	if (st == ST_OK)
		st = target_give(v->c->target, l->stage);
	if (st != ST_OK && l->lock >= 0)
		recreate_drop(l->stage);
	target_as_owner(v->c->target);
	if (st != ST_OK)
		(void)recovery_fail(v, st, l->stage);
	return st == ST_OK;
}

static bool
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
change_places(struct living *l, const char *a, const char *b)
{
	if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	/* A file system that cannot, as ZFS before 2.2. */
	return rename(a, l->stage) == 0 && rename(b, a) == 0 &&
	    rename(l->stage, b) == 0;
}

/*
 * S33: what was there waits in removed/. The two change places in one step, so
 * that at no moment the account is not there; a kill before it leaves a copy
 * of the backup in removed/, which goes with its time.
 */
static enum status
put_in_place(struct living *l)
{
	char *above = path_of(l, "accounts/", str_first(l->id, 2), S(""));
	char *removed = path_of(l, "removed", S(""), S(""));
	struct str when = arena_printf(&l->v->c->arena, STR_FMT "-%lld",
	    STR_ARG(l->id), (long long)clock_wall(&clock_system));

	l->home = path_of(l, "accounts/", str_first(l->id, 2), l->id);
	l->removed = path_of(l, "removed/", when, S(""));
	(void)mkdir(path_of(l, "accounts", S(""), S("")), 0700);
	(void)mkdir(removed, 0700);
	(void)mkdir(above, 0700);
	l->had = access(l->home, F_OK) == 0;
	if (rename(l->stage, l->had ? l->removed : l->home) != 0)
		return file_errno();
	if (l->had && !change_places(l, l->removed, l->home)) {
		enum status st = file_errno();

		(void)rename(l->removed, l->stage);
		return st;
	}
	return sync_folder(above) && sync_folder(removed) ? ST_OK : ST_IO;
}

/* What cannot be opened, or was not there then, is not put there. */
static void
take_back(struct living *l)
{
	if (l->had && change_places(l, l->removed, l->home))
		(void)rename(l->removed, l->stage);
	else if (!l->had)
		(void)rename(l->home, l->stage);
}

/* In place; opened, and set back when that was asked for. */
static enum status
exchange(struct living *l)
{
	struct cli_target *t = l->v->c->target;
	struct account *a = NULL;
	struct store *s = NULL;
	enum status st;
	bool placed;

	if ((st = target_hold(t, l->id, true)) != ST_OK)
		return st;
	st = put_in_place(l);
	placed = st == ST_OK;
	if (st == ST_OK)
		st = target_own(t, &s);
	if (st == ST_OK && (st = store_account(s, l->id, &a)) == ST_OK)
		st = recovery_rewind(l->v, a);
	account_unref(&a);
	store_close(&s);
	if (st != ST_OK && placed)
		take_back(l);
	if (st != ST_OK)
		recreate_drop(l->stage);
	target_release(t);
	return st;
}

static int
report(struct living *l)
{
	struct cli *c = l->v->c;

	cli_progress_end(c);
	if (c->json)
		cli_json_line(json_pack("{s:s, s:o, s:o, s:b, s:o, s:o, s:I}",
		    "event", "done", "address", cli_json_str(l->address), "id",
		    cli_json_str(l->id), "made", l->made, "password",
		    l->made ? cli_json_str(l->password) : json_null(), "before",
		    l->had ? cli_json_str(str_from(l->removed)) : json_null(),
		    "bytes", (json_int_t)l->v->r.bytes));
	cli_say(c, STR_FMT " is recovered.", STR_ARG(l->address));
	if (l->had)
		cli_say(c, "What it was until now is in %s.", l->removed);
	if (l->made)
		cli_say(c, "It was not there: its password is now " STR_FMT,
		    STR_ARG(l->password));
	return CLI_DONE;
}

int
recovery_of_account(struct recovery *v, struct str address)
{
	struct living l = {.v = v, .lock = -1};
	struct manifest_folder *f = recovery_find(v, address);
	struct str ignored;
	enum status st;

	if (!f || !cli_open(v->c, true) || !find_living(&l, address) ||
	    !stage(&l, f))
		return CLI_NOT_DONE;
	st = exchange(&l);
	if (st == ST_OK && l.made)
		st = ask(&l, "account.ready", "id", l.id, &ignored);
	if (st == ST_OK)
		return report(&l);
	buf_clear(&v->why);
	buf_addf(&v->why, STR_FMT ": %s", STR_ARG(address),
	    st == ST_NOT_FOUND && v->back
		? "there is nothing of it from that time"
		: st == ST_BUSY ? "the account is in use, try again"
				: status_text(st));
	return recovery_fail(v, st, "");
}
