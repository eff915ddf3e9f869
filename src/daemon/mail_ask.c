/*
 * The asking side of daemon/mail_op.h.
 */
#include "base/vec.h"
#include "base/wire.h"
#include "daemon/mail_op.h"

void
mail_ask(struct buf *out, enum mail_op_kind kind, struct str account,
    struct str person)
{
	wire_put_u8(out, (uint8_t)kind);
	wire_put_str(out, account);
	wire_put_str(out, person);
}

void
mail_ask_entries(struct buf *out, uint64_t mailbox, uint32_t from_uid)
{
	wire_put_u64(out, mailbox);
	wire_put_u32(out, from_uid);
}

void
mail_ask_read(struct buf *out, uint64_t message, uint64_t at)
{
	wire_put_u64(out, message);
	wire_put_u64(out, at);
}

void
mail_ask_emailids(struct buf *out, uint64_t from_message)
{
	wire_put_u64(out, from_message);
}

void
mail_ask_lend(struct buf *out, bool alone)
{
	wire_put_u8(out, alone);
}

void
mail_ask_change(
    struct buf *out, const struct change *c, const struct incoming *message)
{
	/* Whose eyes and who did it is for the owner's side to say. */
	const struct viewer nobody = {.person = S("")};
	const struct origin nowhere = {.person = S(""),
	    .credential = S(""),
	    .protocol = S(""),
	    .client = S(""),
	    .peer = S("")};
	struct change whole = *c;
	struct buf b;

	whole.viewer = &nobody;
	whole.origin = &nowhere;
	buf_init(&b, out->max);
	change_encode(&whole, &b);
	wire_put_str(out, buf_str(&b));
	buf_clear(&b);
	if (message)
		incoming_encode(message, &b);
	wire_put_str(out, buf_str(&b));
	/* What did not fit here does not fit there either. */
	out->full = out->full || buf_full(&b);
	buf_release(&b);
}

enum status
mail_answer_usage(struct str in, struct account_usage *out)
{
	struct wire w = wire_of(in);
	struct account_usage u;

	u.bytes = wire_u64(&w);
	u.messages = wire_u64(&w);
	u.quota = wire_u64(&w);
	u.retained_bytes = wire_u64(&w);
	u.modseq = wire_u64(&w);
	u.dead = wire_u64(&w);
	u.disk = wire_u64(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = u;
	return ST_OK;
}

enum status
mail_answer_mailboxes(
    struct str in, struct arena *a, struct mailbox **out, size_t *n_out)
{
	struct wire w = wire_of(in);
	struct mailbox *list, *m;
	uint32_t i, n = wire_u32(&w);

	if (!wire_ok(&w) || n > in.n)
		return ST_SYNTAX;
	list = ARENA_ARRAY(a, struct mailbox, n + 1);
	for (i = 0; i < n; i++) {
		m = &list[i];
		m->id = wire_u64(&w);
		m->name = wire_str(&w);
		m->selectable = wire_u8(&w) != 0;
		m->subscribed = wire_u8(&w) != 0;
		m->special_use = wire_u32(&w);
		m->uidvalidity = wire_u32(&w);
		m->uidnext = wire_u32(&w);
		m->messages = wire_u32(&w);
		m->unseen = wire_u32(&w);
		m->size = wire_u64(&w);
	}
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = list;
	*n_out = n;
	return ST_OK;
}

enum status
mail_answer_entries(struct str in, struct arena *a, struct mail_entry **out,
    size_t *n_out, uint32_t *next_out)
{
	struct mail_entry *list =
	    ARENA_ARRAY(a, struct mail_entry, MAIL_OP_PAGE + 1);
	struct wire w = wire_of(in);
	struct mail_entry *e;
	uint32_t uid, next;
	size_t n = 0;

	while ((uid = wire_u32(&w)) != 0 && n < MAIL_OP_PAGE) {
		e = &list[n++];
		e->uid = uid;
		e->message = wire_u64(&w);
		e->size = wire_u64(&w);
		e->date_ms = wire_svar(&w);
		e->date_zone = (int32_t)wire_svar(&w);
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

enum status
mail_answer_emailids(struct str in, struct str *ids_out, uint64_t *next_out)
{
	struct wire w = wire_of(in);

	*ids_out = wire_str(&w);
	*next_out = wire_u64(&w);
	return wire_end(&w) && ids_out->n % INCOMING_EMAILID == 0 ? ST_OK
								  : ST_SYNTAX;
}
