#include "imap/call.h"

#include "imap/cmd_table.h"
#include "imap/past.h"
#include "imap/status.h"
#include "imap/updates.h"

static void
say_bad(struct imap *s, struct buf *out, struct str tag, const char *code,
    const char *text)
{
	s->bad_commands++;
	buf_adds(out, tag.n ? tag : S("*"));
	buf_addz(out, " BAD ");
	if (code)
		buf_addf(out, "[%s] ", code);
	buf_addz(out, text);
	buf_addz(out, "\r\n");
}

/* Why a command cannot begin; both NULL when it can. */
struct refusal {
	const char *code, *text;
};

/* [UID SP] name, and what may follow it. */
static struct refusal
find_command(struct imap *s, struct imap_parse *p, const struct imap_cmd **out,
    bool *uid)
{
	const struct imap_cmd *cmd;
	struct str name;

	if (!parse_atom(p, &name))
		return (struct refusal){NULL, "There is no command"};
	*uid = false;
	if (str_eqi(name, S("UID")) && parse_sp(p)) {
		*uid = true;
		if (!parse_atom(p, &name))
			return (struct refusal){NULL, "There is no command"};
	}
	cmd = imap_cmd_find(name, *uid);
	if (!cmd)
		return (struct refusal){NULL, "Unknown command"};
	if (!(cmd->states & s->state))
		return (struct refusal){"CLIENTBUG",
		    s->state == IMAP_NONAUTH ? "Log in first"
			: cmd->states == IMAP_NONAUTH
			? "Already logged in"
			: "Select a mailbox first"};
	*out = cmd;
	return (struct refusal){NULL, NULL};
}

/*
 * Makes the call from how the command begins: its tag and name. When that
 * fails there is no call, and *tag_out is what can be said to whom.
 */
static struct refusal
call_open(struct imap *s, struct str *tag_out)
{
	const struct imap_cmd *cmd = NULL;
	struct imap_parse p;
	struct refusal no;
	struct imap_call *call;
	struct str tag;
	bool uid;

	*tag_out = S("");
	imap_parse_init(&p, buf_str(&s->reader.text), s->utf8, &s->arena);
	if (!parse_tag(&p, &tag) || !parse_sp(&p))
		return (struct refusal){NULL, "A command begins with a tag"};
	*tag_out = tag;
	no = find_command(s, &p, &cmd, &uid);
	if (no.text)
		return no;
	call = ARENA_NEW(&s->arena, struct imap_call);
	call->s = s;
	call->cmd = cmd;
	call->arena = &s->arena;
	call->tag = arena_str(&s->arena, tag);
	call->uid = uid;
	call->args = arena_zalloc(&s->arena, cmd->args_size + 1);
	call->args_at = (size_t)(p.p - s->reader.text.p);
	s->call = call;
	if (s->host->doing)
		s->host->doing(s->host->ctx, cmd->name);
	return (struct refusal){NULL, NULL};
}

static void
forget_text(struct imap *s)
{
	if (s->call && (s->call->cmd->flags & IMAP_SECRET) && s->reader.text.p)
		explicit_bzero(s->reader.text.p, s->reader.text.cap);
	imap_reader_reset(&s->reader);
}

void
imap_call_end(struct imap *s)
{
	struct imap_call *call = s->call;

	forget_text(s);
	if (call) {
		if (call->cmd->end)
			call->cmd->end(call);
		uidset_release(&call->uids);
		s->call = NULL;
		s->reader.raw = false;
		s->active_ms = clock_mono(s->host->clock);
	}
	/* A response to AUTHENTICATE may be in it. */
	arena_reset(&s->arena);
}

/*
 * Messages that are shown and not kept any more: those of a moment of the past
 * behind the horizon, and those whose EXPUNGE could not be told for as long
 * (RFC 2180 4.1.2).
 */
static void
explain_forgotten(struct imap_call *call)
{
	const struct imap_selected *now = &call->s->selected;

	if (call->status != ST_NOT_FOUND || call->cmd->states != IMAP_SELECTED)
		return;
	if (now->past_modseq &&
	    now->past_modseq < past_from(imap_account(call))) {
		call->code = S("NONEXISTENT");
		call->text = S("That moment is not kept any more; select "
			       "another mailbox");
	} else if (!(call->cmd->flags & IMAP_TRYCREATE)) {
		call->status = ST_EXPUNGED;
	}
}

/* The tagged reply, and the end of the call. */
static void
call_reply(struct imap_call *call, struct buf *out)
{
	const struct imap_words *w;
	struct imap *s = call->s;
	bool bye;

	explain_forgotten(call);
	w = imap_status_words(
	    call->status, (call->cmd->flags & IMAP_TRYCREATE) != 0);
	bye = strcmp(w->cond, "BYE") == 0;
	if (bye)
		buf_addc(out, '*');
	else
		buf_adds(out, call->tag);
	buf_addf(out, " %s ", w->cond);
	if (call->code.n > 0)
		buf_addf(out, "[" STR_FMT "] ", STR_ARG(call->code));
	else if (w->code)
		buf_addf(out, "[%s] ", w->code);
	if (call->text.n > 0)
		buf_adds(out, call->text);
	else if (call->status != ST_OK)
		buf_addz(out, w->text);
	else
		buf_addf(out, "%s%s completed", call->uid ? "UID " : "",
		    call->cmd->name);
	buf_addz(out, "\r\n");
	if (call->status == ST_SYNTAX)
		s->bad_commands++;
	else
		s->bad_commands = 0;
	s->closing |= bye || call->bye;
	if (call->starttls) {
		s->want |= WANT_STARTTLS;
		s->securing = true;
	}
	if (call->compress) {
		s->want |= WANT_COMPRESS;
		s->compressed = true;
	}
	if (call->unauthenticate) {
		s->want |= WANT_RETURN;
		s->handed_over = true;
	}
	imap_call_end(s);
}

static void
begin(struct imap *s, struct buf *out)
{
	struct imap_call *call;
	struct imap_parse p;
	struct refusal no;
	struct str tag;

	s->commands++;
	if (!s->call) {
		no = call_open(s, &tag);
		if (no.text) {
			say_bad(s, out, tag, no.code, no.text);
			imap_call_end(s);
			return;
		}
	}
	call = s->call;
	call->out = out;
	imap_parse_init(&p,
	    str_from_pos(buf_str(&s->reader.text), call->args_at), s->utf8,
	    &s->arena);
	if (!call->cmd->parse(&p, call->args)) {
		/* The reason is ours, never the client's bytes. */
		say_bad(s, out, call->tag, NULL,
		    p.why ? p.why : "The arguments are not valid");
		imap_call_end(s);
		return;
	}
	call->phase = CALL_RUNNING;
	call->step = IMAP_AGAIN;
	if (call->cmd->flags & IMAP_READS_LINES)
		imap_reader_continue(&s->reader);
	if ((call->cmd->flags & IMAP_NEEDS_WRITE) && s->selected.read_only) {
		call->status = ST_READONLY;
		call->phase = CALL_NEWS;
	}
}

static void
say_too_big(struct imap *s, struct buf *out, struct str tag)
{
	say_bad(s, out, tag, "TOOBIG", "Larger than this server takes");
	imap_call_end(s);
}

/* A literal is announced: keep it, stream it, or refuse it. */
static void
decide(struct imap *s, struct buf *out)
{
	enum imap_literal what = IMAP_LITERAL_KEEP;
	struct imap_reader *r = &s->reader;
	struct imap_call *call;
	struct imap_parse p;
	struct refusal no = {NULL, NULL};
	struct str tag = S("");

	if (!s->call)
		no = call_open(s, &tag);
	call = s->call;
	if (call && (call->cmd->flags & IMAP_STREAMS_LITERAL)) {
		imap_parse_init(&p,
		    str_from_pos(buf_str(&r->text), call->args_at), s->utf8,
		    &s->arena);
		call->out = out;
		what = call->cmd->literal(
		    call, &p, r->literal_size, r->literal_binary);
	}
	if (call && what == IMAP_LITERAL_STREAM)
		imap_reader_stream(r);
	else if (call && what == IMAP_LITERAL_KEEP && imap_reader_keep(r))
		;
	else if (!imap_reader_skip(r))
		return; /* the refusal is said when the rest has come */
	else if (!call)
		goto bad;
	else if (what == IMAP_LITERAL_KEEP)
		say_too_big(s, out, call->tag);
	else
		call_reply(call, out);
	if (s->call && r->literal_sync)
		buf_addz(out, "+ OK\r\n");
	return;
bad:
	say_bad(s, out, tag, no.code, no.text);
	imap_call_end(s);
}

/* Over a limit, or refused while the client went on sending. */
static void
skipped(struct imap *s, struct buf *out)
{
	struct refusal no;
	struct str tag;

	if (s->call && s->call->status != ST_OK) {
		call_reply(s->call, out);
		return;
	}
	if (!s->call) {
		no = call_open(s, &tag);
		if (no.text) {
			say_bad(s, out, tag, no.code, no.text);
			imap_call_end(s);
			return;
		}
	}
	say_too_big(s, out, s->call->tag);
}

static void
take_line(struct imap *s)
{
	struct str line =
	    str_from_pos(buf_str(&s->reader.text), s->reader.line_at);

	if (s->got == READ_SKIPPED)
		line = str_of(NULL, 0);
	else if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	s->call->cmd->line(s->call, line);
	forget_text(s);
}

void
imap_take(struct imap *s, struct buf *out)
{
	enum imap_read got = s->got;

	if (got == READ_MORE)
		return;
	if (s->call && s->call->phase == CALL_RUNNING) {
		s->call->out = out;
		take_line(s);
	} else if (got == READ_COMMAND) {
		begin(s, out);
	} else if (got == READ_LITERAL) {
		decide(s, out);
	} else {
		skipped(s, out);
	}
	s->got = READ_MORE;
}

static enum imap_step
ask_once(struct imap_call *call)
{
	if (call->asked)
		return IMAP_DONE;
	call->asked = true;
	call->status = call->cmd->ask(call, &call->change);
	if (call->status != ST_OK || call->change.kind == IMAP_NOTHING)
		return IMAP_DONE;
	return IMAP_ASK;
}

void
imap_ask_change(struct imap *s, const struct change *c, bool is_news)
{
	struct question *q = outbox_ask(s->host->outbox, ASK_CHANGE);

	/* One question at a time: the outbox cannot be full. */
	ASSERT(q && s->question == 0);
	q->change = c;
	s->question = q->id;
	s->question_is_news = is_news;
	s->question_is_change = true;
}

static void
run_slice(struct imap_call *call)
{
	struct imap *s = call->s;

	call->step = call->cmd->run ? call->cmd->run(call) : ask_once(call);
	if (call->step == IMAP_ASK)
		imap_ask_change(s, &call->change, false);
	if (call->step == IMAP_DONE)
		call->phase = CALL_NEWS;
}

void
imap_slice(struct imap *s, struct buf *out)
{
	struct imap_call *call = s->call;

	if (!call || call->phase == CALL_READING || s->question)
		return;
	call->out = out;
	if (call->phase == CALL_RUNNING)
		run_slice(call);
	if (call->phase != CALL_NEWS)
		return;
	if (s->selected.view && !(call->cmd->flags & IMAP_NO_NEWS) &&
	    call->status != ST_UNKNOWN) {
		bool expunges =
		    call->uid || !(call->cmd->flags & IMAP_USES_SEQ);

		call->step = imap_news(s, out, expunges, call->uid);
		if (call->step != IMAP_DONE)
			return;
	}
	call_reply(call, out);
}

void
imap_answered(struct imap *s, const struct answer *a)
{
	struct imap_call *call = s->call;
	bool change = s->question_is_change;

	if (a->id != s->question)
		return;
	s->question = 0;
	s->question_is_change = false;
	if (s->question_is_news) {
		imap_news_answered(s, a->status == ST_OK ? a->changed : NULL);
		return;
	}
	ASSERT(call);
	call->out = &s->said;
	call->step = IMAP_AGAIN;
	if (!change) {
		call->cmd->auth(
		    call, a->status, a->status == ST_OK ? &a->auth : NULL);
	} else if (a->status == ST_OK) {
		if (call->cmd->answer)
			call->cmd->answer(call, a->changed);
	} else if (call->cmd->refused && a->status != ST_UNKNOWN) {
		call->cmd->refused(call, a->status);
	} else {
		call->status = a->status;
		call->phase = CALL_NEWS;
	}
}

void
imap_change_init(
    struct imap_call *call, struct change *c, enum change_kind kind)
{
	*c = (struct change){.kind = kind,
	    .viewer = &call->s->viewer,
	    .origin = &call->s->origin};
}
