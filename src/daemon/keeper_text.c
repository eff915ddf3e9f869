#include "daemon/keeper_text.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "store/text_indexer.h"

enum { WAITING_MOST = 4096 }; /* accounts; more are told of again */

/* One account after the other, in the order in which they were named. */
static struct {
	struct child *child;
	char **waiting; /* [0] is in work when there is an indexer */
	size_t n_waiting, cap_waiting;
	struct text_indexer *indexer;
	struct timer timer;
} text;

static void
done(enum status st)
{
	const char *account = text.waiting[0];

	if (st != ST_OK)
		log_warn(
		    "no text index", LOG_Z("account", account), LOG_ST(st));
	else
		log_debug("text index", LOG_Z("account", account),
		    LOG_U64("messages", text_indexer_messages(text.indexer)));
	text_indexer_close(&text.indexer);
	free(text.waiting[0]);
	text.n_waiting--;
	memmove(text.waiting, text.waiting + 1,
	    text.n_waiting * sizeof(*text.waiting));
}

static enum status
begin(void)
{
	struct text_indexer_config cfg = {
	    .root = str_from(text.child->data),
	    .account = str_from(text.waiting[0]),
	    .clock = &clock_system,
	    .random = &random_system,
	};

	return text_indexer_open(&cfg, &text.indexer);
}

static void
step(void *ctx UNUSED)
{
	enum status st = ST_OK;

	if (!text.indexer)
		st = begin();
	if (st != ST_OK)
		done(st);
	else if (!text_indexer_step(text.indexer))
		done(text_indexer_status(text.indexer));
	/* Whoever else wants something of the keeper comes in between. */
	if (text.n_waiting)
		loop_timer(
		    text.child->loop, &text.timer, loop_now(text.child->loop));
}

void
keeper_text_add(struct child *c, struct str account)
{
	for (size_t i = 0; i < text.n_waiting; i++)
		if (str_eq(str_from(text.waiting[i]), account))
			return;
	if (text.n_waiting == WAITING_MOST)
		return;
	text.child = c;
	text.timer.fire = step;
	*VEC_ADD(&text, waiting) = str_dup(account);
	if (text.n_waiting == 1)
		loop_timer(c->loop, &text.timer, loop_now(c->loop));
}

void
keeper_text_end(struct child *c)
{
	loop_untimer(c->loop, &text.timer);
	text_indexer_close(&text.indexer);
	while (text.n_waiting)
		free(text.waiting[--text.n_waiting]);
	free(text.waiting);
}
