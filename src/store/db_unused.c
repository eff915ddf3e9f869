/* What rows refer to, and rows that nothing refers to (tender_unused.c). */
#include "store/db_int.h"

#include "base/wire.h"

static uint64_t
id_key(struct str threadid)
{
	struct wire w = wire_of(threadid);

	return wire_u64(&w);
}

enum status
db_used_flagsets(struct account *a, uint64_t *mailbox, uint32_t *uid,
    unsigned most, struct map *used, bool *more_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_USED_FLAGSETS);
	enum status st;
	unsigned n = 0;

	if (s) {
		sqlite3_bind_int64(s, 1, (int64_t)*mailbox);
		sqlite3_bind_int64(s, 2, *uid);
		sqlite3_bind_int64(s, 3, most);
	}
	for (; db_row(s, &st); n++) {
		*mailbox = db_u64(s, 0);
		*uid = db_u32(s, 1);
		(void)map_set_u64(used, db_u32(s, 2), a);
	}
	*more_out = n == most;
	return st;
}

enum status
db_used_threads(struct account *a, uint64_t *message, unsigned most,
    struct map *used, bool *more_out)
{
	sqlite3_stmt *s = db_stmt(a, STMT_USED_THREADS);
	enum status st;
	unsigned n = 0;

	if (s) {
		sqlite3_bind_int64(s, 1, (int64_t)*message);
		sqlite3_bind_int64(s, 2, most);
	}
	for (; db_row(s, &st); n++) {
		*message = db_u64(s, 0);
		(void)map_set_u64(used, id_key(db_column(s, 1)), a);
	}
	*more_out = n == most;
	return st;
}

enum status
db_unused(struct account *a, enum tend_kind kind, int64_t *after,
    const struct map *used, struct unused_ids *out)
{
	sqlite3_stmt *s = db_stmt(a,
	    kind == TEND_FLAGSETS      ? STMT_FLAGSET_IDS
		: kind == TEND_ORIGINS ? STMT_ORIGIN_IDS
				       : STMT_THREAD_IDS);
	enum status st;
	unsigned looked = 0;

	out->n = 0;
	if (s)
		sqlite3_bind_int64(s, 1, *after);
	while (db_row(s, &st)) {
		uint64_t id = db_u64(s, 0);
		uint64_t key =
		    kind == TEND_THREADS ? id_key(db_column(s, 1)) : id;

		if (!map_get_u64(used, key))
			out->ids[out->n++] = id;
		*after = (int64_t)id;
		if (++looked == UNUSED_LOOKED || out->n == TEND_ITEMS_MAX) {
			out->more = true;
			sqlite3_reset(s);
			return ST_OK;
		}
	}
	out->more = false;
	return st;
}

bool
db_thread_joined(struct account *a, uint64_t hash, uint64_t since)
{
	return db_has(a, STMT_THREAD_JOINED, hash, since);
}

enum status
db_drop_thread(struct account *a, uint64_t hash)
{
	return db_run_key(a, STMT_THREAD_DROP, hash);
}

enum status
db_drop_flagset(struct account *a, uint32_t id)
{
	return db_run_key(a, STMT_FLAGSET_DROP, id);
}

enum status
db_drop_origin(struct account *a, uint64_t id, struct arena *arena,
    struct str *encoded_out)
{
	*encoded_out = db_text(a, STMT_ORIGIN, id, arena);
	return db_run_key(a, STMT_ORIGIN_DROP, id);
}
