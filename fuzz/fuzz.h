/* What the targets share: libFuzzer's entry and its input as a str. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct str
fuzz_str(const uint8_t *data, size_t size)
{
	return str_of((const char *)data, size);
}

#endif
