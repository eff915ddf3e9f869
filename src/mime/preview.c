#include "mime/preview.h"

#include "base/utf8.h"
#include "mime/charset.h"
#include "mime/html.h"
#include "mime/transfer.h"

enum {
	PLAIN_RAW = 4 * 1024, /* 200 characters of 9 bytes, and white space */
	HTML_RAW = 64 * 1024, /* senders put long style sheets in front */
};

void
preview_init(struct preview *p)
{
	*p = (struct preview){.charset = S("")};
	buf_init(&p->raw, HTML_RAW);
}

void
preview_release(struct preview *p)
{
	buf_release(&p->raw);
}

bool
preview_begin(struct preview *p, bool html, enum part_encoding encoding,
    struct str charset)
{
	if (p->chosen && (html || !p->html))
		return false;
	buf_clear(&p->raw);
	p->chosen = true;
	p->html = html;
	p->encoding = encoding;
	p->charset = charset;
	return true;
}

bool
preview_feed(struct preview *p, struct str bytes)
{
	size_t max = p->html ? HTML_RAW : PLAIN_RAW;

	buf_adds(&p->raw, str_first(bytes, max - p->raw.n));
	return p->raw.n < max;
}

/* Characters that senders put in front so that nothing shows. */
static bool
is_invisible(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x34f ||
	    c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    c == 0xfeff;
}

static bool
is_space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202f || c == 0x3000;
}

/* Runs of white space become one space; stops at the limit. */
static void
fold_space(struct str s, struct buf *out)
{
	bool space = false;
	uint32_t c;

	for (size_t n = 0; n < LIMIT_MIME_PREVIEW && utf8_next(&s, &c);) {
		if (is_space(c)) {
			space = out->n > 0;
			continue;
		}
		if (is_invisible(c))
			continue;
		if (space && ++n < LIMIT_MIME_PREVIEW)
			buf_addc(out, ' ');
		if (n == LIMIT_MIME_PREVIEW)
			break;
		space = false;
		utf8_add(out, c);
		n++;
	}
}

struct str
preview_text(const struct preview *p, struct arena *a)
{
	struct buf bytes, text, out;
	struct transfer t;
	struct str s;

	buf_init(&bytes, SIZE_MAX);
	buf_init(&text, SIZE_MAX);
	buf_init(&out, SIZE_MAX);
	transfer_open(&t, p->encoding);
	transfer_feed(&t, buf_str(&p->raw), &bytes);
	transfer_end(&t, &bytes);
	charset_to_utf8(p->charset, buf_str(&bytes), &text);
	if (p->html) {
		buf_clear(&bytes);
		html_text(buf_str(&text), &bytes);
		fold_space(buf_str(&bytes), &out);
	} else {
		fold_space(buf_str(&text), &out);
	}
	s = arena_str(a, str_trim(buf_str(&out)));
	buf_release(&bytes);
	buf_release(&text);
	buf_release(&out);
	return s;
}
