#include "mime/envelope.h"

#include "base/date.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "mime/address.h"
#include "mime/header.h"
#include "mime/imap_text.h"
#include "mime/subject.h"
#include "mime/words.h"

/* An unstructured value as it stands, unfolded. */
static void
write_text(struct str raw, struct buf *scratch, struct buf *out)
{
	if (!raw.p) {
		buf_addz(out, "NIL");
		return;
	}
	buf_clear(scratch);
	header_unfold(raw, scratch);
	imap_text_nstring(out, buf_str(scratch));
}

static struct str
nil(void)
{
	return str_of(NULL, 0);
}

/* addr = (name adl mailbox host); a NIL host begins or ends a group. */
static void
write_address(const struct address *ad, struct buf *out)
{
	bool mailbox = ad->kind == ADDRESS_MAILBOX;
	struct str name = ad->name.n && mailbox ? ad->name : nil();
	struct str route = ad->route.n ? ad->route : nil();
	struct str box = mailbox        ? ad->mailbox
	    : ad->kind == ADDRESS_GROUP ? ad->name
					: nil();

	buf_addc(out, '(');
	imap_text_nstring(out, name);
	buf_addc(out, ' ');
	imap_text_nstring(out, route);
	buf_addc(out, ' ');
	imap_text_nstring(out, box);
	buf_addc(out, ' ');
	imap_text_nstring(out, mailbox ? ad->host : nil());
	buf_addc(out, ')');
}

/* NUL cannot be in an IMAP string, and unfolding takes it out. */
static struct str
clean(struct str raw, struct buf *scratch)
{
	if (raw.n == 0 ||
	    (!memchr(raw.p, '\n', raw.n) && !memchr(raw.p, 0, raw.n)))
		return raw;
	buf_clear(scratch);
	header_unfold(raw, scratch);
	return buf_str(scratch);
}

/* The addresses of one field; *n: how many the list has so far. */
static void
write_addresses(struct str raw, struct arena *a, struct buf *scratch,
    struct buf *out, uint32_t *n)
{
	struct address_list l = {.rest = clean(raw, scratch)};
	struct address ad = {.kind = ADDRESS_GROUP_END};
	bool in_group = false;

	while (*n < LIMIT_MIME_ADDRESSES && address_next(&l, a, &ad)) {
		if ((*n)++ == 0)
			buf_addc(out, '(');
		write_address(&ad, out);
		if (ad.kind != ADDRESS_MAILBOX)
			in_group = ad.kind == ADDRESS_GROUP;
		arena_reset(a);
	}
	/* Cut by the limit. */
	if (in_group)
		buf_addz(out, "(NIL NIL NIL NIL)");
}

/* False: there is no address, and nothing was written. */
static bool
write_list(const struct fields *f, struct str first, const char *name,
    struct arena *a, struct buf *scratch, struct buf *out)
{
	struct str rest = f->header;
	struct header_field h;
	uint32_t n = 0;

	write_addresses(first, a, scratch, out, &n);
	while (f->repeated && header_next(&rest, &h))
		if (h.value.p != first.p && str_eqi(h.name, str_from(name)))
			write_addresses(h.value, a, scratch, out, &n);
	if (n)
		buf_addc(out, ')');
	return n > 0;
}

void
envelope_write(const struct fields *f, struct arena *a, struct buf *out)
{
	const struct {
		struct str first;
		const char *name;
	} lists[] = {{f->from, "From"}, {f->sender, "Sender"},
	    {f->reply_to, "Reply-To"}, {f->to, "To"}, {f->cc, "Cc"},
	    {f->bcc, "Bcc"}};
	size_t from_at, from_n;
	struct buf scratch;

	buf_init(&scratch, SIZE_MAX);
	buf_addc(out, '(');
	write_text(f->date, &scratch, out);
	buf_addc(out, ' ');
	write_text(f->subject, &scratch, out);
	from_at = out->n + 1;
	from_n = 0;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		buf_addc(out, ' ');
		if (write_list(
			f, lists[i].first, lists[i].name, a, &scratch, out)) {
			from_n = i == 0 ? out->n - from_at : from_n;
			continue;
		}
		/* Sender and Reply-To are From where they say nothing. */
		if ((i == 1 || i == 2) && from_n && buf_reserve(out, from_n))
			buf_add(out, out->p + from_at, from_n);
		else
			buf_addz(out, "NIL");
	}
	buf_addc(out, ' ');
	write_text(f->in_reply_to, &scratch, out);
	buf_addc(out, ' ');
	write_text(f->message_id, &scratch, out);
	buf_addc(out, ')');
	buf_release(&scratch);
}

static struct str
decoded(struct str raw, struct arena *a)
{
	struct buf b;
	struct str s;

	buf_init(&b, SIZE_MAX);
	words_decode(raw, &b);
	s = arena_str(a, utf8_clip(buf_str(&b), LIMIT_MIME_KEY));
	buf_release(&b);
	return s;
}

static struct str
both(struct str mailbox, struct str host, struct arena *a)
{
	return arena_printf(
	    a, STR_FMT "@" STR_FMT, STR_ARG(mailbox), STR_ARG(host));
}

/* RFC 5256: addr-mailbox of the first address; RFC 5957: how it is shown. */
static void
first_address(
    struct str raw, struct arena *a, struct str *mailbox, struct str *display)
{
	struct address_list l = {.rest = raw};
	struct address ad, group = {.kind = ADDRESS_MAILBOX};

	*mailbox = S("");
	if (display)
		*display = S("");
	while (address_next(&l, a, &ad) && ad.kind != ADDRESS_MAILBOX)
		if (ad.kind == ADDRESS_GROUP && !group.has_name)
			group = ad;
	if (ad.kind != ADDRESS_MAILBOX || (!ad.mailbox.n && !ad.host.n)) {
		if (display && group.has_name)
			*display = decoded(group.name, a);
		return;
	}
	*mailbox = decoded(ad.mailbox, a);
	if (!display)
		return;
	if (group.has_name && group.name.n)
		*display = decoded(group.name, a);
	else if (ad.has_name && ad.name.n)
		*display = decoded(ad.name, a);
	else
		*display = both(*mailbox, decoded(ad.host, a), a);
}

/*
 * The next message-id in angle brackets, without them; quotes around its
 * left side mean nothing (RFC 5256 3, REFERENCES 1).
 */
static bool
next_id(struct str *s, struct arena *a, struct str *out)
{
	for (;;) {
		size_t open = str_find(*s, '<'), close;
		struct str id;

		if (open == SIZE_MAX)
			return false;
		*s = str_from_pos(*s, open + 1);
		close = str_find(*s, '>');
		if (close == SIZE_MAX)
			return false;
		id = str_first(*s, close);
		/* "<<a@b>" and "<broken <a@b>" */
		while ((open = str_find(id, '<')) != SIZE_MAX)
			id = str_from_pos(id, open + 1);
		*s = str_from_pos(*s, close + 1);
		id = str_trim(id);
		if (id.n == 0 || id.n > LIMIT_MIME_KEY)
			continue;
		id = arena_str(a, id);
		if (str_find(id, '"') != SIZE_MAX ||
		    str_find(id, '\n') != SIZE_MAX) {
			char *p = (char *)(uintptr_t)id.p;
			size_t k = 0;

			for (size_t i = 0; i < id.n; i++)
				if (!strchr("\"\r\n \t", p[i]) || !p[i])
					p[k++] = p[i];
			id.n = k;
		}
		*out = id;
		return id.n > 0;
	}
}

static void
references(struct str raw, struct arena *a, struct summary *out)
{
	struct {
		struct str *v;
		size_t n_v, cap_v;
	} ids = {0};
	struct str id;

	while (next_id(&raw, a, &id)) {
		if (ids.n_v == LIMIT_MIME_REFERENCES) {
			memmove(ids.v + 1, ids.v + 2,
			    (ids.n_v - 2) * sizeof(*ids.v));
			ids.n_v--;
		}
		*VEC_ADD(&ids, v) = id;
	}
	if (ids.n_v) {
		out->references = ARENA_ARRAY(a, struct str, ids.n_v);
		memcpy(out->references, ids.v, ids.n_v * sizeof(*ids.v));
		out->n_references = (uint32_t)ids.n_v;
	}
	free(ids.v);
}

void
envelope_keys(const struct fields *f, struct arena *a, struct summary *out)
{
	struct date date;
	struct str s;
	struct buf b;

	out->sent_ms = INT64_MIN;
	if (f->date.p && date_parse_rfc5322(f->date, &date) == ST_OK) {
		out->sent_ms = date.ms;
		out->sent_zone = date.zone;
	}
	buf_init(&b, SIZE_MAX);
	words_decode(f->subject, &b);
	s = utf8_clip(buf_str(&b), LIMIT_MIME_KEY);
	out->base_subject = subject_base(s, a);
	buf_release(&b);
	first_address(f->from, a, &out->from, &out->display_from);
	first_address(f->to, a, &out->to, &out->display_to);
	first_address(f->cc, a, &out->cc, NULL);
	out->message_id = out->in_reply_to = S("");
	s = f->message_id;
	if (!next_id(&s, a, &out->message_id))
		out->message_id = S("");
	s = f->in_reply_to;
	if (!next_id(&s, a, &out->in_reply_to))
		out->in_reply_to = S("");
	references(f->references, a, out);
}
