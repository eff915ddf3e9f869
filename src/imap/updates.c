#include "imap/updates.h"

#include "imap/write.h"

bool
imap_is_recent(const struct imap *s, uint32_t uid)
{
	return !s->rev2 && uidset_has(&s->selected.recent, uid);
}

void
imap_write_recent(struct imap *s, struct buf *out)
{
	const struct imap_selected *sel = &s->selected;
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < sel->recent.n_ranges; i++) {
		const struct uidrange *r = &sel->recent.ranges[i];

		n -= view_lower(sel->view, r->first);
		n += r->last == UINT32_MAX ? view_count(sel->view) + 1
					   : view_lower(sel->view, r->last + 1);
	}
	buf_addf(out, "* %u RECENT\r\n", n);
}

void
imap_write_flags_update(struct imap *s, struct buf *out, uint32_t msn, bool uid)
{
	struct entry e;

	view_entry(s->selected.view, msn, &e);
	buf_addz(out, "* ");
	buf_addu(out, msn);
	buf_addz(out, " FETCH (");
	if (uid || s->rev2) {
		buf_addz(out, "UID ");
		buf_addu(out, e.uid);
		buf_addc(out, ' ');
	}
	buf_addz(out, "FLAGS ");
	imap_write_flags(out, account_flagset(s->host->account, e.flagset),
	    imap_is_recent(s, e.uid));
	buf_addz(out, ")\r\n");
}

void
imap_write_flag_names(struct imap *s, struct arena *arena, struct buf *out)
{
	struct imap_selected *sel = &s->selected;
	struct str *words;
	size_t i;

	if (mailbox_keywords(s->host->account, sel->mailbox, arena, &words,
		&sel->keywords) != ST_OK)
		sel->keywords = 0;
	buf_addz(out, "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft");
	for (i = 0; i < sel->keywords; i++)
		buf_addf(out, " " STR_FMT, STR_ARG(words[i]));
	buf_addz(out, ")\r\n* OK [PERMANENTFLAGS (");
	if (!sel->read_only) {
		buf_addz(out, "\\Answered \\Flagged \\Deleted \\Seen \\Draft ");
		for (i = 0; i < sel->keywords; i++)
			buf_addf(out, STR_FMT " ", STR_ARG(words[i]));
		/* RFC 9051 7.1: no more can be made. */
		if (sel->keywords < MAILBOX_KEYWORDS_MAX)
			buf_addz(out, "\\*");
	}
	buf_addz(out, ")] Flags that are kept\r\n");
}

void
imap_write_new_keywords(struct imap *s, struct arena *arena, struct buf *out)
{
	if (s->selected.keywords <
	    mailbox_n_keywords(s->host->account, s->selected.mailbox))
		imap_write_flag_names(s, arena, out);
}

/*
 * New messages are \Recent for the first session that hears of them: it
 * claims them before it tells. Nothing to claim: no question.
 */
static bool
claim_recent(struct imap *s)
{
	const struct mailbox *box;

	if (s->rev2 || s->selected.read_only ||
	    mailbox_by_id(s->host->account, &s->viewer, s->selected.mailbox,
		&box) != ST_OK ||
	    box->recent_from >= box->uidnext)
		return false;
	s->news.claim = (struct change){.kind = CHANGE_CLAIM_RECENT,
	    .viewer = &s->viewer,
	    .origin = &s->origin,
	    .mailbox = s->selected.mailbox};
	imap_ask_change(s, &s->news.claim, true);
	return true;
}

void
imap_news_answered(struct imap *s, const struct changed *done)
{
	if (s->news.phase != NEWS_CLAIM)
		return;
	s->news.phase = NEWS_CLAIMED;
	/* Refused, by a full disk say: no message is \Recent for us then. */
	if (done && done->recent_to > done->recent_from)
		uidset_add(&s->selected.recent, done->recent_from,
		    done->recent_to - 1);
}

void
imap_news_drop(struct imap *s)
{
	s->news.phase = NEWS_NONE;
	arena_release(&s->news.arena);
	s->news.news = (struct view_news){0};
}

static bool
write_news(struct imap *s, struct buf *out, bool uid)
{
	struct imap_news *n = &s->news;

	for (; n->expunged < n->news.n_expunged; n->expunged++) {
		if (out->n >= PROTO_OUT_SLICE)
			return false;
		buf_addz(out, "* ");
		buf_addu(out, n->news.expunged[n->expunged]);
		buf_addz(out, " EXPUNGE\r\n");
	}
	if (n->news.exists && !n->counts_told) {
		buf_addf(out, "* %u EXISTS\r\n", view_count(s->selected.view));
		if (!s->rev2)
			imap_write_recent(s, out);
		n->counts_told = true;
	}
	imap_write_new_keywords(s, &n->arena, out);
	for (; n->changed < n->news.n_changed; n->changed++) {
		if (out->n >= PROTO_OUT_SLICE)
			return false;
		imap_write_flags_update(
		    s, out, n->news.changed[n->changed], uid);
	}
	return true;
}

enum imap_step
imap_news(struct imap *s, struct buf *out, bool expunges, bool uid)
{
	struct imap_news *n = &s->news;

	/* imap.c ends a session whose mailbox was deleted. */
	if (view_gone(s->selected.view))
		return IMAP_DONE;
	switch (n->phase) {
	case NEWS_NONE:
		if (!view_stale(s->selected.view))
			return IMAP_DONE;
		if (claim_recent(s)) {
			n->phase = NEWS_CLAIM;
			return IMAP_WAIT;
		}
		break;
	case NEWS_CLAIM:
		return IMAP_WAIT;
	case NEWS_CLAIMED:
	case NEWS_WRITE:
		break;
	}
	if (n->phase != NEWS_WRITE) {
		arena_reset(&n->arena);
		n->expunged = n->changed = 0;
		n->counts_told = false;
		view_sync(s->selected.view, expunges, &n->arena, &n->news);
		n->phase = NEWS_WRITE;
	}
	if (!write_news(s, out, uid))
		return IMAP_FLUSH;
	imap_news_drop(s);
	return IMAP_DONE;
}
