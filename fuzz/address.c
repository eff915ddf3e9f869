/* Lists end, groups close, and strings come from the input only. */
#include "mime/address.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address_list l = {.rest = fuzz_str(data, size)};
	struct arena a = ARENA_INIT;
	size_t n = 0, open = 0, bytes = 0;
	struct address ad;

	while (address_next(&l, &a, &ad)) {
		ASSERT(++n <= size + 1);
		if (ad.kind == ADDRESS_GROUP)
			open++;
		if (ad.kind == ADDRESS_GROUP_END)
			open--;
		ASSERT(open <= 1);
		bytes += ad.mailbox.n + ad.host.n + ad.route.n;
	}
	ASSERT(open == 0 && bytes <= size + n);
	arena_release(&a);
	return 0;
}
