#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "store/mailbox.h"

#include <utf8proc.h>

#include "base/vec.h"
#include "store/account_int.h"
#include "store/db_int.h"

enum { NAME_BYTES_MAX = 1024, NAME_DEPTH_MAX = 64 }; /* S41 */

static bool
may_look(const struct viewer *v)
{
	return !v || (v->rights & RIGHT_LOOKUP);
}

int
mailbox_by_name(const void *x, const void *y)
{
	const struct mailbox *a = x, *b = y;
	bool ai = str_eq(a->name, S("INBOX")), bi = str_eq(b->name, S("INBOX"));

	if (ai != bi)
		return ai ? -1 : 1;
	return str_cmp(a->name, b->name);
}

static int
by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static void
refresh(struct account *a)
{
	size_t pos = 0;
	void *value;

	a->n_list = a->n_lost = 0;
	while (map_next(&a->boxes, &pos, NULL, &value)) {
		struct mbox *b = value;

		*VEC_ADD(a, list) = b->pub;
	}
	for (size_t i = 0; i < a->n_subscriptions; i++)
		if (!map_get(&a->by_name, a->subscriptions[i]))
			*VEC_ADD(a, lost) = a->subscriptions[i];
	if (a->n_list)
		qsort(a->list, a->n_list, sizeof(*a->list), mailbox_by_name);
	if (a->n_lost)
		qsort(a->lost, a->n_lost, sizeof(*a->lost), by_text);
	a->list_old = false;
}

const struct mailbox *
account_mailboxes(struct account *a, const struct viewer *v, size_t *n_out)
{
	if (a->list_old)
		refresh(a);
	*n_out = may_look(v) ? a->n_list : 0;
	return a->list;
}

const struct str *
account_lost_subscriptions(
    struct account *a, const struct viewer *v, size_t *n_out)
{
	if (a->list_old)
		refresh(a);
	*n_out = may_look(v) ? a->n_lost : 0;
	return a->lost;
}

enum status
mailbox_find(struct account *a, const struct viewer *v, struct str name,
    const struct mailbox **out)
{
	struct arena arena = ARENA_INIT;
	const struct mbox *b = map_get(&a->by_name, name);
	struct str kept;

	if (!b && mailbox_name_canonical(name, &arena, &kept) == ST_OK)
		b = map_get(&a->by_name, kept);
	arena_release(&arena);
	if (!b || !may_look(v))
		return ST_NOT_FOUND;
	*out = &b->pub;
	return ST_OK;
}

enum status
mailbox_by_id(struct account *a, const struct viewer *v, uint64_t id,
    const struct mailbox **out)
{
	const struct mbox *b = mbox_get(a, id);

	if (!b || !may_look(v))
		return ST_NOT_FOUND;
	*out = &b->pub;
	return ST_OK;
}

/* RFC 5198 2 and RFC 9051 5.1: no controls, no line or paragraph separator. */
static bool
is_banned(utf8proc_int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 ||
	    c == 0x2029;
}

enum status
mailbox_name_check(struct str name)
{
	size_t depth = 1, at = 0;
	char before = '/';

	if (name.n > NAME_BYTES_MAX)
		return ST_LIMIT;
	while (at < name.n) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n =
		    utf8proc_iterate((const utf8proc_uint8_t *)name.p + at,
			(utf8proc_ssize_t)(name.n - at), &c);

		if (n <= 0 || is_banned(c) || (c == '/' && before == '/'))
			return ST_INVALID;
		depth += c == '/';
		before = name.p[at];
		at += (size_t)n;
	}
	if (before == '/') /* the empty name, too */
		return ST_INVALID;
	return depth > NAME_DEPTH_MAX ? ST_LIMIT : ST_OK;
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

enum status
mailbox_name_canonical(struct str name, struct arena *a, struct str *out)
{
	utf8proc_uint8_t *nfc = NULL;
	enum status st;
	struct str s;
	char *p;

	/* RFC 9051 6.3.4: CREATE "a/" announces children of "a". */
	if (name.n > 1 && name.p[name.n - 1] == '/')
		name.n--;
	if ((st = mailbox_name_check(name)) != ST_OK)
		return st;
	if (is_ascii(name)) {
		s = arena_str(a, name);
	} else {
		utf8proc_ssize_t n = utf8proc_map(
		    (const utf8proc_uint8_t *)name.p, (utf8proc_ssize_t)name.n,
		    &nfc, UTF8PROC_STABLE | UTF8PROC_COMPOSE);

		if (n < 0)
			return ST_INVALID;
		s = arena_str(a, str_of((char *)nfc, (size_t)n));
		free(nfc);
		if ((st = mailbox_name_check(s)) != ST_OK)
			return st;
	}
	/* INBOX is one name in any case, also as the first of several levels. */
	p = (char *)(uintptr_t)s.p;
	if (str_startsi(s, S("INBOX")) && (s.n == 5 || s.p[5] == '/'))
		memcpy(p, "INBOX", 5);
	*out = s;
	return ST_OK;
}

enum status
mailbox_keywords(struct account *a, uint64_t mailbox, struct arena *arena,
    struct str **out, size_t *n_out)
{
	const struct mbox *b = mbox_get(a, mailbox);
	struct str *list;

	if (!b)
		return ST_NOT_FOUND;
	list = ARENA_ARRAY(arena, struct str, b->n_keywords + 1);
	for (size_t i = 0; i < b->n_keywords; i++)
		list[i] = arena_str(arena, b->keywords[i]);
	*out = list;
	*n_out = b->n_keywords;
	return ST_OK;
}

size_t
mailbox_n_keywords(const struct account *a, uint64_t mailbox)
{
	const struct mbox *b = mbox_get(a, mailbox);

	return b ? b->n_keywords : 0;
}

void
account_usage(struct account *a, struct account_usage *out)
{
	*out = (struct account_usage){
	    .bytes = a->bytes,
	    .messages = a->messages,
	    .quota = a->quota,
	    .retained_bytes = a->retained_bytes,
	    .modseq = a->modseq,
	};
}

static uint64_t
disk_bytes(const struct account *a)
{
	int fd = account_open_file(a, ".", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	uint64_t n = 0;

	while (dir && (e = readdir(dir))) {
		struct stat sb;

		if (fstatat(fd, e->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(sb.st_mode))
			n += (uint64_t)sb.st_size;
	}
	if (dir)
		closedir(dir);
	return n;
}

enum status
account_space(struct account *a, struct account_usage *out)
{
	struct account_usage u;
	enum status st;

	account_usage(a, &u);
	if ((st = db_dead_bytes(a, &u.dead)) != ST_OK)
		return st;
	u.disk = disk_bytes(a);
	*out = u;
	return ST_OK;
}
