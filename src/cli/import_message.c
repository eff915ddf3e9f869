#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/log.h"
#include "cli/import.h"

enum status
import_fail(struct import *im, enum status st, const char *fmt, ...)
{
	va_list ap;

	if (im->failed == ST_OK) {
		im->failed = st;
		va_start(ap, fmt);
		buf_vaddf(&im->why, fmt, ap);
		va_end(ap);
	}
	return st;
}

/* --- folders --- */

static struct str
superior(struct str name)
{
	size_t n = name.n;

	while (n > 0 && name.p[n - 1] != '/')
		n--;
	return str_first(name, n ? n - 1 : 0);
}

/*
 * Superior names as well, since programs that show what is subscribed show a
 * name without a subscription as one that cannot be opened.
 */
static enum status
create(struct import *im, struct str name, uint64_t *id_out)
{
	struct change change = {.kind = CHANGE_CREATE, .name = name};
	struct str above = superior(name);
	enum status st = ST_OK;
	struct changed changed;
	struct mailbox box;

	if (above.n > 0 && mail_find(&im->mail, above, &box) == ST_NOT_FOUND)
		st = create(im, above, id_out);
	if (st == ST_OK)
		st = mail_change(&im->mail, &change, &changed);
	if (st == ST_OK)
		*id_out = changed.mailbox;
	if (st == ST_OK && !im->unsubscribed) {
		change = (struct change){
		    .kind = CHANGE_SUBSCRIBE, .name = name, .on = true};
		st = mail_change(&im->mail, &change, &changed);
	}
	return st;
}

enum status
import_folder(struct import *im, struct str name, struct import_folder **out)
{
	struct import_folder *f = map_get(&im->folders, name);
	struct mailbox box;
	enum status st;

	*out = f;
	if (f)
		return ST_OK;
	f = *out = ARENA_NEW(&im->c->arena, struct import_folder);
	st = mail_find(&im->mail, name, &box);
	if (st == ST_OK && box.selectable) {
		f->id = box.id;
		st = im->all ? ST_OK : import_known_load(im, f);
	} else if (st == ST_OK || st == ST_NOT_FOUND) {
		st = create(im, name, &f->id);
	}
	(void)map_set(&im->folders, name, f);
	if (st != ST_OK)
		return import_fail(im, st,
		    "the folder \"" STR_FMT "\" cannot be used: %s",
		    STR_ARG(name), status_text(st));
	return ST_OK;
}

void
import_folders_release(struct import *im)
{
	size_t pos = 0;
	void *f;

	while (map_next(&im->folders, &pos, NULL, &f))
		free(((struct import_folder *)f)->known);
	map_release(&im->folders);
}

/* --- a message --- */

enum status
import_start(struct import *im)
{
	int fd = memfd_create("mailstead-import", MFD_CLOEXEC);

	if (fd < 0)
		return import_fail(
		    im, ST_IO, "no memory file: %s", strerror(errno));
	im->in = incoming_new(fd, IMPORT_MESSAGE);
	incoming_allow_nul(im->in);
	buf_clear(&im->header);
	im->after_cr = false;
	im->size = 0;
	crypto_generichash_init(&im->hash, NULL, 0, IMPORT_HASH);
	return ST_OK;
}

static enum status
add(struct import *im, struct str bytes)
{
	enum status st = incoming_write(im->in, bytes);

	im->size += bytes.n;
	crypto_generichash_update(
	    &im->hash, (const unsigned char *)bytes.p, bytes.n);
	if (im->header.n < IMPORT_HEADER)
		buf_adds(&im->header,
		    str_first(bytes, IMPORT_HEADER - im->header.n));
	if (st != ST_OK)
		return import_fail(
		    im, st, "a message cannot be kept: %s", status_text(st));
	return ST_OK;
}

enum status
import_feed(struct import *im, struct str bytes)
{
	enum status st = ST_OK;
	size_t lf;

	while (bytes.n > 0 && st == ST_OK) {
		bool bare;

		lf = str_find(bytes, '\n');
		if (lf == SIZE_MAX) {
			im->after_cr = bytes.p[bytes.n - 1] == '\r';
			return add(im, bytes);
		}
		bare = lf > 0 ? bytes.p[lf - 1] != '\r' : !im->after_cr;
		if (lf > 0)
			st = add(im, str_first(bytes, lf));
		if (st == ST_OK)
			st = add(im, bare ? S("\r\n") : S("\n"));
		im->after_cr = false;
		bytes = str_from_pos(bytes, lf + 1);
	}
	return st;
}

static void
show(const struct import *im)
{
	cli_progress(im->c, "messages", im->done + im->skipped);
}

static void
posted(void *ctx, uint64_t tag UNUSED, enum status st, struct str answer UNUSED)
{
	struct import *im = ctx;

	if (st != ST_OK) {
		(void)import_fail(
		    im, st, "a message was not taken: %s", status_text(st));
		return;
	}
	im->done++;
	show(im);
}

static enum status
post(struct import *im, struct import_folder *folder, bool once)
{
	struct change change = {
	    .kind = CHANGE_APPEND, .mailbox = folder->id, .once = once};
	/* First: what incoming_encode says is said of the file. */
	int fd = incoming_fd(im->in);
	enum status st;
	struct buf b;

	if (fd < 0)
		return ST_IO;
	buf_init(&b, 64 * 1024);
	mail_ask(&b, MAIL_OP_CHANGE, im->mail.id, im->mail.address);
	mail_ask_change(&b, &change, im->in);
	st = buf_status(&b);
	if (st == ST_OK)
		st = target_post(im->c->target, im->mail.id, buf_str(&b), fd,
		    ++im->posted, posted, im);
	buf_release(&b);
	return st;
}

enum status
import_finish(struct import *im, struct import_folder *folder,
    const struct import_facts *facts)
{
	struct flags flags = {facts->bits, facts->keywords, facts->n_keywords};
	enum status st = incoming_finish(im->in);
	bool is_known = false;

	if (st == ST_OK && im->size > 0)
		st = import_known_take(im, folder, &is_known);
	if (st == ST_OK && is_known) {
		im->skipped++;
		show(im);
	} else if (st == ST_OK) {
		incoming_set_flags(im->in, &flags);
		if (facts->dated)
			incoming_set_date(im->in, facts->date_ms, facts->zone);
		if (facts->emailid)
			incoming_set_emailid(im->in, facts->emailid);
		/* One that POP3 does not allow was none. */
		if (incoming_set_uidl(im->in, facts->uidl) != ST_OK)
			log_debug("unique-id not kept");
		st = post(im, folder, facts->emailid && !im->again);
	}
	incoming_free(&im->in);
	if (st != ST_OK)
		return import_fail(
		    im, st, "a message was not taken: %s", status_text(st));
	/* What was posted before may have failed meanwhile. */
	return im->failed;
}

struct str
import_field(const struct import *im, const char *name)
{
	struct str rest = buf_str(&im->header), line, n = str_from(name);

	while (rest.n > 0) {
		line = str_cut(&rest, '\n');
		if (str_trim(line).n == 0)
			break;
		if (line.n > n.n && line.p[n.n] == ':' && str_startsi(line, n))
			return str_trim(str_from_pos(line, n.n + 1));
	}
	return S("");
}

void
import_date(
    const struct import *im, int64_t otherwise_ms, struct import_facts *facts)
{
	struct date d;

	if (date_parse_rfc5322(import_field(im, "Date"), &d) != ST_OK)
		d = (struct date){otherwise_ms, date_local_zone(otherwise_ms)};
	facts->dated = true;
	facts->date_ms = d.ms;
	facts->zone = d.zone;
}

/* --- the caller's files --- */

int
import_open(struct import *im, const char *path)
{
	int fd, error;

	target_as_caller();
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	error = errno;
	target_as_owner(im->c->target);
	errno = error;
	return fd;
}

DIR *
import_opendir(struct import *im, const char *path)
{
	DIR *d;
	int error;

	target_as_caller();
	d = opendir(path);
	error = errno;
	target_as_owner(im->c->target);
	errno = error;
	return d;
}

enum status
import_eml(
    struct import *im, const char *path, int fd, struct import_folder *folder)
{
	struct import_facts facts = {0};
	enum status st = import_start(im);
	char *chunk = mem_alloc(IMPORT_CHUNK);
	struct stat sb;
	ssize_t n = 1;

	while (st == ST_OK && n > 0) {
		n = read(fd, chunk, IMPORT_CHUNK);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			st = import_fail(
			    im, ST_IO, "%s: %s", path, strerror(errno));
		else
			st = import_feed(im, str_of(chunk, (size_t)n));
	}
	free(chunk);
	if (st == ST_OK && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode))
		import_date(im, (int64_t)sb.st_mtim.tv_sec * 1000, &facts);
	else if (st == ST_OK)
		import_date(im, clock_wall(&clock_system), &facts);
	if (st == ST_OK)
		return import_finish(im, folder, &facts);
	incoming_free(&im->in);
	return st;
}
