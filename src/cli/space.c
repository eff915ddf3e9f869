#include "cli/space.h"

bool
space_warns(const struct cli *c, const struct account_usage *u)
{
	return u->quota > 0 &&
	    u->retained_bytes / c->config->warn > u->quota / 100;
}

json_t *
space_json(const struct cli *c, const struct account_usage *u)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:b}", "live",
	    (json_int_t)u->bytes, "history", (json_int_t)u->retained_bytes,
	    "reclaimable", (json_int_t)u->dead, "disk", (json_int_t)u->disk,
	    "history_warn", space_warns(c, u));
}

static void
say_size(const struct cli *c, const char *title, uint64_t bytes)
{
	struct buf b;

	buf_init(&b, 64);
	cli_size(bytes, &b);
	cli_say(c, "%-10s " STR_FMT, title, STR_ARG(buf_str(&b)));
	buf_release(&b);
}

void
space_say(const struct cli *c, const struct account_usage *u)
{
	say_size(c, "History", u->retained_bytes);
	say_size(c, "Reclaim", u->dead);
	say_size(c, "On disk", u->disk);
	if (space_warns(c, u))
		cli_say(c,
		    "%-10s the past takes more than %llu %% of the quota "
		    "(history.warn)",
		    "Warning", (unsigned long long)c->config->warn);
}

static void
say_row(const struct cli *c, struct str address, const struct account_usage *u)
{
	struct buf b[4];
	const uint64_t v[] = {u->bytes, u->retained_bytes, u->dead, u->disk};

	for (size_t i = 0; i < ARRAY_LEN(b); i++) {
		buf_init(&b[i], 64);
		cli_size(v[i], &b[i]);
	}
	cli_say(c, "%10s %10s %10s %10s  " STR_FMT "%s", b[0].p, b[1].p, b[2].p,
	    b[3].p, STR_ARG(address),
	    space_warns(c, u) ? "  (over history.warn)" : "");
	for (size_t i = 0; i < ARRAY_LEN(b); i++)
		buf_release(&b[i]);
}

static void
add(struct account_usage *sum, const struct account_usage *u)
{
	sum->bytes += u->bytes;
	sum->retained_bytes += u->retained_bytes;
	sum->dead += u->dead;
	sum->disk += u->disk;
}

static enum status
one_account(
    struct cli *c, struct str record, json_t *list, struct account_usage *sum)
{
	struct mail m = {.c = c,
	    .id = record_get(record, "id"),
	    .address = record_get(record, "address")};
	struct account_usage u = {0};
	struct str answer;
	json_t *row;
	enum status st = mail_run(&m, MAIL_OP_USAGE, &answer);

	if (st == ST_OK)
		st = mail_answer_usage(answer, &u);
	if (st != ST_OK) {
		cli_say(c, "%10s %10s %10s %10s  " STR_FMT ": %s", "-", "-",
		    "-", "-", STR_ARG(m.address), status_text(st));
		return ST_OK; /* the others can be told */
	}
	row = space_json(c, &u);
	json_object_set_new(row, "address", cli_json_str(m.address));
	json_array_append_new(list, row);
	say_row(c, m.address, &u);
	add(sum, &u);
	return ST_OK;
}

enum status
space_all(struct cli *c)
{
	struct account_usage sum = {0};
	struct str answer, record;
	json_t *list = json_array();
	enum status st = ST_OK;
	struct buf b;
	bool ok;

	cli_request(&b, "account.list");
	record_end(&b);
	ok = cli_admin(c, &b, &answer);
	buf_release(&b);
	if (!ok) {
		json_decref(list);
		return ST_IO;
	}
	cli_say(c, "%10s %10s %10s %10s  %s", "LIVE", "HISTORY", "RECLAIM",
	    "DISK", "ACCOUNT");
	while (st == ST_OK && record_take(&answer, &record))
		st = one_account(c, record, list, &sum);
	say_row(c, S("all"), &sum);
	json_object_set_new(c->out, "space", space_json(c, &sum));
	json_object_set_new(c->out, "account_space", list);
	return st;
}
