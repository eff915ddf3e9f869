#include "auth/record.h"

static void
begin(struct buf *b, enum record_type type, const char *key)
{
	wire_put_u8(b, (uint8_t)type);
	wire_put_str(b, str_from(key));
}

void
record_str(struct buf *b, const char *key, struct str v)
{
	begin(b, RECORD_STR, key);
	wire_put_str(b, v);
}

void
record_u64(struct buf *b, const char *key, uint64_t v)
{
	begin(b, RECORD_U64, key);
	wire_put_var(b, v);
}

void
record_bool(struct buf *b, const char *key, bool v)
{
	begin(b, RECORD_BOOL, key);
	wire_put_var(b, v);
}

void
record_time(struct buf *b, const char *key, int64_t ms)
{
	begin(b, RECORD_TIME, key);
	wire_put_var(b, ms > 0 ? (uint64_t)ms : 0);
}

void
record_list(struct buf *b, const char *key, struct str texts)
{
	begin(b, RECORD_LIST, key);
	wire_put_str(b, texts);
}

void
record_end(struct buf *b)
{
	wire_put_u8(b, RECORD_END);
}

bool
record_next(struct wire *w, struct record_field *out)
{
	uint8_t type = wire_u8(w);
	struct record_field f = {.type = (enum record_type)type};

	if (!wire_ok(w) || type == RECORD_END)
		return false;
	f.key = wire_str(w);
	switch (f.type) {
	case RECORD_STR:
	case RECORD_LIST:
		f.s = wire_str(w);
		break;
	case RECORD_U64:
	case RECORD_BOOL:
	case RECORD_TIME:
		f.number = wire_var(w);
		break;
	case RECORD_END:
	default:
		w->bad = true;
	}
	if (!wire_ok(w))
		return false;
	*out = f;
	return true;
}

static bool
find(struct str rec, const char *key, struct record_field *out)
{
	struct wire w = wire_of(rec);
	struct record_field f;

	while (record_next(&w, &f))
		if (str_eq(f.key, str_from(key))) {
			*out = f;
			return true;
		}
	return false;
}

bool
record_has(struct str rec, const char *key)
{
	struct record_field f;

	return find(rec, key, &f);
}

struct str
record_get(struct str rec, const char *key)
{
	struct record_field f;

	return find(rec, key, &f) ? f.s : S("");
}

uint64_t
record_number(struct str rec, const char *key)
{
	struct record_field f;

	return find(rec, key, &f) ? f.number : 0;
}

bool
record_take(struct str *run, struct str *out)
{
	struct wire w = wire_of(*run);
	struct record_field f;
	size_t n;

	if (run->n == 0)
		return false;
	while (record_next(&w, &f))
		;
	if (!wire_ok(&w))
		return false;
	n = (size_t)(w.p - run->p);
	*out = str_first(*run, n);
	*run = str_from_pos(*run, n);
	return true;
}
