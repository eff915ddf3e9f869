/*
 * RFC 9051 6.3.9 (RFC 5258, 5819, 6154):
 *   list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat
 *          [SP "RETURN" SP list-return-opts]
 * RFC 3501 6.3.9:
 *   lsub = "LSUB" SP mailbox SP list-mailbox
 */
#include "imap/mailbox_name.h"
#include "imap/past.h"
#include "imap/status_item.h"
#include "imap/write.h"

enum {
	/* A name has at most 1,024 bytes; wildcards may stand between. */
	LIST_PATTERN_MAX = 2048,
	LIST_PATTERNS = 32,
	/* Comparisons of one slice: about 2 ms. */
	LIST_SLICE = 2 * 1000 * 1000,
};

struct list_args {
	bool lsub;
	bool subscribed, special_use, recursive; /* selection */
	bool return_subscribed, return_status;
	unsigned status_items;
	struct str reference;
	struct str patterns[LIST_PATTERNS];
	size_t n_patterns;
	/* While it runs: */
	bool begun;
	struct list_name *names;
	size_t n_names, at;
	struct imap_past_list past;
};

static bool
parse_select_option(struct imap_parse *p, struct list_args *a)
{
	if (parse_keyword(p, S("SUBSCRIBED")))
		a->subscribed = true;
	else if (parse_keyword(p, S("SPECIAL-USE")))
		a->special_use = true;
	else if (parse_keyword(p, S("RECURSIVEMATCH")))
		a->recursive = true;
	else if (!parse_keyword(p, S("REMOTE"))) /* there are none */
		return parse_fail(p, "No such selection option");
	return true;
}

static bool
parse_select_options(struct imap_parse *p, struct list_args *a)
{
	if (!parse_char(p, '('))
		return false;
	if (!parse_at(p, ')'))
		do {
			if (!parse_select_option(p, a))
				return false;
		} while (parse_sp(p));
	/* RFC 5258 3.1: there must be something to match recursively. */
	if (a->recursive && !a->subscribed && !a->special_use)
		return parse_fail(p, "RECURSIVEMATCH needs another option");
	return parse_char(p, ')');
}

static bool
parse_return_option(struct imap_parse *p, struct list_args *a)
{
	if (parse_keyword(p, S("SUBSCRIBED"))) {
		a->return_subscribed = true;
	} else if (parse_keyword(p, S("STATUS"))) {
		a->return_status = true;
		return parse_sp(p) && parse_status_items(p, &a->status_items);
	} else if (!parse_keyword(p, S("CHILDREN")) &&
	    !parse_keyword(p, S("SPECIAL-USE"))) {
		/* Those two are always told. */
		return parse_fail(p, "No such return option");
	}
	return true;
}

static bool
parse_return_options(struct imap_parse *p, struct list_args *a)
{
	if (!parse_keyword(p, S("RETURN")) || !parse_sp(p) ||
	    !parse_char(p, '('))
		return false;
	if (parse_char(p, ')'))
		return true;
	do {
		if (!parse_return_option(p, a))
			return false;
	} while (parse_sp(p));
	return parse_char(p, ')');
}

/* Reference and pattern are one string; "**" is "*", "*%" is "*". */
static bool
add_pattern(struct imap_parse *p, struct list_args *a)
{
	struct str pattern;
	size_t i, n = 0;
	char *to;

	if (a->n_patterns == LIST_PATTERNS)
		return parse_fail(p, "Too many patterns");
	if (!parse_list_mailbox(p, &pattern))
		return false;
	to = ARENA_ARRAY(p->arena, char, a->reference.n + pattern.n + 1);
	for (i = 0; i < a->reference.n + pattern.n; i++) {
		char c = i < a->reference.n ? a->reference.p[i]
					    : pattern.p[i - a->reference.n];
		char last = n > 0 ? to[n - 1] : '\0';

		if ((c == '*' || c == '%') && (last == '*' || last == '%')) {
			if (c == '*')
				to[n - 1] = '*';
			continue;
		}
		to[n++] = c;
	}
	if (n > LIST_PATTERN_MAX)
		return parse_fail(p, "The pattern is too long");
	/* "" asks for the hierarchy delimiter, whatever the reference. */
	a->patterns[a->n_patterns++] = str_of(to, pattern.n > 0 ? n : 0);
	return true;
}

static bool
list_parse(struct imap_parse *p, void *args)
{
	struct list_args *a = args;

	if (!parse_sp(p))
		return false;
	if (parse_at(p, '(') && !(parse_select_options(p, a) && parse_sp(p)))
		return false;
	if (!parse_mailbox_name(p, &a->reference) || !parse_sp(p))
		return false;
	if (parse_char(p, '(')) {
		do {
			if (!add_pattern(p, a))
				return false;
		} while (parse_sp(p));
		if (!parse_char(p, ')'))
			return false;
	} else if (!add_pattern(p, a)) {
		return false;
	}
	if (parse_sp(p) && !parse_return_options(p, a))
		return false;
	return parse_crlf(p);
}

static bool
lsub_parse(struct imap_parse *p, void *args)
{
	struct list_args *a = args;

	a->lsub = a->subscribed = true;
	return parse_sp(p) && parse_mailbox_name(p, &a->reference) &&
	    parse_sp(p) && add_pattern(p, a) && parse_crlf(p);
}

/* Does the name itself meet the selection options? */
static bool
selected(const struct list_args *a, const struct list_name *n)
{
	if (!a->subscribed && !a->special_use)
		return n->mailbox != 0;
	return (!a->subscribed || n->subscribed) &&
	    (!a->special_use || n->special_use != 0);
}

/* RFC 5258 3.5: does a name below it meet them? */
static bool
selected_below(const struct list_args *a, const struct list_name *n)
{
	return (a->subscribed && n->subscribed_below) ||
	    (a->special_use && n->special_below);
}

static void
write_name(struct imap_call *call, const struct list_args *a,
    const struct list_name *n)
{
	struct imap *s = call->s;
	const struct mailbox *box;

	buf_addz(call->out, "* LIST (");
	imap_write_attributes(
	    call->out, n, a->return_subscribed || a->subscribed);
	buf_addz(call->out, ") \"/\" ");
	imap_write_mailbox(call->out, n->name, s->utf8);
	if (a->recursive && selected_below(a, n)) {
		buf_addz(call->out, " (\"CHILDINFO\" (");
		if (a->subscribed && n->subscribed_below)
			buf_addz(call->out, "\"SUBSCRIBED\"");
		if (a->special_use && n->special_below)
			buf_addz(call->out,
			    a->subscribed && n->subscribed_below
				? " \"SPECIAL-USE\""
				: "\"SPECIAL-USE\"");
		buf_addz(call->out, "))");
	}
	buf_addz(call->out, "\r\n");
	/* RFC 5819 2: none for what cannot be selected. */
	if (!a->return_status || n->mailbox == 0 || !n->selectable)
		return;
	if (n->past)
		imap_write_status(s, call->out, n->past, a->status_items);
	else if (mailbox_by_id(
		     imap_account(call), &s->viewer, n->mailbox, &box) == ST_OK)
		imap_write_status(s, call->out, box, a->status_items);
}

/* LSUB says no attributes but that one need not select what is above. */
static void
write_lsub(struct imap_call *call, const struct list_name *n)
{
	buf_addz(call->out,
	    n->subscribed ? "* LSUB () \"/\" " : "* LSUB (\\Noselect) \"/\" ");
	imap_write_mailbox(call->out, n->name, call->s->utf8);
	buf_addz(call->out, "\r\n");
}

/* INBOX is one name in any case: "in*" finds it. */
static bool
matches_inbox(struct str pattern)
{
	char upper[16];
	size_t i;

	if (pattern.n > sizeof(upper))
		return false; /* no two wildcards stand side by side */
	for (i = 0; i < pattern.n; i++)
		upper[i] = pattern.p[i] >= 'a' && pattern.p[i] <= 'z'
		    ? (char)(pattern.p[i] - 'a' + 'A')
		    : pattern.p[i];
	return mailbox_name_match(str_of(upper, pattern.n), S("INBOX"));
}

static bool
matches(const struct list_args *a, const struct list_name *n)
{
	bool inbox = str_eq(n->name, S("INBOX"));
	size_t i;

	for (i = 0; i < a->n_patterns; i++)
		if (inbox ? matches_inbox(a->patterns[i])
			  : mailbox_name_match(a->patterns[i], n->name))
			return true;
	return false;
}

static void
consider(struct imap_call *call, const struct list_args *a,
    const struct list_name *n)
{
	bool self = selected(a, n);
	struct str pattern = a->patterns[0];

	if (a->lsub) {
		/* RFC 3501 6.3.9: "%" also names what stands above a
		 * subscribed name. */
		if ((self ||
			(n->subscribed_below && pattern.n > 0 &&
			    pattern.p[pattern.n - 1] == '%')) &&
		    matches(a, n))
			write_lsub(call, n);
	} else if ((self || (a->recursive && selected_below(a, n))) &&
	    matches(a, n)) {
		write_name(call, a, n);
	}
}

static enum imap_step
list_run(struct imap_call *call)
{
	struct list_args *a = call->args;
	size_t i, cost = 0, per_byte = 0;

	if (!a->begun) {
		a->begun = true;
		if (a->n_patterns == 1 && a->patterns[0].n == 0) {
			buf_addf(call->out, "* %s (\\Noselect) \"/\" \"\"\r\n",
			    call->cmd->name);
			return IMAP_DONE;
		}
		imap_list_names(call, a->subscribed, &a->names, &a->n_names);
		/* Nothing of the past is subscribed or has a use. */
		if (!a->subscribed && !a->special_use)
			imap_past_list(
			    call, a->patterns, a->n_patterns, &a->past);
	}
	for (i = 0; i < a->n_patterns; i++)
		per_byte += a->patterns[i].n + 1;
	while (a->at < a->n_names) {
		if (call->out->n >= PROTO_OUT_SLICE)
			return IMAP_FLUSH;
		if (cost > LIST_SLICE)
			return IMAP_AGAIN;
		cost += per_byte * a->names[a->at].name.n;
		consider(call, a, &a->names[a->at++]);
	}
	if (!imap_past_next(call, &a->past, &a->names, &a->n_names))
		return IMAP_DONE;
	a->at = 0;
	return IMAP_AGAIN;
}

const struct imap_cmd imap_cmd_list = {
    .name = "LIST",
    .rfc = "RFC 9051 6.3.9",
    .capability = "CHILDREN LIST-EXTENDED LIST-STATUS SPECIAL-USE",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct list_args),
    .parse = list_parse,
    .run = list_run,
};

const struct imap_cmd imap_cmd_lsub = {
    .name = "LSUB",
    .rfc = "RFC 3501 6.3.9",
    .states = IMAP_LOGGED_IN,
    .args_size = sizeof(struct list_args),
    .parse = lsub_parse,
    .run = list_run,
};
