#include "mime/subject.h"

/* Step 1: tabs and runs of white space are one space. */
static struct str
squeeze(struct str s, struct arena *a)
{
	char *to = arena_alloc(a, s.n + 1);
	size_t k = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';

		if (!space)
			to[k++] = c;
		else if (k && to[k - 1] != ' ')
			to[k++] = ' ';
	}
	return str_of(to, k);
}

/* Step 2: subj-trailer = "(fwd)" / WSP */
static struct str
cut_trailers(struct str s)
{
	for (;;) {
		s = str_trim(s);
		if (s.n < 5 || !str_eqi(str_from_pos(s, s.n - 5), S("(fwd)")))
			return s;
		s.n -= 5;
	}
}

/* subj-blob = "[" *BLOBCHAR "]" *WSP; BLOBCHAR is no bracket. */
static bool
cut_blob(struct str *s)
{
	size_t i = 1;

	if (s->n == 0 || s->p[0] != '[')
		return false;
	while (i < s->n && s->p[i] != '[' && s->p[i] != ']')
		i++;
	if (i >= s->n || s->p[i] != ']')
		return false;
	*s = str_trim(str_from_pos(*s, i + 1));
	return true;
}

/* subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" */
static bool
cut_refwd(struct str *s)
{
	struct str t = *s;

	if (str_startsi(t, S("fwd")))
		t = str_from_pos(t, 3);
	else if (str_startsi(t, S("re")) || str_startsi(t, S("fw")))
		t = str_from_pos(t, 2);
	else
		return false;
	t = str_trim(t);
	(void)cut_blob(&t);
	if (t.n == 0 || t.p[0] != ':')
		return false;
	*s = str_trim(str_from_pos(t, 1));
	return true;
}

/* Steps 3 to 5. */
static struct str
cut_leaders(struct str s)
{
	for (;;) {
		struct str t = s;

		/* Step 3: subj-leader = (*subj-blob subj-refwd) / WSP */
		while (cut_blob(&t))
			;
		if (cut_refwd(&t)) {
			s = t;
			continue;
		}
		/* Step 4: a blob goes unless nothing would be left. */
		t = s;
		if (!cut_blob(&t) || t.n == 0)
			return s;
		s = t;
	}
}

struct str
subject_base(struct str subject, struct arena *a)
{
	struct str s = squeeze(subject, a);

	for (;;) {
		s = cut_leaders(cut_trailers(s));
		/* Step 6: "[fwd:" ... "]" around it all. */
		if (!str_startsi(s, S("[fwd:")) || !str_ends(s, S("]")))
			return s;
		s = str_first(str_from_pos(s, 5), s.n - 6);
	}
}
