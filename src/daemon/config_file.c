/* The file of settings, by inih. */
#include <errno.h>
#include <ini.h>

#include "daemon/config_int.h"

enum { KEY_MAX = 256, LIST_MAX = 64 * 1024 };

struct loading {
	struct config *c;
	const char *why; /* a setting that is wrong: no further line is read */
	int line;        /* that was read last */
	bool bad;
	char last[KEY_MAX]; /* the setting of the line before */
};

/* A list goes on in lines that begin with a space: inih gives its name again. */
static enum status
set_more(struct loading *l, struct str key, struct str value)
{
	const struct option_row *r = config_row(key);
	struct buf all;
	enum status st;

	if (!r || (r->type != OPTION_LISTEN && r->type != OPTION_NETWORKS) ||
	    !str_eq(key, str_from(l->last)))
		return config_set(l->c, key, value, &l->why);
	buf_init(&all, LIST_MAX);
	buf_addf(&all, "%s " STR_FMT, *config_text(l->c, r), STR_ARG(value));
	if (buf_full(&all)) {
		st = ST_LIMIT;
		l->why = config_why("%s: too many of them", r->key);
	} else {
		st = config_set(l->c, key, buf_str(&all), &l->why);
	}
	buf_release(&all);
	return st;
}

static int
ini_value(void *ctx, const char *section, const char *name, const char *value)
{
	struct loading *l = ctx;
	struct buf key;
	enum status st;

	if (l->bad)
		return 1;
	buf_init(&key, KEY_MAX);
	/* [tls NAME] gives tls.NAME.certificate. */
	for (const char *p = section; *p; p++)
		buf_addc(&key, *p == ' ' ? '.' : *p);
	if (key.n)
		buf_addc(&key, '.');
	buf_addz(&key, name);
	st = set_more(l, buf_str(&key), str_from(value));
	(void)snprintf(l->last, sizeof(l->last), "%s", key.p);
	buf_release(&key);
	l->bad = st != ST_OK;
	return st == ST_OK;
}

struct reading {
	struct loading *l;
	FILE *f;
};

/* inih would take what does not fit into its line for another line. */
static char *
ini_line(char *line, int size, void *ctx)
{
	struct reading *r = ctx;
	size_t n;

	if (r->l->bad || !fgets(line, size, r->f))
		return NULL;
	r->l->line++;
	n = strlen(line);
	if (n + 1 == (size_t)size && line[n - 1] != '\n' && !feof(r->f)) {
		r->l->bad = true;
		r->l->why =
		    config_why("longer than %d bytes; a list of addresses may"
			       " go on in the next line, behind a space",
			size - 2);
		return NULL;
	}
	return line;
}

enum status
config_read(struct config *c, const char *file, const char **why_out)
{
	struct loading l = {.c = c};
	struct reading r = {&l, fopen(file, "re")};
	char *reason;
	int line;

	if (!r.f) {
		*why_out = config_why("%s: %s", file, strerror(errno));
		return ST_IO;
	}
	line = ini_parse_stream(ini_line, &r, ini_value, &l);
	if (ferror(r.f)) {
		*why_out = config_why("%s: %s", file, strerror(errno));
		(void)fclose(r.f);
		return ST_IO;
	}
	(void)fclose(r.f);
	if (line != 0 || l.bad) {
		/* inih goes on behind a line that it cannot read. */
		reason = str_dup(l.bad && (line == 0 || line == l.line)
			? str_from(l.why)
			: S("not a setting"));
		*why_out = config_why(
		    "%s, line %d: %s", file, line > 0 ? line : l.line, reason);
		free(reason);
		return ST_INVALID;
	}
	if (c->file != file) {
		free(c->file);
		c->file = str_dup(str_from(file));
	}
	return ST_OK;
}
