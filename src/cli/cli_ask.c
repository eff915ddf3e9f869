/* What verbs ask of auth. */
#include "cli/cli.h"
#include "cli/target.h"

void
cli_request(struct buf *b, const char *verb)
{
	buf_init(b, 64 * 1024);
	record_str(b, "verb", str_from(verb));
}

bool
cli_admin(struct cli *c, const struct buf *request, struct str *answer_out)
{
	enum status st;
	struct buf b;

	buf_init(&b, 16 * 1024 * 1024);
	st = target_admin(c->target, buf_str(request), &b);
	if (st == ST_OK)
		*answer_out = arena_str(&c->arena, buf_str(&b));
	else
		(void)cli_fail(c, STR_FMT,
		    STR_ARG(b.n ? buf_str(&b) : str_from(status_text(st))));
	if (b.p)
		explicit_bzero(b.p, b.n);
	buf_release(&b);
	return st == ST_OK;
}

bool
cli_account(struct cli *c, struct str address, struct str *id_out,
    struct str *address_out)
{
	struct str answer;
	struct buf b;
	bool ok;

	cli_request(&b, "account.find");
	record_str(&b, "address", address);
	record_end(&b);
	ok = cli_admin(c, &b, &answer);
	buf_release(&b);
	if (!ok)
		return false;
	*id_out = record_get(answer, "id");
	*address_out = record_get(answer, "address");
	return true;
}

bool
cli_ask(struct cli *c, struct buf *request, struct str *answer_out)
{
	bool ok;

	record_end(request);
	ok = cli_admin(c, request, answer_out);
	explicit_bzero(request->p, request->n);
	buf_release(request);
	return ok;
}
