#include "daemon/mail_op.h"

#include "base/wire.h"
#include "daemon/mail_past.h"
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
mailboxes(struct mail_op *op)
{
	const struct mailbox *m;
	struct buf *b = &op->answer;
	size_t i, n;

	m = account_mailboxes(op->account, &op->viewer, &n);
	wire_put_u32(b, (uint32_t)n);
	for (i = 0; i < n; i++) {
		wire_put_u64(b, m[i].id);
		wire_put_str(b, m[i].name);
		wire_put_u8(b, m[i].selectable);
		wire_put_u8(b, m[i].subscribed);
		wire_put_u32(b, m[i].special_use);
		wire_put_u32(b, m[i].uidvalidity);
		wire_put_u32(b, m[i].uidnext);
		wire_put_u32(b, m[i].messages);
		wire_put_u32(b, m[i].unseen);
		wire_put_u64(b, m[i].size);
	}
	return ST_OK;
}

static enum status
entry(struct mail_op *op, const struct entry *e)
{
	const struct flagset *f = account_flagset(op->account, e->flagset);
	struct message m;
	enum status st = message_get(op->account, e->message, &m);

	if (st != ST_OK)
		return st;
	wire_put_u32(&op->answer, e->uid);
	wire_put_u64(&op->answer, e->message);
	wire_put_u64(&op->answer, m.size);
	wire_put_svar(&op->answer, m.internaldate_ms);
	wire_put_svar(&op->answer, m.internaldate_zone);
	wire_put_str(&op->answer, f ? f->text : S(""));
	wire_put_str(&op->answer, str_from(m.emailid));
	return ST_OK;
}

/* Ends with uid 0 and where to go on. */
static enum status
entries(struct mail_op *op, struct wire *w)
{
	uint64_t mailbox = wire_u64(w);
	uint32_t msn, from = wire_u32(w), n = 0, next = 0;
	struct entry e;
	struct view *v;
	enum status st;

	if (!wire_end(w))
		return ST_SYNTAX;
	st = view_open(op->account, &op->viewer, mailbox, &v);
	if (st != ST_OK)
		return st;
	for (msn = view_lower(v, from); msn <= view_count(v); msn++) {
		view_entry(v, msn, &e);
		if (n++ == MAIL_OP_PAGE || op->answer.n > MAIL_OP_CHUNK) {
			next = e.uid;
			break;
		}
		if ((st = entry(op, &e)) != ST_OK)
			break;
	}
	view_close(&v);
	wire_put_u32(&op->answer, 0);
	wire_put_u32(&op->answer, next);
	return st;
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
		return mailboxes(op);
	case MAIL_OP_ENTRIES:
		return entries(op, &w);
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
		mail_past_report(op);
		return op->status;
	default:
		return mail_past_run(op, kind, &w);
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
