#include "store/message.h"

#include "store/account_int.h"
#include "store/db_int.h"
#include "store/pack.h"

void
message_reading(struct account *a)
{
	a->reading = db_begin_reading(a);
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

enum status
message_get(struct account *a, uint64_t id, struct message *out)
{
	struct message_row row;
	enum status st = db_message(a, id, false, &row);

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
	enum status st = db_message(a, id, true, &row);

	if (st == ST_OK) {
		*out = arena_str(arena, row.summary);
		db_message_done(a);
	}
	return st;
}

/*
 * Ids of one mailbox mostly ascend with few of others between them: going to
 * the next row costs a quarter of looking one up.
 */
enum { WALK_GAP = 4 };

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
			st = db_messages_next(a, ids[i], &m, &summary);
			if (st == ST_OK)
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
	enum status st = db_message(a, id, false, &row);

	if (st != ST_OK)
		return st;
	db_message_done(a);
	return pack_read(a->pack, row.place, at, n, out);
}
