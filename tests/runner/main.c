/*
 * Runs transcripts: `transcript DATA FILE.t...`, each with what clients say in
 * one piece, byte by byte, and a few times with all that is asked answered in
 * an order of chance; TRANSCRIPT_SEED=n plays one such order. The folder under
 * tests/ that a file is in names the protocol.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "grammar.h"
#include "script.h"
#include "world.h"

enum { SHUFFLES = 4 };

struct play {
	const char *path, *data;
	struct script script;
	struct world *world;
	struct bindings bindings;
	struct arena arena;
	size_t piece;  /* bytes at a time; 0: of chance */
	uint64_t seed; /* 0: in order */
	struct str protocol;
};

static bool
wrong(const struct play *p, int line, const char *what, struct str expected,
    const struct str *got)
{
	fprintf(stderr, "%s:%d: %s (", p->path, line, what);
	if (p->seed)
		fprintf(stderr, "TRANSCRIPT_SEED=%llu)\n",
		    (unsigned long long)p->seed);
	else
		fprintf(stderr, "%s)\n",
		    p->piece == 1 ? "byte by byte" : "in one piece");
	if (expected.n > 0)
		fprintf(stderr, "  expected  " STR_FMT "\n", STR_ARG(expected));
	if (got)
		fprintf(stderr, "  got       " STR_FMT "\n", STR_ARG(*got));
	else
		fprintf(stderr, "  got       nothing\n");
	return false;
}

/* An answer is taken: it is none that must not be. */
static bool
took(struct play *p, unsigned connection, struct str answer, size_t n, int line)
{
	const char *error = world_check(p->world, connection, answer);

	if (error)
		return wrong(p, line, error, S(""), &answer);
	world_took(p->world, connection, n);
	return true;
}

/* Does one of the S! in front of step i stand against this answer? */
static bool
forbidden(struct play *p, size_t first, size_t last, struct str answer)
{
	size_t i;

	for (i = first; i < last; i++)
		if (p->script.steps[i].kind == STEP_NEVER &&
		    pattern_match(
			&p->bindings, p->script.steps[i].text, answer, false))
			return wrong(p, p->script.steps[i].line,
			    "This may not come", p->script.steps[i].text,
			    &answer);
	return true;
}

static bool
missing(const bool *used, size_t n)
{
	while (n > 0)
		if (!used[--n])
			return true;
	return false;
}

/*
 * A group S~ and S!, steps first..last-1, up to the S: at `last` if that is
 * one of the same connection: every answer up to it must be one of the group,
 * unless it has a "...".
 */
static bool
play_group(struct play *p, size_t first, size_t last, bool ended)
{
	const struct step *steps = p->script.steps;
	unsigned connection = steps[first].connection;
	bool open = false, used[64] = {false};
	struct str answer;
	size_t i, n;

	ASSERT(last - first <= ARRAY_LEN(used));
	for (i = first; i < last; i++) {
		used[i - first] = steps[i].kind == STEP_NEVER ||
		    str_eq(steps[i].text, S("..."));
		open |= str_eq(steps[i].text, S("..."));
	}
	while (world_answer(p->world, connection,
	    ended || missing(used, last - first), &answer, &n)) {
		if (ended &&
		    pattern_match(
			&p->bindings, steps[last].text, answer, false))
			break;
		if (!forbidden(p, first, last, answer))
			return false;
		for (i = first; i < last; i++)
			if (!used[i - first] &&
			    pattern_match(
				&p->bindings, steps[i].text, answer, true))
				break;
		if (i < last)
			used[i - first] = true;
		else if (!open)
			return wrong(p, steps[first].line, "Not in the group",
			    S(""), &answer);
		world_took(p->world, connection, n);
	}
	for (i = first; i < last; i++)
		if (!used[i - first])
			return wrong(p, steps[i].line, "It did not come",
			    steps[i].text, NULL);
	return true;
}

static bool
play_server(struct play *p, const struct step *s)
{
	struct str answer;
	size_t n;

	if (!world_answer(p->world, s->connection, true, &answer, &n))
		return wrong(p, s->line, "Wrong answer", s->text, NULL);
	if (!pattern_match(&p->bindings, s->text, answer, true))
		return wrong(p, s->line, "Wrong answer", s->text, &answer);
	return took(p, s->connection, answer, n, s->line);
}

static bool
nothing_more(struct play *p, unsigned connection, int line)
{
	struct str answer;
	size_t n;

	if (!world_answer(p->world, connection, false, &answer, &n))
		return true;
	return wrong(p, line, "Nobody expected this", S(""), &answer);
}

static bool
play_client(struct play *p, const struct step *s, bool seen[10])
{
	struct str text = pattern_fill(&p->bindings, s->text, &p->arena);

	if (seen[s->connection] && !nothing_more(p, s->connection, s->line))
		return false;
	seen[s->connection] = true;
	if (!world_send(p->world, s->connection, text, p->piece))
		return wrong(
		    p, s->line, "The connection is closed", text, NULL);
	return true;
}

static bool
setting(struct play *p, const struct step *s)
{
	const char *error = NULL;

	if (s->kind == STEP_ACCOUNT)
		error = world_account(p->world, s->text, p->data);
	else if (s->kind == STEP_OPTION)
		error = world_option(p->world, s->text);
	else
		error = world_directive(p->world, s->text);
	return error ? wrong(p, s->line, error, s->text, NULL) : true;
}

static bool
play_steps(struct play *p)
{
	const struct step *steps = p->script.steps;
	size_t n = p->script.n_steps, i, to;
	bool seen[10] = {false}, ok = true;

	for (i = 0; ok && i < n; i = to) {
		const struct step *s = &steps[i];

		to = i + 1;
		switch (s->kind) {
		case STEP_CLIENT:
			ok = play_client(p, s, seen);
			break;
		case STEP_SERVER:
			ok = play_server(p, s);
			break;
		case STEP_GROUP:
		case STEP_NEVER:
			while (to < n &&
			    (steps[to].kind == STEP_GROUP ||
				steps[to].kind == STEP_NEVER) &&
			    steps[to].connection == s->connection)
				to++;
			ok = play_group(p, i, to,
			    to < n && steps[to].kind == STEP_SERVER &&
				steps[to].connection == s->connection);
			break;
		default:
			ok = setting(p, s);
		}
	}
	for (i = 1; ok && i < ARRAY_LEN(seen); i++)
		ok = !seen[i] || nothing_more(p, (unsigned)i, 0);
	return ok;
}

/* The folder behind the last "tests" in the path. */
static struct str
protocol_of(const char *path)
{
	struct str rest = str_from(path), part, protocol = S("");
	bool next = false;

	while (rest.n > 0) {
		part = str_cut(&rest, '/');
		if (next)
			protocol = part;
		next = str_eq(part, S("tests"));
	}
	return protocol;
}

static bool
play(const char *data, const char *path, struct str text, size_t piece,
    uint64_t seed)
{
	struct play p = {
	    .path = path, .data = data, .piece = piece, .seed = seed};
	bool ok = script_parse(text, &p.script);
	const char *why;
	size_t i;

	if (!ok)
		fprintf(stderr, "%s:%d: %s\n", path, p.script.error_line,
		    p.script.error);
	for (i = 0; ok && i < p.script.n_steps; i++)
		if ((why = world_cannot(
			 p.script.steps[i].kind, p.script.steps[i].text))) {
			printf("skip %s: %s\n", path, why);
			script_release(&p.script);
			return true;
		}
	p.protocol = protocol_of(path);
	p.world = world_new(p.protocol);
	if (!p.world)
		fprintf(stderr, "%s: no such protocol\n", path);
	else if (seed)
		world_shuffle(p.world, seed);
	bindings_set(&p.bindings, S("password"), str_from(world_password()));
	ok = ok && p.world && play_steps(&p);
	if (p.world)
		world_free(&p.world);
	script_release(&p.script);
	bindings_release(&p.bindings);
	arena_release(&p.arena);
	return ok;
}

static bool
read_whole(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "re");
	char piece[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	(void)fclose(f);
	return !buf_full(out);
}

/* A recorded stream of a server's answers on stdin, against the grammar. */
static int
check_stream(struct str protocol)
{
	grammar_check *check = grammar_of(protocol);
	struct buf text;
	struct str all, answer;
	const char *error;
	size_t n, bad = 0, good = 0;

	buf_init(&text, 1 << 30);
	if (!check || !read_whole("/dev/stdin", &text)) {
		fprintf(stderr, "No such protocol, or no stream\n");
		return 2;
	}
	all = buf_str(&text);
	while ((n = grammar_cut(all)) > 0) {
		answer = str_first(all, n);
		all = str_from_pos(all, n);
		if (!str_ends(answer, S("\r\n"))) {
			error = "It does not end with CRLF";
		} else {
			answer.n -= 2;
			error = check(answer);
		}
		good += !error;
		bad += error != NULL;
		if (error)
			fprintf(stderr, "%s\n  " STR_FMT "\n", error,
			    STR_ARG(answer));
	}
	if (all.n > 0)
		fprintf(stderr, "The last answer is not whole\n");
	printf("%zu answers, %zu wrong\n", good + bad, bad);
	buf_release(&text);
	return bad > 0 || all.n > 0;
}

static bool
play_all(const char *data, const char *path, struct str text)
{
	const char *one = getenv("TRANSCRIPT_SEED");
	uint64_t seed = 0;

	if (world_is_live())
		return play(data, path, text, 1 << 24, 0);
	if (one)
		return str_to_u64(str_from(one), &seed) && seed > 0 &&
		    play(data, path, text, 0, seed);
	if (!play(data, path, text, 1 << 24, 0) ||
	    !play(data, path, text, 1, 0))
		return false;
	while (seed < SHUFFLES)
		if (!play(data, path, text, 0, ++seed))
			return false;
	return true;
}

int
main(int argc, char **argv)
{
	int i, failed = 0;
	struct buf text;

	if (argc == 3 && str_eq(str_from(argv[1]), S("--grammar")))
		return check_stream(str_from(argv[2]));
	if (argc < 3) {
		fprintf(stderr, "usage: transcript DATA FILE.t...\n");
		return 2;
	}
	buf_init(&text, 1 << 24);
	for (i = 2; i < argc; i++) {
		bool ok;

		buf_clear(&text);
		ok = read_whole(argv[i], &text);
		if (!ok)
			fprintf(stderr, "%s: cannot be read\n", argv[i]);
		ok = ok && play_all(argv[1], argv[i], buf_str(&text));
		failed += !ok;
		if (argc > 3)
			printf("%s %s\n", ok ? "ok  " : "FAIL", argv[i]);
	}
	buf_release(&text);
	if (failed > 0)
		fprintf(stderr, "%d of %d failed\n", failed, argc - 2);
	return failed > 0;
}
