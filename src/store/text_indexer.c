#include "store/text_indexer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/wire.h"
#include "mime/header.h"
#include "mime/text.h"
#include "store/store_int.h"
#include "store/text_segment.h"
#include "store/text_shrink.h"

enum {
	STEP_MS = 5,
	READ_PIECE = 32 * 1024,
	FOLDED_MAX = 64 * READ_PIECE, /* folding may lengthen */
	HEADER_MAX = LIMIT_MIME_HEADER,
	/* A longer text has nearly every run: it is looked at each time. */
	TEXT_MAX = 4 * 1024 * 1024,
	SEGMENT_MAX = TEXT_PLACE_MAX,
};

struct text_indexer {
	struct store *store; /* for reading alone */
	struct account *a;
	int fd;
	struct text_header header;
	enum status st;
	uint64_t messages;
	uint64_t skip; /* a message that is not to be read */
	/* The segment in work: its messages, those done, what they gave. */
	uint64_t ids[TEXT_SEGMENT];
	size_t n_ids, done;
	struct text_segment segment;
	struct text_shrink *shrink; /* first of all */
	/* Of one message. */
	struct grams fields, all;
	struct arena arena;
	struct buf raw, folded;
};

/* --- the file --- */

/* The file, or a new one in the place of one that cannot be used. */
static enum status
open_file(struct text_indexer *x)
{
	x->fd = text_index_file(x->a, O_RDWR, &x->header);
	if (x->fd >= 0 && x->header.trying == 0)
		return ST_OK;
	if (x->fd >= 0) {
		log_warn("the text index leaves a message out",
		    LOG_STR("account", account_id(x->a)),
		    LOG_U64("message", x->header.trying));
		x->skip = x->header.trying;
		x->header.trying = 0;
		x->header.died++;
		return text_header_write(x->fd, &x->header);
	}
	text_index_check(x->a);
	x->fd =
	    account_open_file(x->a, TEXT_INDEX_NAME, O_RDWR | O_CREAT | O_EXCL);
	if (x->fd < 0)
		return errno == ENOSPC ? ST_NO_SPACE : ST_IO;
	x->header = (struct text_header){.end = TEXT_HEADER};
	return text_header_write(x->fd, &x->header);
}

/* Not synced: it is for a death of this process, not of the machine. */
static void
try(struct text_indexer *x, uint64_t id)
{
	struct buf b;

	x->header.trying = id;
	buf_init(&b, 8);
	wire_put_u64(&b, id);
	if (file_pwrite(x->fd, buf_str(&b), TEXT_TRYING) != ST_OK)
		log_debug("the text index cannot say what it reads");
	buf_release(&b);
}

enum status
text_indexer_open(
    const struct text_indexer_config *cfg, struct text_indexer **out)
{
	struct text_indexer *x = mem_zalloc(sizeof(*x));
	struct store_config sc = {
	    .root = cfg->root,
	    .clock = cfg->clock,
	    .random = cfg->random,
	    .max_open = 1,
	    .read_only = true,
	};
	enum status st;

	x->fd = -1;
	text_segment_init(&x->segment);
	buf_init(&x->raw, HEADER_MAX);
	buf_init(&x->folded, FOLDED_MAX);
	st = store_open(&sc, &x->store);
	if (st == ST_OK)
		st = store_account(x->store, cfg->account, &x->a);
	if (st == ST_OK)
		st = open_file(x);
	if (st != ST_OK) {
		text_indexer_close(&x);
		return st;
	}
	if (x->header.counted != x->a->history_from)
		x->shrink = text_shrink_new(x->a, x->fd, &x->header);
	*out = x;
	return ST_OK;
}

void
text_indexer_close(struct text_indexer **xp)
{
	struct text_indexer *x = *xp;

	*xp = NULL;
	if (!x)
		return;
	text_shrink_free(&x->shrink);
	if (x->fd >= 0) {
		try(x, 0);
		close(x->fd);
	}
	account_unref(&x->a);
	store_close(&x->store);
	text_segment_release(&x->segment);
	arena_release(&x->arena);
	buf_release(&x->raw);
	buf_release(&x->folded);
	free(x);
}

enum status
text_indexer_status(const struct text_indexer *x)
{
	return x->st;
}

uint64_t
text_indexer_messages(const struct text_indexer *x)
{
	return x->messages;
}

/* --- a message --- */

/* As SEARCH looks at it: the values of all fields, each by itself. */
static enum status
add_fields(struct text_indexer *x, const struct message *m)
{
	struct header_field f;
	struct str rest;
	enum status st;

	buf_clear(&x->raw);
	st = message_read(x->a, m->id, 0,
	    m->header_size < HEADER_MAX ? m->header_size : HEADER_MAX, &x->raw);
	if (st != ST_OK)
		return st;
	rest = buf_str(&x->raw);
	while (header_next(&rest, &f)) {
		struct buf value;

		buf_init(&value, SIZE_MAX / 2);
		text_field(f.value, &value);
		grams_add(&x->fields, buf_str(&value));
		grams_break(&x->fields);
		buf_release(&value);
	}
	return ST_OK;
}

/* *whole_out: nothing was left out. */
static enum status
add_text(struct text_indexer *x, const struct message *m,
    const struct summary *s, bool *whole_out)
{
	struct text_reader *r = text_reader_new(s, TEXT_ALL);
	enum status st = ST_OK;
	uint64_t at, n, sum = 0;

	while (st == ST_OK && sum <= TEXT_MAX && text_reader_next(r, &at, &n)) {
		buf_clear(&x->raw);
		buf_clear(&x->folded);
		st = message_read(
		    x->a, m->id, at, n < READ_PIECE ? n : READ_PIECE, &x->raw);
		if (st != ST_OK)
			break;
		if (x->raw.n)
			text_reader_feed(r, buf_str(&x->raw), &x->folded);
		else
			text_reader_skip(r, &x->folded);
		st = buf_status(&x->folded);
		grams_add(&x->all, buf_str(&x->folded));
		sum += x->raw.n;
	}
	*whole_out = sum <= TEXT_MAX;
	text_reader_free(&r);
	return st;
}

/* One that cannot be read is left out: who searches will see why. */
static void
add_message(struct text_indexer *x, uint64_t id)
{
	const struct grams *sets[TEXT_KINDS] = {&x->fields, &x->all};
	struct message m;
	struct summary s;
	struct str encoded;
	bool whole;

	if (id == x->skip)
		return;
	try(x, id);
	arena_reset(&x->arena);
	grams_clear(&x->fields);
	grams_clear(&x->all);
	if (message_get(x->a, id, &m) != ST_OK ||
	    message_summary(x->a, id, &x->arena, &encoded) != ST_OK ||
	    summary_decode(encoded, &x->arena, &s) != ST_OK ||
	    add_fields(x, &m) != ST_OK || add_text(x, &m, &s, &whole) != ST_OK)
		return;
	if (!whole)
		sets[TEXT_IN_ALL] = NULL;
	text_segment_add(&x->segment, id, sets);
}

/* --- a segment --- */

static enum status
gather(struct text_indexer *x)
{
	enum status st = db_message_ids(
	    x->a, x->header.last, x->ids, ARRAY_LEN(x->ids), &x->n_ids);

	/* Not one of them, then. */
	x->done = x->header.died > 1 ? x->n_ids : 0;
	return st;
}

static enum status
finish(struct text_indexer *x)
{
	struct buf b;
	enum status st = ST_OK;

	/* Whatever could not be read is not tried again. */
	x->header.last = x->ids[x->n_ids - 1];
	x->header.trying = x->header.died = 0;
	x->header.messages += x->segment.n;
	x->messages += x->segment.n;
	buf_init(&b, SEGMENT_MAX);
	if (x->segment.n)
		st = text_segment_write(&x->segment, &b);
	if (st == ST_OK)
		st = file_pwrite(x->fd, buf_str(&b), x->header.end);
	x->header.end += b.n;
	if (st == ST_OK)
		st = text_header_write(x->fd, &x->header);
	buf_release(&b);
	text_segment_clear(&x->segment);
	x->n_ids = 0;
	return st;
}

/* A smaller file takes the place of the one that is open; a damaged one goes. */
static enum status
shrunk(struct text_indexer *x)
{
	enum status st = text_shrink_status(x->shrink);
	int fd = text_shrink_take(x->shrink, &x->header);

	text_shrink_free(&x->shrink);
	if (fd < 0 && st == ST_OK) {
		x->header.counted = x->a->history_from;
		return text_header_write(x->fd, &x->header);
	}
	if (fd >= 0 || st == ST_CORRUPT) {
		close(x->fd);
		x->fd = fd;
	}
	if (st != ST_CORRUPT)
		return st;
	log_warn("a damaged text index is dropped: it is made anew",
	    LOG_STR("account", account_id(x->a)));
	st = text_index_drop(x->a);
	return st == ST_OK ? open_file(x) : st;
}

bool
text_indexer_step(struct text_indexer *x)
{
	const struct clock *clock = x->store->cfg.clock;
	int64_t until = clock_mono(clock) + STEP_MS;

	if (x->st == ST_OK && x->shrink) {
		if (text_shrink_step(x->shrink, until))
			return true;
		x->st = shrunk(x);
	}
	if (x->st == ST_OK && x->n_ids == 0)
		x->st = gather(x);
	if (x->st != ST_OK || x->n_ids < TEXT_SEGMENT_LEAST)
		return false;
	message_reading(x->a);
	while (x->done < x->n_ids && clock_mono(clock) < until)
		add_message(x, x->ids[x->done++]);
	message_read_done(x->a);
	if (x->done == x->n_ids)
		x->st = finish(x);
	return x->st == ST_OK;
}

enum status
text_indexer_run(const struct text_indexer_config *cfg, uint64_t *messages_out)
{
	struct text_indexer *x;
	enum status st = text_indexer_open(cfg, &x);

	if (st != ST_OK)
		return st;
	while (text_indexer_step(x))
		;
	st = x->st;
	*messages_out = x->messages;
	text_indexer_close(&x);
	return st;
}
