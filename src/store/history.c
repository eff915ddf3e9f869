#include "store/history_int.h"

/*
 * Old flag sets in runs: the gap to the run before, doubled, plus one when a
 * length follows; then the set. Two bytes a message where sets alternate.
 */
static void
encode_flags(const struct effect *e, struct buf *out)
{
	uint32_t next = 1;

	for (size_t i = 0, n; i < e->n_rows; i += n) {
		const struct row *r = &e->rows[i];

		for (n = 1; i + n < e->n_rows && r[n].e.uid == r->e.uid + n &&
		     r[n].old_flagset == r->old_flagset;
		     n++)
			;
		wire_put_var(out, (uint64_t)(r->e.uid - next) * 2 + (n > 1));
		if (n > 1)
			wire_put_var(out, n);
		wire_put_var(out, r->old_flagset);
		next = r->e.uid + (uint32_t)n;
	}
}

/* Uids of old: runs, as of flags. */
static void
encode_back(const struct effect *e, struct buf *out)
{
	uint32_t next = 1;

	for (size_t i = 0, n; i < e->n_rows; i += n) {
		const struct row *r = &e->rows[i];

		for (n = 1; i + n < e->n_rows && r[n].e.uid == r->e.uid + n;
		     n++)
			;
		wire_put_var(out, (uint64_t)(r->e.uid - next) * 2 + (n > 1));
		if (n > 1)
			wire_put_var(out, n);
		next = r->e.uid + (uint32_t)n;
	}
}

static void
encode_gone(const struct effect *e, struct buf *out)
{
	uint32_t next = 1;
	uint64_t message = 0;
	int64_t saved = 0;

	for (size_t i = 0; i < e->n_rows; i++) {
		const struct row *r = &e->rows[i];

		wire_put_var(out, r->e.uid - next);
		wire_put_var(out, r->e.flagset);
		wire_put_svar(out, (int64_t)(r->e.message - message));
		wire_put_svar(out, r->e.saved_ms - saved);
		wire_put_var(out, r->size);
		next = r->e.uid + 1;
		message = r->e.message;
		saved = r->e.saved_ms;
	}
}

void
history_encode(const struct effect *e, struct buf *out)
{
	switch (e->kind) {
	case EFFECT_ADD: /* uids of an effect follow each other */
		wire_put_var(out, e->rows[0].e.uid);
		wire_put_var(out, e->n_rows);
		if (e->source)
			wire_put_var(out, e->source);
		if (e->source && e->moved)
			wire_put_u8(out, 1);
		break;
	case EFFECT_FLAGS:
		encode_flags(e, out);
		break;
	case EFFECT_GONE:
		encode_gone(e, out);
		break;
	case EFFECT_BACK:
		encode_back(e, out);
		break;
	case EFFECT_CREATE:
	case EFFECT_REVIVE:
		wire_put_str(out, e->name);
		break;
	case EFFECT_DELETE:
		wire_put_str(out, e->name);
		wire_put_u8(out, e->was.selectable);
		wire_put_var(out, e->was.special_use);
		wire_put_var(out, e->was.uidvalidity);
		wire_put_var(out, e->was.uidnext);
		wire_put_var(out, e->was.recent_from);
		break;
	case EFFECT_RENAME:
		wire_put_str(out, e->name);
		wire_put_str(out, e->new_name);
		break;
	case EFFECT_SUBSCRIBE:
		wire_put_str(out, e->name);
		wire_put_u8(out, e->was_on);
		break;
	case EFFECT_SPECIAL_USE:
		wire_put_var(out, e->was_special_use);
		break;
	case EFFECT_QUOTA:
		wire_put_var(out, e->was_quota);
		break;
	case EFFECT_EPOCH:
		break;
	}
}

void
history_read(struct history_reader *r, const struct history_row *row)
{
	*r = (struct history_reader){
	    .w = wire_of(row->data), .kind = history_effect(row)};
	if (r->kind == EFFECT_ADD) {
		r->uid = (uint32_t)wire_var(&r->w);
		r->left = (uint32_t)wire_var(&r->w);
	} else {
		r->uid = 1;
	}
}

static void
next_run(struct history_reader *r)
{
	uint64_t v = wire_var(&r->w);

	r->uid += (uint32_t)(v >> 1);
	r->left = v & 1 ? (uint32_t)wire_var(&r->w) : 1;
	if (r->kind == EFFECT_FLAGS)
		r->flagset = (uint32_t)wire_var(&r->w);
}

bool
history_next(struct history_reader *r, struct entry *out, uint64_t *size)
{
	*out = (struct entry){0};
	*size = 0;
	if (r->kind == EFFECT_GONE) {
		if (r->w.p == r->w.end)
			return false;
		r->uid += (uint32_t)wire_var(&r->w);
		out->flagset = (uint32_t)wire_var(&r->w);
		r->message += (uint64_t)wire_svar(&r->w);
		r->saved_ms += wire_svar(&r->w);
		*size = wire_var(&r->w);
		out->message = r->message;
		out->saved_ms = r->saved_ms;
	} else {
		if (r->left == 0 && r->kind != EFFECT_ADD && r->w.p != r->w.end)
			next_run(r);
		if (r->left == 0)
			return false;
		r->left--;
		out->flagset = r->flagset;
	}
	out->uid = r->uid++;
	return wire_ok(&r->w);
}

uint64_t
history_count(const struct history_row *row)
{
	enum effect_kind kind = history_effect(row);
	struct history_reader r;
	struct entry e;
	uint64_t n = 0, size;

	if (!history_has_entries(kind))
		return 0;
	history_read(&r, row);
	if (kind == EFFECT_ADD)
		return r.left;
	while (history_next(&r, &e, &size))
		n++;
	return n;
}

bool
history_source(const struct history_row *row, uint64_t *mailbox_out)
{
	struct wire w = wire_of(row->data);
	uint64_t source;

	wire_var(&w);
	wire_var(&w);
	source = wire_var(&w);
	if (!wire_ok(&w))
		return false;
	*mailbox_out = source;
	return true;
}

bool
history_moved(const struct history_row *row)
{
	struct wire w = wire_of(row->data);

	if (history_effect(row) != EFFECT_ADD)
		return false;
	switch (history_change(row)) {
	case CHANGE_MOVE:
	case CHANGE_RENAME: /* of INBOX (S20) */
		return true;
	default:
		wire_var(&w);
		wire_var(&w);
		wire_var(&w);
		return wire_u8(&w) == 1 && wire_ok(&w);
	}
}

enum status
history_folder(const struct history_row *row, struct history_folder *out)
{
	struct wire w = wire_of(row->data);
	struct history_folder f = {0};

	switch (history_effect(row)) {
	case EFFECT_CREATE:
	case EFFECT_REVIVE:
		f.name = wire_str(&w);
		break;
	case EFFECT_DELETE:
		f.name = wire_str(&w);
		f.was_selectable = wire_u8(&w) != 0;
		f.was_special_use = (unsigned)wire_var(&w);
		f.was_uidvalidity = (uint32_t)wire_var(&w);
		f.was_uidnext = (uint32_t)wire_var(&w);
		f.was_recent_from = (uint32_t)wire_var(&w);
		break;
	case EFFECT_RENAME:
		f.name = wire_str(&w);
		f.new_name = wire_str(&w);
		break;
	case EFFECT_SUBSCRIBE:
		f.name = wire_str(&w);
		f.was_on = wire_u8(&w) != 0;
		break;
	case EFFECT_SPECIAL_USE:
		f.was_special_use = (unsigned)wire_var(&w);
		break;
	case EFFECT_QUOTA:
		f.was_quota = wire_var(&w);
		break;
	default:
		break;
	}
	if (!wire_end(&w))
		return ST_CORRUPT;
	*out = f;
	return ST_OK;
}
