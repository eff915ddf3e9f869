#include "store/timeline.h"

static const char magic[] = "mailstead times 1\n";

static struct timespan *
last(struct timeline *t)
{
	return &t->spans[t->n - 1];
}

int64_t
timeline_now(const struct timeline *t)
{
	const struct timespan *s;

	if (t->n == 0)
		return 0;
	s = &t->spans[t->n - 1];
	return s->elapsed + (s->to - s->from);
}

static void
begin_span(struct timeline *t, int64_t wall, int64_t elapsed)
{
	if (t->n == TIMELINE_SPANS)
		memmove(t->spans, t->spans + 1, --t->n * sizeof(t->spans[0]));
	t->spans[t->n++] = (struct timespan){wall, wall, elapsed};
}

/* The clock said something that cannot be counted. */
static void
step(struct timeline *t, int64_t wall, int64_t elapsed)
{
	begin_span(t, wall, elapsed);
	t->hold = elapsed + TIMELINE_HOLD_MS;
}

static void
first_tick(struct timeline *t, int64_t wall)
{
	int64_t gap;

	if (t->n == 0) {
		begin_span(t, wall, 0);
		return;
	}
	gap = wall - last(t)->to;
	if (gap < -TIMELINE_STEP_MS || gap > TIMELINE_GAP_MS)
		step(t, wall, timeline_now(t));
	else if (gap > 0)
		last(t)->to = wall;
}

void
timeline_tick(struct timeline *t, int64_t wall, int64_t mono)
{
	int64_t passed = mono - t->mono;
	int64_t off = (wall - t->wall) - passed;

	if (!t->running)
		first_tick(t, wall);
	else if (off > TIMELINE_STEP_MS || off < -TIMELINE_STEP_MS)
		step(t, wall, timeline_now(t) + (passed > 0 ? passed : 0));
	else if (wall > last(t)->to)
		last(t)->to = wall;
	t->running = true;
	t->wall = wall;
	t->mono = mono;
}

/* The latest time that it can have been when the clock showed `wall`. */
static int64_t
latest(const struct timeline *t, int64_t wall)
{
	for (size_t i = t->n; i-- > 0;) {
		const struct timespan *s = &t->spans[i];

		if (wall >= s->from && wall <= s->to)
			return s->elapsed + (wall - s->from);
		/* While no server ran, or before this began to be written. */
		if (wall < s->from && (i == 0 || wall > t->spans[i - 1].to))
			return s->elapsed;
	}
	return timeline_now(t);
}

bool
timeline_old(const struct timeline *t, int64_t wall, int64_t age)
{
	int64_t now = timeline_now(t);

	return t->n > 0 && now >= t->hold && now - latest(t, wall) >= age;
}

void
timeline_encode(const struct timeline *t, struct buf *out)
{
	buf_addz(out, magic);
	buf_addf(out, "hold %lld\n", (long long)t->hold);
	for (size_t i = 0; i < t->n; i++)
		buf_addf(out, "span %lld %lld %lld\n",
		    (long long)t->spans[i].from, (long long)t->spans[i].to,
		    (long long)t->spans[i].elapsed);
}

static bool
number(struct str *line, int64_t *out)
{
	struct str word = str_cut(line, ' ');
	bool minus = str_starts(word, S("-"));
	uint64_t v;

	if (!str_to_u64(str_from_pos(word, minus), &v) || v > INT64_MAX)
		return false;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

enum status
timeline_decode(struct str in, struct timeline *out)
{
	struct timeline t = {0};
	struct str line, word;
	size_t n;

	if (!str_starts(in, str_from(magic)) || !str_ends(in, S("\n")))
		return ST_CORRUPT;
	in = str_from_pos(in, sizeof(magic) - 1);
	while (in.n) {
		struct timespan *s = &t.spans[t.n];

		line = str_cut(&in, '\n');
		n = line.n;
		word = str_cut(&line, ' ');
		if (n && str_eq(word, S("hold"))) {
			if (!number(&line, &t.hold))
				return ST_CORRUPT;
			continue;
		}
		if (!str_eq(word, S("span")) || t.n == TIMELINE_SPANS ||
		    !number(&line, &s->from) || !number(&line, &s->to) ||
		    !number(&line, &s->elapsed) || s->to < s->from)
			return ST_CORRUPT;
		t.n++;
	}
	*out = t;
	return ST_OK;
}
