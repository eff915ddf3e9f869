#include "cli/mail.h"

bool
mail_open(struct cli *c, struct mail *out)
{
	*out = (struct mail){.c = c};
	return cli_account(c, c->words[0], &out->id, &out->address);
}

enum status
mail_ask_run(struct mail *m, const struct buf *request, struct str *answer_out)
{
	enum status st;
	struct buf b;

	buf_init(&b, 1024 * 1024);
	st = target_mail(m->c->target, m->id, buf_str(request), -1, &b);
	if (st == ST_OK)
		*answer_out = arena_str(&m->c->arena, buf_str(&b));
	buf_release(&b);
	return st;
}

enum status
mail_run(struct mail *m, enum mail_op_kind kind, struct str *answer_out)
{
	enum status st;
	struct buf b;

	buf_init(&b, 4096);
	mail_ask(&b, kind, m->id, m->address);
	st = mail_ask_run(m, &b, answer_out);
	buf_release(&b);
	return st;
}

enum status
mail_change(struct mail *m, const struct change *change, struct changed *out)
{
	struct str answer;
	enum status st;
	struct buf b;

	buf_init(&b, MAIL_ASK_MAX);
	mail_ask(&b, MAIL_OP_CHANGE, m->id, m->address);
	mail_ask_change(&b, change, NULL);
	st = buf_status(&b);
	if (st == ST_OK)
		st = mail_ask_run(m, &b, &answer);
	buf_release(&b);
	return st == ST_OK ? changed_decode(answer, &m->c->arena, out) : st;
}

enum status
mail_list(struct mail *m, struct mailbox **out, size_t *n_out)
{
	struct str answer;
	enum status st = mail_run(m, MAIL_OP_MAILBOXES, &answer);

	if (st != ST_OK)
		return st;
	return mail_answer_mailboxes(answer, &m->c->arena, out, n_out);
}

enum status
mail_find(struct mail *m, struct str name, struct mailbox *out)
{
	struct mailbox *list;
	enum status st;
	size_t i, n;

	if ((st = mail_list(m, &list, &n)) != ST_OK)
		return st;
	for (i = 0; i < n; i++)
		if (str_eq(list[i].name, name) ||
		    (str_eqi(name, S("INBOX")) &&
			str_eq(list[i].name, S("INBOX")))) {
			*out = list[i];
			return ST_OK;
		}
	return ST_NOT_FOUND;
}

static enum status
ask(struct mail *m, const struct buf *request, struct buf *answer)
{
	enum status st = buf_status(request);

	buf_clear(answer);
	return st == ST_OK
	    ? target_mail(m->c->target, m->id, buf_str(request), -1, answer)
	    : st;
}

enum status
mail_entries(struct mail *m, uint64_t mailbox,
    enum status (*fn)(void *ctx, const struct mail_entry *e), void *ctx)
{
	struct buf request, answer;
	struct mail_entry *list;
	enum status st = ST_OK;
	uint32_t from = 1;
	size_t n = 0;

	buf_init(&request, 4096);
	buf_init(&answer, MAIL_OP_ANSWER);
	while (st == ST_OK && from != 0) {
		struct arena a = ARENA_INIT;

		buf_clear(&request);
		mail_ask(&request, MAIL_OP_ENTRIES, m->id, m->address);
		mail_ask_entries(&request, mailbox, from);
		st = ask(m, &request, &answer);
		if (st == ST_OK)
			st = mail_answer_entries(
			    buf_str(&answer), &a, &list, &n, &from);
		for (size_t i = 0; st == ST_OK && i < n; i++)
			st = fn(ctx, &list[i]);
		arena_release(&a);
	}
	buf_release(&request);
	buf_release(&answer);
	return st;
}

enum status
mail_read(struct mail *m, uint64_t message, uint64_t size,
    enum status (*fn)(void *ctx, struct str bytes), void *ctx)
{
	struct buf request, answer;
	enum status st = ST_OK;

	buf_init(&request, 4096);
	buf_init(&answer, MAIL_OP_ANSWER);
	for (uint64_t at = 0; at < size && st == ST_OK; at += answer.n) {
		buf_clear(&request);
		mail_ask(&request, MAIL_OP_READ, m->id, m->address);
		mail_ask_read(&request, message, at);
		st = ask(m, &request, &answer);
		if (st == ST_OK && answer.n == 0)
			st = ST_CORRUPT;
		if (st == ST_OK)
			st = fn(ctx, buf_str(&answer));
	}
	buf_release(&request);
	buf_release(&answer);
	return st;
}
