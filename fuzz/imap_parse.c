/* The arguments of every command, from the first byte's choice of it. */
#include "fuzz.h"
#include "imap/cmd_table.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_str(data, size);
	struct arena a = ARENA_INIT;
	struct imap_parse p;
	size_t n = 0;
	void *args;

	if (text.n < 2)
		return 0;
	while (imap_cmds[n])
		n++;
	n = (unsigned char)text.p[0] % n;
	args = arena_zalloc(&a, imap_cmds[n]->args_size + 1);
	imap_parse_init(&p, str_from_pos(text, 2), (text.p[1] & 1) != 0, &a);
	/* What is taken whole is taken to its end, and leaves no nesting. */
	if (imap_cmds[n]->parse(&p, args))
		ASSERT(p.p == p.end && p.depth == 0);
	ASSERT(p.p >= text.p + 2 && p.p <= p.end);
	arena_release(&a);
	return 0;
}
