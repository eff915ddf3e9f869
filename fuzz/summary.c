/*
 * A message cut in any pieces gives one and the same summary; what is
 * encoded decodes to itself; every part lies inside the message.
 */
#include "mime/summary.h"
#include "base/utf8.h"
#include "fuzz.h"

static void
summarize(struct str m, size_t step, struct buf *out)
{
	struct summarizer *z = summarizer_new();
	struct arena a = ARENA_INIT;
	struct summary s;

	for (size_t i = 0; i < m.n; i += step)
		summarizer_feed(z, str_first(str_from_pos(m, i), step));
	summarizer_finish(z, &a, &s);
	summary_encode(&s, out);
	ASSERT(utf8_valid(s.preview) && utf8_valid(s.base_subject));
	ASSERT(utf8_valid(s.from) && utf8_valid(s.display_from));
	ASSERT(utf8_valid(s.to) && utf8_valid(s.display_to));
	for (uint32_t i = 0; i < s.n_parts; i++) {
		const struct summary_part *p = &s.parts[i];

		ASSERT(p->header_at + p->header_size <= m.n);
		ASSERT(p->body_at + p->body_size <= m.n);
		ASSERT(p->next_sibling == 0 || p->next_sibling > i);
	}
	summarizer_free(&z);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str m = fuzz_str(data, size);
	struct arena a = ARENA_INIT;
	struct summary_texts texts;
	struct buf whole, again;
	struct summary s;

	if (size == 0)
		return 0;
	buf_init(&whole, SIZE_MAX);
	buf_init(&again, SIZE_MAX);
	m = str_from_pos(m, 1);
	summarize(m, m.n + 1, &whole);
	summarize(m, 1 + data[0] % 37, &again);
	ASSERT(str_eq(buf_str(&whole), buf_str(&again)));
	ASSERT(summary_decode(buf_str(&whole), &a, &s) == ST_OK);
	ASSERT(summary_texts(buf_str(&whole), &texts) == ST_OK);
	ASSERT(str_eq(texts.bodystructure, s.bodystructure));
	buf_clear(&again);
	summary_encode(&s, &again);
	ASSERT(str_eq(buf_str(&whole), buf_str(&again)));
	/* Damage is found or harmless. */
	arena_reset(&a);
	if (summary_decode(m, &a, &s) == ST_OK)
		ASSERT(s.n_parts > 0);
	buf_release(&whole);
	buf_release(&again);
	arena_release(&a);
	return 0;
}
