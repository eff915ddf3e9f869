#include "daemon/serve.h"

#include <getopt.h>
#include <unistd.h>

#include "daemon/child.h"
#include "daemon/supervisor.h"

static const char usage[] =
    "usage: mailstead serve [-c FILE] [-d DATA] [-o KEY=VALUE]...\n";

enum status
serve_settings(const char *file, const char *data, char *const *overrides,
    size_t n, struct config **out, const char **why_out)
{
	struct config *c = config_new(data ? data : DEFAULT_DATA);
	enum status st = ST_OK;

	if (!file && !data && access(DEFAULT_FILE, F_OK) == 0)
		file = DEFAULT_FILE;
	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = config_override(c, str_from(overrides[i]), why_out);
	if (st == ST_OK)
		st = config_load(c, file, why_out);
	if (st != ST_OK)
		config_free(&c);
	else
		*out = c;
	return st;
}

static int
role_main(const char *name, const char *index)
{
	enum role role;
	uint32_t i;

	if (!role_of(str_from(name), &role) || !role_defs[role] ||
	    !str_to_u32(str_from(index), &i) || i >= ROLE_MOST) {
		(void)fputs(usage, stderr);
		return 2;
	}
	return child_main(role_defs[role], i);
}

int
serve_main(int argc, char **argv)
{
	static const struct option longs[] = {
	    {"role", required_argument, NULL, 'R'},
	    {"index", required_argument, NULL, 'I'},
	    {NULL, 0, NULL, 0},
	};
	const char *file = NULL, *data = NULL, *role = NULL, *index = "0";
	char **overrides = mem_alloc((size_t)argc * sizeof(*overrides));
	struct config *config = NULL;
	const char *why = "";
	size_t n = 0;
	enum status st;
	bool bad = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "c:d:o:", longs, NULL)) != -1) {
		if (opt == 'c')
			file = optarg;
		else if (opt == 'd')
			data = optarg;
		else if (opt == 'o')
			overrides[n++] = optarg;
		else if (opt == 'R')
			role = optarg;
		else if (opt == 'I')
			index = optarg;
		else
			bad = true;
	}
	if (bad || optind != argc) {
		(void)fputs(usage, stderr);
		free(overrides);
		return 2;
	}
	if (role) {
		free(overrides);
		return role_main(role, index);
	}
	st = serve_settings(file, data, overrides, n, &config, &why);
	free(overrides);
	if (st != ST_OK) {
		(void)fprintf(stderr, "mailstead: %s\n", why);
		return st == ST_IO ? 1 : 2;
	}
	return supervisor_main(config);
}
