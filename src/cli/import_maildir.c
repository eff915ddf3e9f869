/*
 * Maildirs: cur and new with flags in the names, Maildir++ folders (".Work.
 * 2024" beside them), Dovecot's keyword letters.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/import.h"

enum { LETTERS = 26, KEYWORDS_FILE = 64 * 1024 };

static bool
is_dir(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && S_ISDIR(sb.st_mode);
}

bool
import_is_maildir(struct import *im, const char *path)
{
	struct arena *a = &im->c->arena;
	bool is;

	target_as_caller();
	is = is_dir(arena_printf(a, "%s/cur", path).p) &&
	    is_dir(arena_printf(a, "%s/new", path).p);
	target_as_owner(im->c->target);
	return is;
}

void
import_maildir_flags(struct str name, const struct str *letters,
    struct arena *a, struct import_facts *facts)
{
	size_t at = str_find_str(name, S(":2,")), i;
	struct str *keywords = ARENA_ARRAY(a, struct str, LETTERS);

	facts->keywords = keywords;
	if (at == SIZE_MAX)
		return;
	for (i = at + 3; i < name.n; i++) {
		char c = name.p[i];

		if (c == 'S')
			facts->bits |= FLAG_SEEN;
		else if (c == 'R')
			facts->bits |= FLAG_ANSWERED;
		else if (c == 'F')
			facts->bits |= FLAG_FLAGGED;
		else if (c == 'T')
			facts->bits |= FLAG_DELETED;
		else if (c == 'D')
			facts->bits |= FLAG_DRAFT;
		else if (c == 'P' && facts->n_keywords < LETTERS)
			keywords[facts->n_keywords++] = S("$Forwarded");
		else if (c >= 'a' && c <= 'z' && letters[c - 'a'].n > 0 &&
		    facts->n_keywords < LETTERS)
			keywords[facts->n_keywords++] = letters[c - 'a'];
	}
}

/* dovecot-keywords: "0 $Label1" is what the letter a means. */
static void
read_letters(struct import *im, const char *path, struct str *letters)
{
	int fd = import_open(
	    im, arena_printf(&im->c->arena, "%s/dovecot-keywords", path).p);
	char *text = arena_alloc(&im->c->arena, KEYWORDS_FILE);
	ssize_t n = fd < 0 ? -1 : read(fd, text, KEYWORDS_FILE);
	struct str rest, line, number;
	uint32_t i;

	if (fd >= 0)
		close(fd);
	rest = str_of(text, n > 0 ? (size_t)n : 0);
	while (rest.n > 0) {
		line = str_cut(&rest, '\n');
		number = str_cut(&line, ' ');
		if (str_to_u32(number, &i) && i < LETTERS)
			letters[i] = str_trim(line);
	}
}

static enum status
one(struct import *im, const char *path, struct str name,
    const struct str *letters, struct import_folder *folder)
{
	struct import_facts facts = {0};
	struct arena a = ARENA_INIT;
	char *chunk = mem_alloc(IMPORT_CHUNK);
	struct stat sb;
	enum status st;
	ssize_t n = 1;
	int fd = import_open(im, path);

	if (fd < 0 || fstat(fd, &sb) < 0) {
		st = import_fail(im, ST_IO, "%s: %s", path, strerror(errno));
		goto out;
	}
	st = import_start(im);
	while (st == ST_OK && n > 0) {
		n = read(fd, chunk, IMPORT_CHUNK);
		st = n < 0
		    ? import_fail(im, ST_IO, "%s: %s", path, strerror(errno))
		    : import_feed(im, str_of(chunk, (size_t)n));
	}
	/* The file's time is when it came (delivery sets it, copies keep it). */
	facts.dated = true;
	facts.date_ms = (int64_t)sb.st_mtim.tv_sec * 1000;
	import_maildir_flags(name, letters, &a, &facts);
	if (st == ST_OK)
		st = import_finish(im, folder, &facts);
	if (im->in)
		incoming_free(&im->in);
out:
	if (fd >= 0)
		close(fd);
	free(chunk);
	arena_release(&a);
	return st;
}

/* Names begin with the time of delivery: sorted, they keep their order. */
static enum status
messages(struct import *im, const char *path, const struct str *letters,
    struct import_folder *folder)
{
	struct arena a = ARENA_INIT;
	struct str *names;
	size_t i, n = 0;
	enum status st = import_names(im, path, &a, &names, &n);

	for (i = 0; i < n && st == ST_OK; i++)
		st = one(im,
		    arena_printf(&a, "%s/" STR_FMT, path, STR_ARG(names[i])).p,
		    names[i], letters, folder);
	arena_release(&a);
	return st;
}

/*
 * The folder that lies beside cur and new: ".Work.2024" is Work/2024 (Maildir++),
 * "Work" is Work (as Dovecot's LAYOUT=fs and our own export have it). NULL: none.
 */
static char *
subfolder_name(struct arena *a, const char *entry)
{
	char *name, *p;

	if (strcmp(entry, "cur") == 0 || strcmp(entry, "new") == 0 ||
	    strcmp(entry, "tmp") == 0)
		return NULL;
	if (entry[0] != '.')
		return arena_z(a, str_from(entry));
	if (entry[1] == '\0' || entry[1] == '.')
		return NULL;
	name = arena_z(a, str_from(entry + 1));
	for (p = name; *p; p++)
		if (*p == '.')
			*p = '/';
	return name;
}

static enum status
subfolders(struct import *im, const char *path, struct str folder)
{
	struct arena *a = &im->c->arena;
	DIR *d = import_opendir(im, path);
	struct dirent *e;
	enum status st = ST_OK;
	char *name;

	if (!d)
		return import_fail(im, ST_IO, "%s: %s", path, strerror(errno));
	while (st == ST_OK && (e = readdir(d)) != NULL) {
		const char *sub = arena_printf(a, "%s/%s", path, e->d_name).p;

		name = subfolder_name(a, e->d_name);
		if (!name || !import_is_maildir(im, sub))
			continue;
		st = import_maildir(im, sub,
		    str_eq(folder, S("INBOX")) ? str_from(name)
					       : arena_printf(a, STR_FMT "/%s",
						     STR_ARG(folder), name));
	}
	closedir(d);
	return st;
}

enum status
import_maildir(struct import *im, const char *path, struct str folder)
{
	struct arena *a = &im->c->arena;
	struct str letters[LETTERS] = {0};
	struct import_folder *to;
	enum status st = import_folder(im, folder, &to);

	read_letters(im, path, letters);
	if (st == ST_OK)
		st = messages(
		    im, arena_printf(a, "%s/cur", path).p, letters, to);
	if (st == ST_OK)
		st = messages(
		    im, arena_printf(a, "%s/new", path).p, letters, to);
	return st == ST_OK && !im->listed ? subfolders(im, path, folder) : st;
}
