#include "session.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_session(S("lmtp"), fuzz_str(data, size));
}
