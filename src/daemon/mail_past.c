#include "daemon/mail_past.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "base/wire.h"
#include "mime/imap_text.h"
#include "mime/words.h"
#include "store/message.h"

/* --- the side that owns the account --- */

static enum status
horizon(struct mail_op *op)
{
	struct account_usage u;
	int64_t wall;
	enum status st = past_horizon(op->account, &wall);

	if (st != ST_OK)
		return st;
	account_usage(op->account, &u);
	wire_put_svar(&op->answer, wall);
	wire_put_var(&op->answer, past_from(op->account));
	wire_put_var(&op->answer, u.modseq);
	return ST_OK;
}

/* What most events share with the one before is not said again. */
enum { EVENT_TRASH = 1, EVENT_SAME_ORIGIN = 2, EVENT_SAME_PLACE = 4 };

static unsigned
event_bits(const struct past_event *e, const struct past_event *before)
{
	unsigned bits = e->trash ? EVENT_TRASH : 0;

	if (!before)
		return bits;
	if (e->origin_id == before->origin_id)
		bits |= EVENT_SAME_ORIGIN;
	if (e->mailbox == before->mailbox && e->target == before->target &&
	    str_eq(e->name, before->name) &&
	    str_eq(e->new_name, before->new_name))
		bits |= EVENT_SAME_PLACE;
	return bits;
}

static void
put_event(struct buf *b, const struct past_event *e, unsigned bits)
{
	wire_put_var(b, e->modseq);
	wire_put_svar(b, e->wall_ms);
	wire_put_u8(b, (uint8_t)e->kind);
	wire_put_u8(b, (uint8_t)bits);
	if (!(bits & EVENT_SAME_ORIGIN)) {
		wire_put_str(b, e->origin.person);
		wire_put_str(b, e->origin.credential);
		wire_put_str(b, e->origin.protocol);
		wire_put_str(b, e->origin.client);
		wire_put_str(b, e->origin.peer);
	}
	if (!(bits & EVENT_SAME_PLACE)) {
		wire_put_var(b, e->mailbox);
		wire_put_var(b, e->target);
		wire_put_str(b, e->name);
		wire_put_str(b, e->new_name);
	}
	wire_put_var(b, e->count);
	wire_put_var(b, e->gone);
	wire_put_var(b, e->folders);
}

/* Ends with modseq 0 and where to go on. */
static enum status
events(struct mail_op *op, struct wire *w)
{
	uint64_t from = wire_var(w), next = 0;
	struct past_event *e;
	enum status st;
	size_t i, n;

	if (!wire_end(w))
		return ST_SYNTAX;
	st = past_events(
	    op->account, from, MAIL_PAST_EVENTS, &op->arena, &e, &n);
	if (st != ST_OK)
		return st;
	for (i = 0; i < n && op->answer.n < MAIL_OP_CHUNK; i++)
		put_event(&op->answer, &e[i],
		    event_bits(&e[i], i > 0 ? &e[i - 1] : NULL));
	if (i < n || n == MAIL_PAST_EVENTS)
		next = e[i - 1].modseq;
	wire_put_var(&op->answer, 0);
	wire_put_var(&op->answer, next);
	return ST_OK;
}

static void
put_mailbox(struct buf *b, const struct mailbox *m)
{
	wire_put_var(b, m->id);
	wire_put_str(b, m->name);
	wire_put_u8(b, m->selectable);
	wire_put_u8(b, m->subscribed);
	wire_put_u32(b, m->special_use);
	wire_put_u32(b, m->uidvalidity);
	wire_put_u32(b, m->uidnext);
	wire_put_u32(b, m->messages);
	wire_put_u32(b, m->unseen);
	wire_put_var(b, m->size);
}

/* Ends with id 0 and where to go on. */
static enum status
mailboxes(struct mail_op *op, struct wire *w)
{
	int64_t at = wire_svar(w);
	uint32_t from = wire_u32(w), next = 0;
	const struct mailbox *m;
	uint64_t modseq;
	enum status st;
	size_t i, n;

	if (!wire_end(w))
		return ST_SYNTAX;
	if ((st = past_modseq_at(op->account, at, &modseq)) != ST_OK ||
	    (st = past_list(op->account, modseq, &m, &n)) != ST_OK)
		return st;
	wire_put_var(&op->answer, modseq);
	for (i = from; i < n; i++) {
		if (i == from + MAIL_PAST_BOXES ||
		    op->answer.n > MAIL_OP_CHUNK) {
			next = (uint32_t)i;
			break;
		}
		put_mailbox(&op->answer, &m[i]);
	}
	wire_put_var(&op->answer, 0);
	wire_put_u32(&op->answer, next);
	return ST_OK;
}

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

struct page {
	struct mail_op *op;
	const struct entry *entries;
	size_t done;
	struct arena arena;
	enum status st;
};

static bool
put_entry(void *ctx, size_t i, const struct message *m, struct str encoded)
{
	struct page *p = ctx;
	const struct entry *e = &p->entries[i];
	struct buf *b = &p->op->answer;
	struct summary s;

	arena_reset(&p->arena);
	p->st = summary_decode(encoded, &p->arena, &s);
	if (p->st != ST_OK || b->n > MAIL_OP_CHUNK)
		return false;
	wire_put_u32(b, e->uid);
	wire_put_var(b, e->message);
	wire_put_var(b, m->size);
	wire_put_svar(b, m->internaldate_ms);
	wire_put_svar(b, m->internaldate_zone);
	wire_put_str(b, utf8_clip(s.display_from, MAIL_PAST_TEXT));
	put_subject(b, s.envelope, &p->arena);
	wire_put_str(b, account_flagset(p->op->account, e->flagset)->text);
	wire_put_str(b, str_from(m->emailid));
	p->done++;
	return true;
}

static enum status
put_page(struct mail_op *op, struct view *v, uint32_t from_uid)
{
	uint32_t msn = view_lower(v, from_uid), next = 0;
	struct entry entries[MAIL_PAST_ENTRIES];
	uint64_t ids[MAIL_PAST_ENTRIES];
	struct page p = {.op = op, .entries = entries};
	enum status st;
	size_t n = 0;

	while (n < MAIL_PAST_ENTRIES && msn + n <= view_count(v)) {
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

/* Ends with uid 0 and where to go on. */
static enum status
entries(struct mail_op *op, struct wire *w)
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
	st = put_page(op, v, from);
	view_close(&v);
	return st;
}

static void
put_brought(struct buf *b, const struct brought *r)
{
	wire_put_var(b, r->folders);
	wire_put_var(b, r->kept);
	wire_put_var(b, r->fresh);
	wire_put_var(b, r->moved_back);
	wire_put_var(b, r->flags);
	wire_put_var(b, r->removed);
	wire_put_var(b, r->names);
	wire_put_var(b, r->there);
	wire_put_var(b, r->elsewhere);
	wire_put_var(b, r->skipped);
	wire_put_var(b, r->refused);
}

static void
put_folder(struct buf *b, const struct restore_folder *f)
{
	wire_put_str(b, f->name_then);
	wire_put_str(b, f->name);
	wire_put_u8(b, (uint8_t)f->how);
	put_brought(b, &f->brought);
}

enum status
mail_past_run(struct mail_op *op, enum mail_op_kind kind, struct wire *w)
{
	switch (kind) {
	case MAIL_OP_HORIZON:
		return wire_end(w) ? horizon(op) : ST_SYNTAX;
	case MAIL_OP_EVENTS:
		return events(op, w);
	case MAIL_OP_PAST_MAILBOXES:
		return mailboxes(op, w);
	case MAIL_OP_PAST_ENTRIES:
		return entries(op, w);
	default:
		return ST_SYNTAX;
	}
}

void
mail_past_report(struct mail_op *op)
{
	struct restore_report r;
	uint32_t n = 0;
	enum status st =
	    restore_report(op->account, &op->change, &op->arena, &r);
	struct buf folders;

	op->status = st;
	if (st != ST_OK)
		return;
	put_brought(&op->answer, &r.total);
	buf_init(&folders, MAIL_OP_CHUNK);
	while (n < r.n && folders.n < MAIL_OP_CHUNK - 4096)
		put_folder(&folders, &r.folders[n++]);
	wire_put_u32(&op->answer, (uint32_t)r.n);
	wire_put_u32(&op->answer, n);
	buf_adds(&op->answer, buf_str(&folders));
	buf_release(&folders);
}

/* --- the side that asks --- */

void
mail_ask_events(struct buf *out, uint64_t from)
{
	wire_put_var(out, from);
}

void
mail_ask_past_mailboxes(struct buf *out, int64_t at_ms, uint32_t from)
{
	wire_put_svar(out, at_ms);
	wire_put_u32(out, from);
}

void
mail_ask_past_entries(
    struct buf *out, uint64_t mailbox, uint64_t modseq, uint32_t from_uid)
{
	wire_put_var(out, mailbox);
	wire_put_var(out, modseq);
	wire_put_u32(out, from_uid);
}

enum status
mail_answer_horizon(struct str in, struct mail_horizon *out)
{
	struct wire w = wire_of(in);
	struct mail_horizon h;

	h.from_ms = wire_svar(&w);
	h.history_from = wire_var(&w);
	h.modseq = wire_var(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = h;
	return ST_OK;
}

static void
get_event(struct wire *w, struct past_event *e, const struct past_event *before)
{
	unsigned bits;

	e->wall_ms = wire_svar(w);
	e->kind = (enum change_kind)wire_u8(w);
	bits = before ? wire_u8(w) : wire_u8(w) & EVENT_TRASH;
	e->trash = bits & EVENT_TRASH;
	if (bits & EVENT_SAME_ORIGIN) {
		e->origin = before->origin;
	} else {
		e->origin.person = wire_str(w);
		e->origin.credential = wire_str(w);
		e->origin.protocol = wire_str(w);
		e->origin.client = wire_str(w);
		e->origin.peer = wire_str(w);
	}
	if (bits & EVENT_SAME_PLACE) {
		e->mailbox = before->mailbox;
		e->target = before->target;
		e->name = before->name;
		e->new_name = before->new_name;
	} else {
		e->mailbox = wire_var(w);
		e->target = wire_var(w);
		e->name = wire_str(w);
		e->new_name = wire_str(w);
	}
	e->count = wire_var(w);
	e->gone = wire_var(w);
	e->folders = wire_var(w);
}

enum status
mail_answer_events(struct str in, struct arena *a, struct past_event **out,
    size_t *n_out, uint64_t *next_out)
{
	struct past_event *list =
	    ARENA_ARRAY(a, struct past_event, MAIL_PAST_EVENTS + 1);
	struct wire w = wire_of(in);
	uint64_t modseq, next;
	size_t n = 0;

	while ((modseq = wire_var(&w)) != 0 && n < MAIL_PAST_EVENTS) {
		list[n] = (struct past_event){.modseq = modseq};
		get_event(&w, &list[n], n > 0 ? &list[n - 1] : NULL);
		n++;
	}
	next = wire_var(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = list;
	*n_out = n;
	*next_out = next;
	return ST_OK;
}

enum status
mail_answer_past_mailboxes(struct str in, struct arena *a, uint64_t *modseq_out,
    struct mailbox **out, size_t *n_out, uint32_t *next_out)
{
	struct mailbox *list = ARENA_ARRAY(a, struct mailbox, MAIL_PAST_BOXES);
	struct wire w = wire_of(in);
	uint64_t id, modseq = wire_var(&w);
	struct mailbox *m;
	uint32_t next;
	size_t n = 0;

	while ((id = wire_var(&w)) != 0 && n < MAIL_PAST_BOXES) {
		m = &list[n++];
		*m = (struct mailbox){.id = id};
		m->name = wire_str(&w);
		m->selectable = wire_u8(&w) != 0;
		m->subscribed = wire_u8(&w) != 0;
		m->special_use = wire_u32(&w);
		m->uidvalidity = wire_u32(&w);
		m->uidnext = wire_u32(&w);
		m->messages = wire_u32(&w);
		m->unseen = wire_u32(&w);
		m->size = wire_var(&w);
	}
	next = wire_u32(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*modseq_out = modseq;
	*out = list;
	*n_out = n;
	*next_out = next;
	return ST_OK;
}

enum status
mail_answer_past_entries(struct str in, struct arena *a,
    struct mail_past_entry **out, size_t *n_out, uint32_t *next_out)
{
	struct mail_past_entry *list =
	    ARENA_ARRAY(a, struct mail_past_entry, MAIL_PAST_ENTRIES);
	struct wire w = wire_of(in);
	struct mail_past_entry *e;
	uint32_t uid, next;
	size_t n = 0;

	while ((uid = wire_u32(&w)) != 0 && n < MAIL_PAST_ENTRIES) {
		e = &list[n++];
		e->uid = uid;
		e->message = wire_var(&w);
		e->size = wire_var(&w);
		e->date_ms = wire_svar(&w);
		e->date_zone = (int32_t)wire_svar(&w);
		e->from = wire_str(&w);
		e->subject = wire_str(&w);
		e->flags = wire_str(&w);
		e->emailid = wire_str(&w);
	}
	next = wire_u32(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = list;
	*n_out = n;
	*next_out = next;
	return ST_OK;
}

static void
get_brought(struct wire *w, struct brought *r)
{
	r->folders = (uint32_t)wire_var(w);
	r->kept = (uint32_t)wire_var(w);
	r->fresh = (uint32_t)wire_var(w);
	r->moved_back = (uint32_t)wire_var(w);
	r->flags = (uint32_t)wire_var(w);
	r->removed = (uint32_t)wire_var(w);
	r->names = (uint32_t)wire_var(w);
	r->there = (uint32_t)wire_var(w);
	r->elsewhere = (uint32_t)wire_var(w);
	r->skipped = (uint32_t)wire_var(w);
	r->refused = (uint32_t)wire_var(w);
}

enum status
mail_answer_report(
    struct str in, struct arena *a, struct restore_report *out, size_t *all_out)
{
	struct wire w = wire_of(in);
	struct restore_report r = {0};
	uint32_t all, n;

	get_brought(&w, &r.total);
	all = wire_u32(&w);
	n = wire_u32(&w);
	if (!wire_ok(&w) || n > in.n)
		return ST_SYNTAX;
	r.folders = ARENA_ARRAY(a, struct restore_folder, (size_t)n + 1);
	for (; r.n < n; r.n++) {
		struct restore_folder *f = &r.folders[r.n];

		*f = (struct restore_folder){.name_then = wire_str(&w)};
		f->name = wire_str(&w);
		f->how = (enum restore_how)wire_u8(&w);
		get_brought(&w, &f->brought);
	}
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = r;
	*all_out = all;
	return ST_OK;
}
