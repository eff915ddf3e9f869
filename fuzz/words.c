/* Decoded header text is valid UTF-8 whatever was encoded. */
#include "mime/words.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "mime/html.h"
#include "mime/param.h"
#include "mime/subject.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_str(data, size), base;
	struct arena a = ARENA_INIT;
	struct content_type ct;
	struct buf out;

	buf_init(&out, SIZE_MAX);
	words_decode(in, &out);
	ASSERT(utf8_valid(buf_str(&out)));
	base = subject_base(buf_str(&out), &a);
	ASSERT(utf8_valid(base) && base.n <= out.n);
	buf_clear(&out);
	if (content_type_parse(in, &a, &ct)) {
		ASSERT(ct.params.n <= MIME_PARAMS_MAX);
		if (param_decode(&ct.params, "name", &out))
			ASSERT(utf8_valid(buf_str(&out)));
	}
	buf_clear(&out);
	html_text(in, &out);
	buf_release(&out);
	arena_release(&a);
	return 0;
}
