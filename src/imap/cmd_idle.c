/* RFC 9051 6.3.13:  idle = "IDLE" CRLF "DONE" */
#include "imap/updates.h"

struct idling {
	bool begun, done;
};

static bool
idle_parse(struct imap_parse *p, void *args)
{
	(void)args;
	return parse_crlf(p);
}

/* Runs at each event; EVENT_CHANGED makes the view stale. */
static enum imap_step
idle_run(struct imap_call *call)
{
	struct idling *i = call->args;
	enum imap_step step = IMAP_DONE;

	if (!i->begun) {
		buf_addz(call->out, "+ idling\r\n");
		i->begun = true;
	}
	if (i->done)
		return IMAP_DONE; /* the rest of the news comes as after all */
	if (imap_view(call))
		step = imap_news(call->s, call->out, true, false);
	return step == IMAP_DONE ? IMAP_WAIT : step;
}

static void
idle_line(struct imap_call *call, struct str line)
{
	struct idling *i = call->args;

	i->done = true;
	if (!str_eqi(line, S("DONE"))) {
		call->status = ST_SYNTAX;
		call->text = S("DONE ends IDLE");
	}
}

const struct imap_cmd imap_cmd_idle = {
    .name = "IDLE",
    .rfc = "RFC 9051 6.3.13",
    .capability = "IDLE",
    .states = IMAP_LOGGED_IN,
    .flags = IMAP_READS_LINES,
    .args_size = sizeof(struct idling),
    .parse = idle_parse,
    .run = idle_run,
    .line = idle_line,
};
