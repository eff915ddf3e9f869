/* `mailstead recover`: which of the three forms it is, and what they share. */
#include "cli/recover.h"

#include "cli/verbs.h"

/* --- what all forms share --- */

static void
progress(void *ctx, uint64_t bytes)
{
	struct recovery *v = ctx;

	cli_bar(v->c, "recover", bytes, v->all);
	if (v->c->json && cli_due(v->c))
		cli_json_line(
		    json_pack("{s:s, s:I, s:I}", "event", "progress", "bytes",
			(json_int_t)bytes, "bytes_all", (json_int_t)v->all));
}

enum status
recovery_rewind(struct recovery *v, struct account *a)
{
	uint64_t modseq;
	enum status st;

	if (!v->back)
		return ST_OK;
	if ((st = past_modseq_at(a, v->at_ms, &modseq)) != ST_OK)
		return st;
	return recreate_rewind(a, modseq);
}

struct manifest_folder *
recovery_server(struct recovery *v)
{
	return manifest_find(&v->r.m, S(""));
}

int
recovery_fail(struct recovery *v, enum status st, const char *what)
{
	if (v->why.n == 0)
		buf_addf(&v->why, "%s: %s", what, status_text(st));
	return cli_fail(v->c, STR_FMT "%s", STR_ARG(buf_str(&v->why)),
	    st == ST_NO_SPACE
		? "; make room there and say the same again: it goes on"
		: "");
}

/* --- which form --- */

static int
run(struct recovery *v)
{
	const char *account = cli_option(v->c, "account");
	const char *folder = cli_option(v->c, "folder");

	if (folder)
		return recovery_of_folder(
		    v, str_from(account), str_from(folder));
	if (account)
		return recovery_of_account(v, str_from(account));
	return recovery_of_server(v);
}

int
cli_recover(struct cli *c)
{
	struct recovery v = {.c = c, .dir = c->words[0].p};
	struct recreate_host host = {&v, progress};
	const char *at = cli_option(c, "at");
	enum status st;
	int rc;

	if (cli_option(c, "folder") && !cli_option(c, "account"))
		return cli_usage(c, "--folder wants --account");
	if (cli_option(c, "living") && cli_option(c, "account"))
		return cli_usage(c, "--living is for a whole server");
	if (at && (rc = past_time(c, at, &v.at_ms)) != CLI_DONE)
		return rc;
	v.back = at != NULL;
	buf_init(&v.why, 8192);
	if ((st = recreate_open(&v.r, v.dir, &host, &v.why)) == ST_OK) {
		rc = run(&v);
		recreate_close(&v.r);
	} else {
		rc = recovery_fail(&v, st, v.dir);
	}
	buf_release(&v.why);
	return rc;
}
