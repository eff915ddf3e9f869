/* What packs hold of messages that are there, and of those that are not. */
#include "store/db_int.h"

enum status
db_any_in_pack(struct account *a, uint32_t pack, uint64_t *message_out)
{
	return db_number(a, STMT_ANY_IN_PACK, pack, message_out);
}

enum status
db_pack_dead(struct account *a, uint32_t pack, uint64_t bytes)
{
	const int64_t v[] = {pack, (int64_t)bytes};

	return db_run(a, STMT_PACK_DEAD, v, ARRAY_LEN(v));
}

enum status
db_pack_dead_of(struct account *a, uint32_t pack, uint64_t *out)
{
	enum status st = db_number(a, STMT_PACK_DEAD_OF, pack, out);

	if (st == ST_NOT_FOUND)
		*out = 0;
	return st == ST_NOT_FOUND ? ST_OK : st;
}

enum status
db_dead_bytes(struct account *a, uint64_t *out)
{
	return db_number(a, STMT_DEAD_BYTES, 1, out);
}

enum status
db_pack_gone(struct account *a, uint32_t pack)
{
	return db_run_key(a, STMT_PACK_GONE, pack);
}
