#include "session.h"

#include "world.h"

/* Answers of one run, all of them checked; the store is as it was before. */
static void
play(struct str protocol, bool login, struct str bytes, unsigned char end,
    size_t piece, struct buf *out)
{
	static const struct str ends[] = {STR_INIT("eof"), STR_INIT("drain"),
	    STR_INIT("revoke"), STR_INIT("clock +2h")};
	struct world *w = world_new(protocol);
	struct str answer;
	const char *wrong;
	size_t n;

	ASSERT(w);
	wrong = world_account(
	    w, S("alice  INBOX < three.mbox  Archive"), FUZZ_DATA);
	ASSERT(!wrong);
	if (login) {
		wrong = world_option(w, S("login"));
		ASSERT(!wrong);
	}
	(void)world_send(w, 1, bytes, piece);
	wrong = world_directive(w, ends[end % ARRAY_LEN(ends)]);
	ASSERT(!wrong);
	while (world_answer(w, 1, 0, &answer, &n)) {
		wrong = world_check(w, 1, answer);
		if (wrong)
			fprintf(stderr, "%s: " STR_FMT "\n", wrong,
			    STR_ARG(answer));
		ASSERT(!wrong);
		buf_adds(out, answer);
		buf_addz(out, "\r\n");
		world_took(w, 1, n);
	}
	world_free(&w);
}

int
fuzz_session(struct str protocol, struct str input)
{
	struct buf whole, pieces;
	unsigned char end;
	bool login;

	if (input.n < 2)
		return 0;
	login = input.p[0] & 1;
	end = (unsigned char)input.p[input.n - 1];
	input = str_of(input.p + 1, input.n - 2);
	buf_init(&whole, 1 << 26);
	buf_init(&pieces, 1 << 26);
	play(protocol, login, input, end, input.n + 1, &whole);
	play(protocol, login, input, end, 1, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		fprintf(stderr, "--- whole\n" STR_FMT "--- pieces\n" STR_FMT,
		    STR_ARG(buf_str(&whole)), STR_ARG(buf_str(&pieces)));
	ASSERT(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}
