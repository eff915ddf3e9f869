/* Entries of a mailbox, page by page: how they are told and read. */
#include "base/utf8.h"
#include "base/wire.h"
#include "daemon/mail_op_int.h"
#include "daemon/mail_past.h"
#include "mime/imap_text.h"
#include "mime/words.h"
#include "store/message.h"

/* --- the side that owns the account --- */

struct page {
	struct mail_op *op;
	const struct entry *entries;
	bool texts; /* sender and subject, for people */
	size_t done;
	struct arena arena;
	enum status st;
};

/* The second item of an ENVELOPE, for people. */
static void
put_subject(struct buf *out, struct str envelope, struct arena *arena)
{
	struct str rest = str_from_pos(envelope, 1), raw = S("");
	struct buf b;

	if (!imap_text_take(&rest, arena, &raw) || !str_starts(rest, S(" ")))
		raw = S("");
	rest = str_from_pos(rest, 1);
	if (!imap_text_take(&rest, arena, &raw))
		raw = S("");
	buf_init(&b, 64 * 1024);
	words_decode(raw, &b);
	wire_put_str(out, utf8_clip(buf_str(&b), MAIL_PAST_TEXT));
	buf_release(&b);
}

static void
put_texts(struct page *p, struct str encoded)
{
	struct summary s;

	arena_reset(&p->arena);
	p->st = summary_decode(encoded, &p->arena, &s);
	if (p->st != ST_OK)
		return;
	wire_put_str(&p->op->answer, utf8_clip(s.display_from, MAIL_PAST_TEXT));
	put_subject(&p->op->answer, s.envelope, &p->arena);
}

static bool
put_entry(void *ctx, size_t i, const struct message *m, struct str encoded)
{
	struct page *p = ctx;
	const struct entry *e = &p->entries[i];
	struct buf *b = &p->op->answer;

	if (b->n > MAIL_OP_CHUNK)
		return false;
	wire_put_u32(b, e->uid);
	wire_put_var(b, e->message);
	wire_put_var(b, m->size);
	wire_put_svar(b, m->internaldate_ms);
	wire_put_svar(b, m->internaldate_zone);
	wire_put_str(b, account_flagset(p->op->account, e->flagset)->text);
	wire_put_str(b, str_from(m->emailid));
	if (p->texts)
		put_texts(p, encoded);
	p->done++;
	return p->st == ST_OK;
}

/* Ends with uid 0 and where to go on. */
static enum status
put_page(struct mail_op *op, struct view *v, uint32_t from_uid, bool texts)
{
	uint32_t msn = view_lower(v, from_uid), next = 0;
	struct entry entries[MAIL_OP_PAGE];
	uint64_t ids[MAIL_OP_PAGE];
	struct page p = {.op = op, .entries = entries, .texts = texts};
	enum status st;
	size_t n = 0;

	while (n < MAIL_OP_PAGE && msn + n <= view_count(v)) {
		view_entry(v, msn + (uint32_t)n, &entries[n]);
		ids[n] = entries[n].message;
		n++;
	}
	st = message_walk(op->account, ids, n, put_entry, &p);
	if (st == ST_OK)
		st = p.st;
	arena_release(&p.arena);
	if (msn + p.done <= view_count(v))
		next = view_uid(v, msn + (uint32_t)p.done);
	wire_put_u32(&op->answer, 0);
	wire_put_u32(&op->answer, next);
	return st;
}

enum status
mail_entries_now(struct mail_op *op, struct wire *w)
{
	uint64_t mailbox = wire_var(w);
	uint32_t from = wire_u32(w);
	struct view *v;
	enum status st;

	if (!wire_end(w))
		return ST_SYNTAX;
	st = view_open(op->account, &op->viewer, mailbox, &v);
	if (st != ST_OK)
		return st;
	st = put_page(op, v, from, false);
	view_close(&v);
	return st;
}

enum status
mail_entries_then(struct mail_op *op, struct wire *w)
{
	uint64_t mailbox = wire_var(w), modseq = wire_var(w);
	uint32_t from = wire_u32(w);
	struct mailbox box;
	struct view *v;
	enum status st;

	if (!wire_end(w))
		return ST_SYNTAX;
	st =
	    past_view_open(op->account, &op->viewer, mailbox, modseq, &v, &box);
	if (st != ST_OK)
		return st;
	st = put_page(op, v, from, true);
	view_close(&v);
	return st;
}

/* --- the side that asks --- */

void
mail_ask_entries(struct buf *out, uint64_t mailbox, uint32_t from_uid)
{
	wire_put_var(out, mailbox);
	wire_put_u32(out, from_uid);
}

void
mail_ask_past_entries(
    struct buf *out, uint64_t mailbox, uint64_t modseq, uint32_t from_uid)
{
	wire_put_var(out, mailbox);
	wire_put_var(out, modseq);
	wire_put_u32(out, from_uid);
}

static enum status
read_page(struct str in, struct arena *a, bool texts, struct mail_entry **out,
    size_t *n_out, uint32_t *next_out)
{
	struct mail_entry *list =
	    ARENA_ARRAY(a, struct mail_entry, MAIL_OP_PAGE);
	struct wire w = wire_of(in);
	uint32_t uid, next;
	size_t n = 0;

	while ((uid = wire_u32(&w)) != 0 && n < MAIL_OP_PAGE) {
		struct mail_entry *e = &list[n++];

		*e = (struct mail_entry){.uid = uid};
		e->message = wire_var(&w);
		e->size = wire_var(&w);
		e->date_ms = wire_svar(&w);
		e->date_zone = (int32_t)wire_svar(&w);
		e->flags = wire_str(&w);
		e->emailid = wire_str(&w);
		if (texts) {
			e->from = wire_str(&w);
			e->subject = wire_str(&w);
		}
	}
	next = wire_u32(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = list;
	*n_out = n;
	*next_out = next;
	return ST_OK;
}

enum status
mail_answer_entries(struct str in, struct arena *a, struct mail_entry **out,
    size_t *n_out, uint32_t *next_out)
{
	return read_page(in, a, false, out, n_out, next_out);
}

enum status
mail_answer_past_entries(struct str in, struct arena *a,
    struct mail_entry **out, size_t *n_out, uint32_t *next_out)
{
	return read_page(in, a, true, out, n_out, next_out);
}
