#include "store/message.h"

#include "store/account_int.h"
#include "store/db_int.h"
#include "store/pack.h"
#include "store/store_int.h"

/*
 * Ids of one mailbox mostly ascend with few of others between them: going to
 * the next row costs a quarter of looking one up.
 */
enum { WALK_GAP = 4 };

void
message_reading(struct account *a)
{
	a->reading = db_begin_reading(a);
	a->store->ahead.n = 0;
}

void
message_read_done(struct account *a)
{
	if (a->reading)
		db_end_reading(a);
	a->reading = false;
	if (a->pack)
		pack_read_done(a->pack);
}

/* --- P10 --- */

enum { OPAQUE_KEY_MAX = 128 };

static struct str
opaque_key(char room[OPAQUE_KEY_MAX], struct str account, uint64_t message)
{
	size_t n = min_size(account.n, OPAQUE_KEY_MAX - sizeof(message));

	memcpy(room, &message, sizeof(message));
	memcpy(room + sizeof(message), account.p, n);
	return str_of(room, sizeof(message) + n);
}

void
store_opaque(struct store *s, struct str account, uint64_t message)
{
	char room[OPAQUE_KEY_MAX];

	(void)map_set(&s->opaque, opaque_key(room, account, message), s);
}

bool
message_opaque(const struct account *a, uint64_t id)
{
	const struct store *s = a->store;
	char room[OPAQUE_KEY_MAX];

	return s->opaque.n &&
	    map_get(&s->opaque, opaque_key(room, a->id, id)) != NULL;
}

static void
hide_content(struct account *a, struct message *m, struct str *summary)
{
	struct store *s = a->store;

	if (!message_opaque(a, m->id))
		return;
	buf_clear(&s->opaque_summary);
	summary_opaque(m->size, &s->opaque_summary);
	*summary = buf_str(&s->opaque_summary);
	m->header_size = 0;
}

static void
tell_reading(struct account *a, uint64_t id)
{
	const struct store_host *host = &a->store->cfg.host;

	if (host->reading)
		host->reading(host->ctx, a, id);
}

/*
 * One message is asked for more than once, and the one behind it next: within
 * a slice, rows are kept, and read in advance as soon as two ids follow each
 * other. Later a place may be another one (S10).
 */
static enum status
read_ahead(struct account *a, uint64_t id, struct message_row *out)
{
	struct ahead *k = &a->store->ahead;
	bool follows = id > k->last && id - k->last <= WALK_GAP;
	enum status st = ST_OK;
	size_t i = 0;

	if (k->of != a)
		k->n = 0;
	k->of = a;
	k->last = id;
	while (i < k->n && k->rows[i].pub.id != id)
		i++;
	if (i == k->n) {
		st = db_messages_from(
		    a, id, k->rows, follows ? ARRAY_LEN(k->rows) : 1, &k->n);
		i = 0;
	}
	if (st != ST_OK)
		k->n = 0;
	else if (k->n == 0 || k->rows[i].pub.id != id)
		st = ST_NOT_FOUND;
	else
		*out = k->rows[i];
	return st;
}

static enum status
look_up(
    struct account *a, uint64_t id, bool with_summary, struct message_row *out)
{
	enum status st;

	tell_reading(a, id);
	st = a->reading && !with_summary ? read_ahead(a, id, out)
					 : db_message(a, id, with_summary, out);
	if (st == ST_OK)
		hide_content(a, &out->pub, &out->summary);
	return st;
}

/* --- looking --- */

enum status
message_get(struct account *a, uint64_t id, struct message *out)
{
	struct message_row row;
	enum status st = look_up(a, id, false, &row);

	if (st == ST_OK) {
		*out = row.pub;
		db_message_done(a);
	}
	return st;
}

enum status
message_uidl(struct account *a, uint64_t id, struct buf *out)
{
	return a->has_uidls ? db_uidl(a, id, out) : ST_OK;
}

enum status
message_emailids(struct account *a, uint64_t from, size_t most, struct buf *out,
    uint64_t *next_out)
{
	return db_emailids(a, from, most, out, next_out);
}

void
message_emailid_text(const unsigned char emailid[16], char out[33])
{
	id_text('M', emailid, out);
}

enum status
message_summary(
    struct account *a, uint64_t id, struct arena *arena, struct str *out)
{
	struct message_row row;
	enum status st = look_up(a, id, true, &row);

	if (st == ST_OK) {
		*out = arena_str(arena, row.summary);
		db_message_done(a);
	}
	return st;
}

static size_t
run_of(const uint64_t *ids, size_t n)
{
	size_t i = 1;

	while (i < n && ids[i] > ids[i - 1] && ids[i] - ids[i - 1] <= WALK_GAP)
		i++;
	return i;
}

enum status
message_walk(struct account *a, const uint64_t *ids, size_t n,
    bool (*fn)(
	void *ctx, size_t i, const struct message *m, struct str summary),
    void *ctx)
{
	enum status st = ST_OK;
	bool go_on = true;

	for (size_t i = 0; i < n && go_on && st == ST_OK;) {
		size_t end = i + run_of(ids + i, n - i);
		struct message m;
		struct str summary;

		db_messages(a, ids[i], ids[end - 1]);
		for (; i < end && go_on && st == ST_OK; i++) {
			tell_reading(a, ids[i]);
			st = db_messages_next(a, ids[i], &m, &summary);
			if (st != ST_OK)
				break;
			hide_content(a, &m, &summary);
			go_on = fn(ctx, i, &m, summary);
		}
		db_messages_done(a);
	}
	return st;
}

enum status
message_read(
    struct account *a, uint64_t id, uint64_t at, uint64_t n, struct buf *out)
{
	struct message_row row;
	enum status st = look_up(a, id, false, &row);

	if (st != ST_OK)
		return st;
	db_message_done(a);
	return pack_read(a->pack, row.place, at, n, out);
}
