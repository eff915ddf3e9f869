#include "daemon/mail_op.h"

#include "base/wire.h"
#include "daemon/mail_op_int.h"
#include "store/message.h"

static enum status
usage(struct mail_op *op)
{
	struct account_usage u;
	enum status st = account_space(op->account, &u);

	if (st != ST_OK)
		return st;
	wire_put_u64(&op->answer, u.bytes);
	wire_put_u64(&op->answer, u.messages);
	wire_put_u64(&op->answer, u.quota);
	wire_put_u64(&op->answer, u.retained_bytes);
	wire_put_u64(&op->answer, u.modseq);
	wire_put_u64(&op->answer, u.dead);
	wire_put_u64(&op->answer, u.disk);
	return ST_OK;
}

static enum status
emailids(struct mail_op *op, struct wire *w)
{
	uint64_t from = wire_u64(w), next;
	struct buf ids;
	enum status st;

	if (!wire_end(w))
		return ST_SYNTAX;
	buf_init(&ids, MAIL_OP_CHUNK);
	st = message_emailids(
	    op->account, from, MAIL_OP_EMAILIDS_PAGE, &ids, &next);
	if (st == ST_OK) {
		wire_put_str(&op->answer, buf_str(&ids));
		wire_put_u64(&op->answer, next);
		st = buf_status(&ids);
	}
	buf_release(&ids);
	return st;
}

static enum status
change(struct mail_op *op, struct wire *w, int *fd)
{
	struct str text = arena_str(&op->arena, wire_str(w));
	struct str message = wire_str(w);
	enum status st;

	if (!wire_end(w))
		return ST_SYNTAX;
	if ((st = change_decode(text, &op->arena, &op->change)) != ST_OK)
		return st;
	op->change.viewer = &op->viewer;
	op->change.origin = &op->origin;
	if (message.n == 0)
		return ST_OK;
	if (*fd < 0)
		return ST_SYNTAX;
	st = incoming_decode(message, *fd, &op->message);
	*fd = -1;
	if (st == ST_OK) {
		op->change.messages = &op->message;
		op->change.n_messages = 1;
	}
	return st;
}

static enum status
run(struct mail_op *op, struct store *s, struct str request, int *fd,
    enum mail_op_next *next)
{
	struct wire w = wire_of(request);
	uint8_t kind = wire_u8(&w);
	struct str account = wire_str(&w);
	enum status st;

	op->viewer.person = arena_str(&op->arena, wire_str(&w));
	op->viewer.rights = RIGHT_ALL;
	op->origin = (struct origin){.person = S("operator"),
	    .credential = S(""),
	    .protocol = S("cli"),
	    .client = S("mailstead " VERSION),
	    .peer = S("")};
	if (!wire_ok(&w))
		return ST_SYNTAX;
	if (kind == MAIL_OP_MAKE)
		return store_create_account(s, account, &op->origin);
	if (kind == MAIL_OP_REMOVE)
		return store_remove_account(s, account, wire_str(&w));
	if (kind == MAIL_OP_BRING_BACK)
		return store_restore_account(s, account, wire_str(&w));
	if ((st = store_account(s, account, &op->account)) != ST_OK)
		return st;
	switch (kind) {
	case MAIL_OP_USAGE:
		return usage(op);
	case MAIL_OP_MAILBOXES:
		return mail_mailboxes_now(op);
	case MAIL_OP_ENTRIES:
		return mail_entries_now(op, &w);
	case MAIL_OP_EMAILIDS:
		return emailids(op, &w);
	case MAIL_OP_READ: {
		uint64_t id = wire_u64(&w), at = wire_u64(&w);

		return wire_end(&w) ? message_read(op->account, id, at,
					  MAIL_OP_CHUNK, &op->answer)
				    : ST_SYNTAX;
	}
	case MAIL_OP_CHANGE:
		st = change(op, &w, fd);
		if (st == ST_OK)
			*next = MAIL_OP_ASK;
		return st;
	case MAIL_OP_REPORT:
		if ((st = change(op, &w, fd)) != ST_OK)
			return st;
		return mail_report(op);
	case MAIL_OP_HORIZON:
		return mail_horizon(op, &w);
	case MAIL_OP_EVENTS:
		return mail_events(op, &w);
	case MAIL_OP_PAST_MAILBOXES:
		return mail_mailboxes_then(op, &w);
	case MAIL_OP_PAST_ENTRIES:
		return mail_entries_then(op, &w);
	default:
		return ST_SYNTAX;
	}
}

enum mail_op_next
mail_op_begin(struct mail_op *op, struct store *s, struct str request, int *fd)
{
	enum mail_op_next next = MAIL_OP_DONE;

	memset(op, 0, sizeof(*op));
	buf_init(&op->answer, MAIL_OP_ANSWER);
	op->status = run(op, s, request, fd, &next);
	if (op->status == ST_OK)
		op->status = buf_status(&op->answer);
	return next;
}

void
mail_op_answered(
    struct mail_op *op, enum status st, const struct changed *changed)
{
	op->status = st;
	if (st == ST_OK) {
		changed_encode(changed, &op->answer);
		op->status = buf_status(&op->answer);
	}
}

void
mail_op_end(struct mail_op *op)
{
	account_unref(&op->account);
	incoming_free(&op->message);
	buf_release(&op->answer);
	arena_release(&op->arena);
}
