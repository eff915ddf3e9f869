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
mail_answer_emailids(struct str in, struct str *ids_out, uint64_t *next_out)
{
	struct wire w = wire_of(in);

	*ids_out = wire_str(&w);
	*next_out = wire_u64(&w);
	return wire_end(&w) && ids_out->n % INCOMING_EMAILID == 0 ? ST_OK
								  : ST_SYNTAX;
}
