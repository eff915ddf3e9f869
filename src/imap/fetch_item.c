/*
 * What can be fetched: parsing of the items, and the values that are short.
 */
#include "imap/fetch.h"
#include "imap/write.h"

static void
write_uid(const struct fetch_row *row, struct buf *out)
{
	buf_addu(out, row->entry.uid);
}

static void
write_flags(const struct fetch_row *row, struct buf *out)
{
	imap_write_flags(out,
	    account_flagset(row->s->host->account, row->entry.flagset),
	    imap_is_recent(row->s, row->entry.uid));
}

static void
write_internaldate(const struct fetch_row *row, struct buf *out)
{
	imap_write_date_time(out, row->message->internaldate_ms,
	    row->message->internaldate_zone);
}

static void
write_size(const struct fetch_row *row, struct buf *out)
{
	buf_addu(out, view_size(row->s->selected.view, row->msn));
}

static void
write_envelope(const struct fetch_row *row, struct buf *out)
{
	buf_adds(out, row->texts.envelope);
}

static void
write_body(const struct fetch_row *row, struct buf *out)
{
	buf_adds(out, row->texts.body);
}

static void
write_bodystructure(const struct fetch_row *row, struct buf *out)
{
	buf_adds(out, row->texts.bodystructure);
}

static const struct fetch_kind kinds[] = {
    {STR_INIT("UID"), .write = write_uid},
    {STR_INIT("FLAGS"), .write = write_flags},
    {STR_INIT("INTERNALDATE"), .needs = FETCH_MESSAGE,
	.write = write_internaldate},
    {STR_INIT("RFC822.SIZE"), .write = write_size},
    {STR_INIT("ENVELOPE"), .needs = FETCH_TEXTS, .write = write_envelope},
    {STR_INIT("BODYSTRUCTURE"), .needs = FETCH_TEXTS,
	.write = write_bodystructure},
    {STR_INIT("BODY"), .needs = FETCH_TEXTS, .write = write_body},
    {STR_INIT("BODY"), .form = FETCH_SECTION, .needs = FETCH_BYTES,
	.sets_seen = true},
    {STR_INIT("BODY.PEEK"), .label = STR_INIT("BODY"), .form = FETCH_SECTION,
	.needs = FETCH_BYTES},
    {STR_INIT("RFC822"), .form = FETCH_FIXED, .text = SECTION_ALL,
	.needs = FETCH_BYTES, .sets_seen = true},
    {STR_INIT("RFC822.HEADER"), .form = FETCH_FIXED, .text = SECTION_HEADER,
	.needs = FETCH_BYTES},
    {STR_INIT("RFC822.TEXT"), .form = FETCH_FIXED, .text = SECTION_TEXT,
	.needs = FETCH_BYTES, .sets_seen = true},
    /* RFC 3516 */
    {STR_INIT("BINARY"), .form = FETCH_BINARY, .needs = FETCH_BYTES,
	.sets_seen = true},
    {STR_INIT("BINARY.PEEK"), .label = STR_INIT("BINARY"), .form = FETCH_BINARY,
	.needs = FETCH_BYTES},
    {STR_INIT("BINARY.SIZE"), .form = FETCH_BINARY_SIZE, .needs = FETCH_BYTES},
};

/* A name of the table is letters, digits and dots. */
static struct str
parse_name(struct imap_parse *p)
{
	const char *at = p->p;

	while (p->p < p->end &&
	    ((*p->p >= 'A' && *p->p <= 'Z') || (*p->p >= 'a' && *p->p <= 'z') ||
		(*p->p >= '0' && *p->p <= '9') || *p->p == '.'))
		p->p++;
	return str_of(at, (size_t)(p->p - at));
}

static const struct fetch_kind *
find_kind(struct str name, bool bracket)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		bool wants = kinds[i].form != FETCH_PLAIN &&
		    kinds[i].form != FETCH_FIXED;

		if (wants == bracket && str_eqi(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

/* "BODY[1]<0> ": the length of a partial stands in no answer. */
static struct str
make_label(const struct fetch_item *item, struct arena *arena)
{
	const struct fetch_kind *kind = item->kind;
	struct str label = kind->label.n ? kind->label : kind->name;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_adds(&b, label);
	if (kind->form != FETCH_PLAIN && kind->form != FETCH_FIXED)
		section_write(&item->section, &b);
	if (item->partial) {
		buf_addc(&b, '<');
		buf_addu(&b, item->at);
		buf_addc(&b, '>');
	}
	buf_addc(&b, ' ');
	label = arena_str(arena, buf_str(&b));
	buf_release(&b);
	return label;
}

/* fetch-att */
static bool
parse_item(struct imap_parse *p, struct fetch_item *item)
{
	struct str name = parse_name(p);

	item->kind = find_kind(name, parse_at(p, '['));
	if (item->kind == NULL)
		return parse_fail(p, "Unknown fetch item");
	item->section.text = item->kind->text;
	switch (item->kind->form) {
	case FETCH_PLAIN:
	case FETCH_FIXED:
		break;
	case FETCH_SECTION:
		if (!section_parse(p, &item->section))
			return false;
		break;
	case FETCH_BINARY:
	case FETCH_BINARY_SIZE:
		if (!section_parse_binary(p, &item->section))
			return false;
		break;
	}
	if (parse_at(p, '<')) {
		if (item->kind->form != FETCH_SECTION &&
		    item->kind->form != FETCH_BINARY)
			return parse_fail(p, "No part of this can be had");
		if (!parse_partial(p, &item->at, &item->n))
			return parse_fail(p, "Not a partial: <0.1024>");
		item->partial = true;
	}
	item->label = make_label(item, p->arena);
	return true;
}

static const struct {
	struct str name;
	struct str items;
} macros[] = {
    {STR_INIT("ALL"), STR_INIT("FLAGS INTERNALDATE RFC822.SIZE ENVELOPE")},
    {STR_INIT("FAST"), STR_INIT("FLAGS INTERNALDATE RFC822.SIZE")},
    {STR_INIT("FULL"),
	STR_INIT("FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY")},
};

static bool
parse_items(struct imap_parse *p, struct fetch_args *out)
{
	struct fetch_item items[FETCH_ITEMS_MAX];
	size_t n = 0, i;

	do {
		if (n == FETCH_ITEMS_MAX)
			return parse_fail(p, "Too many fetch items");
		items[n] = (struct fetch_item){0};
		if (!parse_item(p, &items[n]))
			return false;
		n++;
	} while (p->depth > 0 && parse_sp(p));
	out->items = ARENA_ARRAY(p->arena, struct fetch_item, n);
	memcpy(out->items, items, n * sizeof(*items));
	out->n_items = n;
	for (i = 0; i < n; i++) {
		out->needs |= items[i].kind->needs;
		if (section_needs_parts(&items[i].section))
			out->needs |= FETCH_PARTS;
		out->sets_seen |= items[i].kind->sets_seen;
		out->has_flags |= items[i].kind->write == write_flags;
	}
	return true;
}

bool
fetch_items_parse(struct imap_parse *p, struct fetch_args *out)
{
	struct imap_parse macro;
	bool ok;
	size_t i;

	for (i = 0; i < ARRAY_LEN(macros); i++)
		if (parse_keyword(p, macros[i].name)) {
			imap_parse_init(
			    &macro, macros[i].items, p->utf8, p->arena);
			macro.depth = 1;
			return parse_items(&macro, out);
		}
	if (!parse_char(p, '('))
		return parse_items(p, out);
	if (!parse_deeper(p))
		return false;
	ok = parse_items(p, out) && parse_char(p, ')');
	parse_shallower(p);
	return ok;
}
