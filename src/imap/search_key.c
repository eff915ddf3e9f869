/*
 * What can be searched for: the table of keys, and the parsing of the tree.
 */
#include "imap/search.h"
#include "imap/search_match.h"
#include "proto/limits.h"

#define FLAG(key, bit)                                \
 {                                                    \
  STR_INIT(key), .match = match_flags, .flags = (bit) \
 }
#define NO_FLAG(key, bit)                                 \
 {                                                        \
  STR_INIT(key), .match = match_flags, .not_flags = (bit) \
 }
#define SIZE(key, how)                                                   \
 {                                                                       \
  STR_INIT(key), SEARCH_TAKES_NUMBER, SEARCH_ENTRY, .match = match_size, \
						    .than = (how)        \
 }
#define DAY(key, how)                               \
 {                                                  \
  STR_INIT(key), SEARCH_TAKES_DATE, SEARCH_MESSAGE, \
      .match = match_internaldate, .than = (how)    \
 }
#define SENT(key, how)                                                   \
 {                                                                       \
  STR_INIT(key), SEARCH_TAKES_DATE, SEARCH_SUMMARY, .match = match_sent, \
						    .than = (how)        \
 }
#define FIELD(key)                                                        \
 {                                                                        \
  STR_INIT(key), SEARCH_TAKES_TEXT, SEARCH_HEADER, .match = match_field,  \
						   .field = STR_INIT(key) \
 }

static const struct search_key keys[] = {
    {STR_INIT("ALL"), .match = match_all},
    FLAG("ANSWERED", FLAG_ANSWERED),
    FIELD("BCC"),
    DAY("BEFORE", SEARCH_LESS),
    {STR_INIT("BODY"), SEARCH_TAKES_TEXT, SEARCH_BODY, match_body},
    FIELD("CC"),
    FLAG("DELETED", FLAG_DELETED),
    FLAG("DRAFT", FLAG_DRAFT),
    FLAG("FLAGGED", FLAG_FLAGGED),
    FIELD("FROM"),
    {STR_INIT("HEADER"), SEARCH_TAKES_FIELD_AND_TEXT, SEARCH_HEADER,
	match_field},
    {STR_INIT("KEYWORD"), SEARCH_TAKES_KEYWORD, .match = match_keyword},
    SIZE("LARGER", SEARCH_MORE),
    {STR_INIT("NEW"), .match = match_recent, .not_flags = FLAG_SEEN},
    {STR_INIT("NOT"), SEARCH_TAKES_KEY, .match = match_not},
    {STR_INIT("OLD"), .match = match_recent, .negate = true},
    DAY("ON", SEARCH_EQUAL),
    {STR_INIT("OR"), SEARCH_TAKES_KEYS, .match = match_or},
    {STR_INIT("RECENT"), .match = match_recent},
    FLAG("SEEN", FLAG_SEEN),
    SENT("SENTBEFORE", SEARCH_LESS),
    SENT("SENTON", SEARCH_EQUAL),
    SENT("SENTSINCE", SEARCH_LEAST),
    DAY("SINCE", SEARCH_LEAST),
    SIZE("SMALLER", SEARCH_LESS),
    FIELD("SUBJECT"),
    {STR_INIT("TEXT"), SEARCH_TAKES_TEXT, SEARCH_BODY, match_body,
	.in_header = true},
    FIELD("TO"),
    {STR_INIT("UID"), SEARCH_TAKES_SET, .match = match_set},
    NO_FLAG("UNANSWERED", FLAG_ANSWERED),
    NO_FLAG("UNDELETED", FLAG_DELETED),
    NO_FLAG("UNDRAFT", FLAG_DRAFT),
    NO_FLAG("UNFLAGGED", FLAG_FLAGGED),
    {STR_INIT("UNKEYWORD"), SEARCH_TAKES_KEYWORD, .match = match_keyword,
	.negate = true},
    NO_FLAG("UNSEEN", FLAG_SEEN),
};

/* Keys that have no name: message numbers, and keys side by side. */
static const struct search_key numbers = {
    .arg = SEARCH_TAKES_SET, .match = match_set};
static const struct search_key all_of = {.match = match_and};

static const struct search_key *
find_key(struct str name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys); i++)
		if (str_eqi(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static bool parse_key(
    struct imap_parse *p, struct search_args *args, struct search_node **out);

static struct search_node *
new_node(struct imap_parse *p, struct search_args *args,
    const struct search_key *key)
{
	struct search_node *node;

	if (++args->n_keys > SEARCH_KEYS_MAX) {
		(void)parse_fail(p, "Too many search keys");
		return NULL;
	}
	node = ARENA_NEW(p->arena, struct search_node);
	node->key = key;
	node->cost = key->cost;
	return node;
}

/* n keys with SP between them, or as many as there are (n == 0). */
static bool
parse_children(struct imap_parse *p, struct search_args *args, size_t n,
    struct search_node *parent)
{
	struct search_node **end = &parent->child;
	size_t i = 0;

	do {
		if (!parse_key(p, args, end))
			return false;
		end = &(*end)->next;
		i++;
	} while (i != n && parse_sp(p));
	return n == 0 || i == n;
}

static bool
parse_keyword_arg(struct imap_parse *p, struct search_node *node)
{
	node->known = ARENA_NEW(p->arena, struct search_known);
	/* Not parse_flag: "\Seen" is no keyword. */
	return parse_atom(p, &node->text);
}

static bool
parse_arg(
    struct imap_parse *p, struct search_args *args, struct search_node *node)
{
	enum search_arg arg = node->key->arg;
	size_t n = arg == SEARCH_TAKES_KEYS ? 2 : 1;

	if (arg == SEARCH_TAKES_NOTHING)
		return true;
	if (!parse_sp(p))
		return false;
	switch (arg) {
	case SEARCH_TAKES_NOTHING:
		break;
	case SEARCH_TAKES_SET: /* numbers have no name, and come by parse_key */
		node->by_uid = true;
		return parse_sequence_set(p, &node->set);
	case SEARCH_TAKES_NUMBER:
		return parse_number64(p, &node->number) &&
		    node->number <= INT64_MAX;
	case SEARCH_TAKES_DATE:
		return parse_date(p, &node->day);
	case SEARCH_TAKES_KEYWORD:
		return parse_keyword_arg(p, node);
	case SEARCH_TAKES_FIELD_AND_TEXT:
		if (!parse_astring(p, &node->field) || !parse_sp(p))
			return false;
		return parse_astring(p, &node->text);
	case SEARCH_TAKES_TEXT:
		node->field = node->key->field;
		return parse_astring(p, &node->text);
	case SEARCH_TAKES_KEY:
	case SEARCH_TAKES_KEYS:
		if (!parse_deeper(p) || !parse_children(p, args, n, node))
			return false;
		parse_shallower(p);
		return true;
	}
	return false;
}

static bool
starts_set(const struct imap_parse *p)
{
	return parse_at(p, '*') || parse_at(p, '$') ||
	    (p->p < p->end && *p->p >= '0' && *p->p <= '9');
}

/* search-key */
static bool
parse_key(
    struct imap_parse *p, struct search_args *args, struct search_node **out)
{
	const struct search_key *key;
	struct str name;

	if (starts_set(p)) {
		*out = new_node(p, args, &numbers);
		return *out && parse_sequence_set(p, &(*out)->set);
	}
	if (parse_char(p, '(')) {
		*out = new_node(p, args, &all_of);
		if (!*out || !parse_deeper(p) ||
		    !parse_children(p, args, 0, *out) || !parse_char(p, ')'))
			return false;
		parse_shallower(p);
		return true;
	}
	if (!parse_atom(p, &name))
		return false;
	if ((key = find_key(name)) == NULL)
		return parse_fail(p, "Unknown search key");
	*out = new_node(p, args, key);
	return *out && parse_arg(p, args, *out);
}

/* search-return-opt: one of RFC 4731's, or SAVE of RFC 5182 */
static bool
parse_return_option(struct imap_parse *p, struct search_args *out)
{
	if (parse_keyword(p, S("MIN")))
		out->min = true;
	else if (parse_keyword(p, S("MAX")))
		out->max = true;
	else if (parse_keyword(p, S("ALL")))
		out->all = true;
	else if (parse_keyword(p, S("COUNT")))
		out->count = true;
	else if (parse_keyword(p, S("SAVE")))
		out->save = true;
	else
		return parse_fail(p, "Unknown RETURN option");
	return true;
}

/* search-return-opts = SP "RETURN" SP "(" [option *(SP option)] ")" */
static bool
parse_return(struct imap_parse *p, struct search_args *out)
{
	out->has_return = true;
	if (!parse_sp(p) || !parse_char(p, '('))
		return false;
	if (!parse_char(p, ')')) {
		do {
			if (!parse_return_option(p, out))
				return false;
		} while (parse_sp(p));
		if (!parse_char(p, ')'))
			return false;
	}
	/* RFC 4731 3.1: an empty list means ALL. */
	if (!out->min && !out->max && !out->count && !out->save)
		out->all = true;
	return true;
}

bool
search_parse(struct imap_parse *p, struct search_args *out)
{
	if (!parse_sp(p))
		return false;
	if (parse_keyword(p, S("RETURN")) &&
	    !(parse_return(p, out) && parse_sp(p)))
		return false;
	if (parse_keyword(p, S("CHARSET")) &&
	    !(parse_sp(p) && parse_astring(p, &out->charset) && parse_sp(p)))
		return false;
	out->root = new_node(p, out, &all_of);
	if (!parse_children(p, out, 0, out->root))
		return false;
	search_plan(out->root);
	return true;
}

/* Puts the children of AND and OR in the order of their costs. */
void
search_plan(struct search_node *node)
{
	struct search_node *sorted = NULL, *child, *next, **at;

	for (child = node->child; child; child = next) {
		next = child->next;
		search_plan(child);
		if (child->cost > node->cost)
			node->cost = child->cost;
		at = &sorted;
		while (*at && (*at)->cost <= child->cost)
			at = &(*at)->next;
		child->next = *at;
		*at = child;
	}
	node->child = sorted;
}
