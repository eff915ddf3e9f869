#include "cli/folder_list.h"

/* Bent names begin with "_", so those that do are bent as well. */
static bool
is_odd(struct str level)
{
	return level.n == 0 || level.p[0] == '.' || level.p[0] == '_' ||
	    str_eq(level, S("cur")) || str_eq(level, S("new")) ||
	    str_eq(level, S("tmp")) || str_ends(level, S(".mbox"));
}

struct str
list_path(struct arena *a, struct str dir, struct str name, const char *end)
{
	struct str out = dir, level;

	while (name.n > 0) {
		level = str_cut(&name, '/');
		out = arena_printf(a, STR_FMT "/%s" STR_FMT, STR_ARG(out),
		    is_odd(level) ? "_" : "", STR_ARG(level));
	}
	return arena_printf(a, STR_FMT "%s", STR_ARG(out), end);
}

void
list_add(struct buf *list, struct str name, bool subscribed)
{
	buf_addf(
	    list, "%c" STR_FMT "\n", subscribed ? '+' : '-', STR_ARG(name));
}

bool
list_next(struct str *list, struct str *name_out, bool *subscribed_out)
{
	while (list->n > 0) {
		struct str line = str_cut(list, '\n');

		if (line.n < 2 || (line.p[0] != '+' && line.p[0] != '-'))
			continue;
		*subscribed_out = line.p[0] == '+';
		*name_out = str_from_pos(line, 1);
		return true;
	}
	return false;
}
