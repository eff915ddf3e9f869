/*
 * APPEND (RFC 9051 6.3.12): the message streams into the store's spool while
 * it arrives (S6); nothing of it is kept in memory.
 */
#include "imap/past.h"
#include "store/incoming.h"
#include "store/mailbox.h"

struct append_args {
	struct str mailbox, given;
	struct flags flags;
	bool has_date;
	int64_t date_ms;
	int32_t zone;
	bool utf8;   /* RFC 6855: UTF8 (literal8) */
	bool binary; /* literal8 */
	uint64_t size;

	struct incoming *message; /* since its literal has begun */
	enum status status;       /* of writing it */
};

/*
 * append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal
 * append-data =/ "UTF8" SP "(" literal8 ")"
 */
static bool
parse_head(struct imap_parse *p, struct append_args *a)
{
	if (!parse_sp(p) || !parse_mailbox_given(p, &a->mailbox, &a->given) ||
	    !parse_sp(p))
		return false;
	a->flags = (struct flags){0};
	if (parse_at(p, '(') && !(parse_flag_list(p, &a->flags) && parse_sp(p)))
		return false;
	a->has_date = parse_at(p, '"');
	if (a->has_date &&
	    !(parse_date_time(p, &a->date_ms, &a->zone) && parse_sp(p)))
		return false;
	a->utf8 = parse_text(p, S("UTF8 ("));
	return parse_literal_header(p, &a->size, &a->binary) &&
	    (!a->utf8 || a->binary);
}

static bool
append_parse(struct imap_parse *p, void *out)
{
	struct append_args *a = out;

	/* The message itself has gone to append_bytes. */
	return parse_head(p, a) && a->message &&
	    (!a->utf8 || parse_char(p, ')')) && parse_crlf(p);
}

static enum imap_literal
refuse(struct imap_call *call, enum status st, const char *code)
{
	call->status = st;
	if (code)
		call->code = str_from(code);
	return IMAP_LITERAL_REFUSE;
}

/*
 * Refused before it is sent where that is known already. The worker decides
 * again, in its turn, about what can have changed meanwhile.
 */
static enum imap_literal
append_literal(
    struct imap_call *call, struct imap_parse *p, uint64_t size, bool binary)
{
	const struct host *host = call->s->host;
	struct append_args *a = call->args;
	const struct mailbox *box;
	struct account_usage usage;
	enum status st;
	int fd;

	if (a->message)
		return refuse(call, ST_SYNTAX, NULL); /* one message each */
	if (!parse_head(p, a))
		return p->truncated ? IMAP_LITERAL_KEEP
				    : refuse(call, ST_SYNTAX, NULL);
	if ((st = imap_past_refuse(call, a->mailbox)) != ST_OK)
		return refuse(call, st, NULL);
	st = mailbox_find(host->account, &call->s->viewer, a->mailbox, &box);
	if (st != ST_OK)
		return refuse(call, st, NULL);
	if (!box->selectable)
		return refuse(call, ST_NOT_FOUND, NULL);
	if (size > host->config->max_message)
		return refuse(call, ST_LIMIT, "TOOBIG");
	account_usage(host->account, &usage);
	if (usage.quota > 0 && usage.bytes + size > usage.quota)
		return refuse(call, ST_OVER_QUOTA, NULL);
	if ((fd = host->spool(host->ctx)) < 0)
		return refuse(call, ST_NO_SPACE, NULL);
	a->message = incoming_new(fd, host->config->max_message);
	if (binary)
		incoming_allow_nul(a->message);
	return IMAP_LITERAL_STREAM;
}

static void
append_bytes(struct imap_call *call, struct str bytes)
{
	struct append_args *a = call->args;

	if (a->status == ST_OK)
		a->status = incoming_write(a->message, bytes);
}

static enum status
append_ask(struct imap_call *call, struct change *ask_out)
{
	struct append_args *a = call->args;
	const struct mailbox *box;
	enum status st = a->status;

	if (st == ST_INVALID)
		call->text =
		    S("A NUL in a message: only a literal8 may hold it");
	if (st != ST_OK)
		return st;
	if (a->size == 0) {
		call->text = S("The message is empty");
		return ST_INVALID;
	}
	if ((st = incoming_finish(a->message)) != ST_OK)
		return st;
	st = mailbox_find(
	    imap_account(call), &call->s->viewer, a->mailbox, &box);
	if (st != ST_OK)
		return st;
	incoming_set_flags(a->message, &a->flags);
	if (a->has_date)
		incoming_set_date(a->message, a->date_ms, a->zone);
	imap_change_init(call, ask_out, CHANGE_APPEND);
	ask_out->mailbox = box->id;
	ask_out->messages = &a->message;
	ask_out->n_messages = 1;
	return ST_OK;
}

static void
append_answer(struct imap_call *call, const struct changed *done)
{
	const struct append_args *a = call->args;

	imap_tell_kept_name(call, a->mailbox, a->given);
	if (done->to.n_ranges > 0)
		call->code = arena_printf(call->arena, "APPENDUID %u %u",
		    done->uidvalidity, done->to.ranges[0].first);
}

static void
append_end(struct imap_call *call)
{
	struct append_args *a = call->args;

	incoming_free(&a->message);
}

const struct imap_cmd imap_cmd_append = {
    .name = "APPEND",
    .rfc = "RFC 9051 6.3.12",
    .states = IMAP_LOGGED_IN,
    .flags = IMAP_TRYCREATE | IMAP_STREAMS_LITERAL,
    .args_size = sizeof(struct append_args),
    .parse = append_parse,
    .ask = append_ask,
    .answer = append_answer,
    .literal = append_literal,
    .bytes = append_bytes,
    .end = append_end,
};
