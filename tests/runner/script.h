/*
 * A transcript (STYLE 3.8): what clients say, and exactly what they are told.
 *
 *	# a comment            @account alice  INBOX < three.mbox  Archive
 *	C: a1 NOOP             the client says it, CRLF is added
 *	C> a1 NOOP             the same, but the next C: follows at once
 *	C= a1 NO\0OP\n         the same, with escapes and without CRLF
 *	S: a1 OK ...           the next line is this; "..." takes the rest
 *	S~ * 3 EXISTS          a group in any order; "S~ ..." admits others
 *	S! * 1 RECENT          none of the lines up to the next S: may be this
 *	2C: 2S:                the same for a second connection
 *	-- clock +1h           also: reopen, drain, revoke, eof, tls, closed
 *	-- restore 10m Kunden  an operator brings it back as it was ten minutes
 *	                       ago ("*": all; flags, move); undo: that; forget:
 *	                       all of the past is behind the horizon
 *
 * A line of either side that ends with {} or {+} is followed by an indented
 * block, the literal, whose size takes the place of the braces' inside. A
 * line "C> rest" or "S> rest" continues behind the literal. A line of a block
 * that ends with a backslash goes without it and without its CRLF. ${x} is any word;
 * the same one wherever it stands again.
 */
#ifndef RUNNER_SCRIPT_H
#define RUNNER_SCRIPT_H

#include "base/arena.h"
#include "base/vec.h"

enum step_kind {
	STEP_CLIENT, /* text: bytes to be sent, final CRLF inclusive */
	STEP_SERVER, /* text: a pattern */
	STEP_GROUP,  /* S~ */
	STEP_NEVER,  /* S! */
	STEP_DIRECTIVE,
	STEP_ACCOUNT,
	STEP_OPTION, /* @word rest */
};

struct step {
	enum step_kind kind;
	unsigned connection; /* 1.. */
	struct str text;
	int line;
};

struct script {
	struct step *steps;
	size_t n_steps, cap_steps;
	struct arena arena;
	struct str more; /* of C> lines, for the next C: */
	const char *error;
	int error_line;
};

/* False: error and error_line say what is wrong. */
bool script_parse(struct str text, struct script *out);
void script_release(struct script *s);

/*
 * Length up to behind the next announcement of a literal that a client must
 * wait after (*waits, and its size), or all.
 */
size_t script_announcement(struct str bytes, bool *waits, size_t *literal);

/*
 * Variables, and matching: a pattern with ${x} and a final "..." against one
 * answer. Bindings are made only when all of it matches.
 */
struct bindings {
	struct binding {
		struct str name, value;
	} * all;
	size_t n_all, cap_all;
	struct arena arena;
};

bool pattern_match(
    struct bindings *b, struct str pattern, struct str answer, bool bind);
/* ${x} replaced by what is bound. */
struct str pattern_fill(
    const struct bindings *b, struct str text, struct arena *a);
void bindings_set(struct bindings *b, struct str name, struct str value);
void bindings_release(struct bindings *b);

#endif
