/* What an operator does with the first account while its sessions look on. */
#include "store/past.h"
#include "mail.h"
#include "store/tend.h"
#include "world_int.h"

static const struct origin by_operator = {.person = STR_INIT("operator"),
    .credential = STR_INIT("operator"),
    .protocol = STR_INIT("cli")};

static enum status
change(struct world *w, struct change *c)
{
	struct viewer viewer = {w->accounts[0].address, RIGHT_ALL};
	struct changed done;

	c->viewer = &viewer;
	c->origin = &by_operator;
	return store_do(w->store, w->accounts[0].account, c, &w->arena, &done);
}

/* "10m Kunden flags move": of ten minutes ago; "*": all folders. */
static const char *
restore(struct world *w, struct str text)
{
	struct change c = {.kind = CHANGE_RESTORE};
	struct str word = mail_cut_word(&text);
	uint64_t s;

	if (!str_to_seconds(word, &s) ||
	    past_modseq_at(w->accounts[0].account,
		w->wall_ms - (int64_t)s * 1000, &c.at) != ST_OK)
		return "Nothing is known of that moment: restore 10m Kunden";
	word = mail_cut_word(&text);
	if (!str_eq(word, S("*")))
		c.name = word;
	while ((word = mail_cut_word(&text)).n > 0) {
		c.flags_back |= str_eq(word, S("flags"));
		c.move_back |= str_eq(word, S("move"));
	}
	return change(w, &c) == ST_OK ? NULL : "It cannot be restored";
}

/* What was changed last. */
static const char *
undo(struct world *w)
{
	struct change c = {.kind = CHANGE_UNDO};
	struct account_usage u;

	account_usage(w->accounts[0].account, &u);
	c.first = c.last = u.modseq;
	return change(w, &c) == ST_OK ? NULL : "It cannot be undone";
}

/* All that is past, with what only the past shows. */
static const char *
forget(struct world *w)
{
	struct account *a = w->accounts[0].account;
	struct tend t = {.kind = TEND_HORIZON};
	uint64_t messages[TEND_ITEMS_MAX];
	struct account_usage u;
	struct tended done;

	account_usage(a, &u);
	t.modseq = u.modseq;
	do
		if (store_tend_do(w->store, a, &t, &done) != ST_OK)
			return "The past does not go";
	while (done.more);
	for (size_t i = 0; i < TEND_ITEMS_MAX; i++)
		messages[i] = i + 1;
	t = (struct tend){.kind = TEND_DROP,
	    .messages = messages,
	    .n_messages = TEND_ITEMS_MAX};
	return store_tend_do(w->store, a, &t, &done) == ST_OK
	    ? NULL
	    : "Messages do not go";
}

bool
world_past(
    struct world *w, struct str word, struct str text, const char **error_out)
{
	if (str_eq(word, S("restore")))
		*error_out = restore(w, text);
	else if (str_eq(word, S("undo")))
		*error_out = undo(w);
	else if (str_eq(word, S("forget")))
		*error_out = forget(w);
	else
		return false;
	world_settle(w);
	return true;
}
