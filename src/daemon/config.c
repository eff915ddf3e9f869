#include "daemon/config.h"

#include "base/vec.h"
#include "daemon/config_int.h"

enum { WHY_MAX = 512, ENCODED_MAX = 64 * 1024 };

static char why_text[WHY_MAX];

const char *
config_why(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why_text, sizeof(why_text), fmt, ap);
	va_end(ap);
	return why_text;
}

const struct option_row *
config_row(struct str key)
{
	for (size_t i = 0; i < n_option_rows; i++)
		if (str_eq(str_from(option_rows[i].key), key))
			return &option_rows[i];
	return NULL;
}

static struct tls_pair *
pair_named(struct config *c, struct str name)
{
	struct tls_pair *p;

	for (size_t i = 0; i < c->n_pairs; i++)
		if (str_eq(str_from(c->pairs[i].name), name))
			return &c->pairs[i];
	p = VEC_ADD(c, pairs);
	p->name = str_dup(name);
	return p;
}

/* tls.certificate, tls.key, and those of a section [tls NAME]. */
static enum status
set_pair(
    struct config *c, struct str key, struct str value, const char **why_out)
{
	struct str name = S(""), field = str_from_pos(key, 4);
	bool certificate;

	for (size_t dot = field.n; dot-- > 0;)
		if (field.p[dot] == '.') {
			name = str_first(field, dot);
			field = str_from_pos(field, dot + 1);
			break;
		}
	certificate = str_eq(field, S("certificate"));
	if (!certificate && !str_eq(field, S("key"))) {
		*why_out = config_why("unknown setting " STR_FMT, STR_ARG(key));
		return ST_NOT_FOUND;
	}
	char **at = certificate ? &pair_named(c, name)->certificate
				: &pair_named(c, name)->key;
	free(*at);
	*at = str_dup(value);
	return ST_OK;
}

enum status
config_set(
    struct config *c, struct str key, struct str value, const char **why_out)
{
	const struct option_row *r = config_row(key);

	if (r)
		return config_set_row(c, r, value, why_out);
	if (str_starts(key, S("tls.")))
		return set_pair(c, key, value, why_out);
	*why_out = config_why("unknown setting " STR_FMT, STR_ARG(key));
	return ST_NOT_FOUND;
}

static enum status
set_from_pair(struct config *c, struct str pair, const char **why_out)
{
	struct str value = pair, key = str_cut(&value, '=');

	if (key.n == pair.n) {
		*why_out = config_why(
		    "\"" STR_FMT "\" is not KEY=VALUE", STR_ARG(pair));
		return ST_SYNTAX;
	}
	return config_set(c, str_trim(key), str_trim(value), why_out);
}

enum status
config_override(struct config *c, struct str pair, const char **why_out)
{
	enum status st = set_from_pair(c, pair, why_out);

	if (st == ST_OK)
		*VEC_ADD(c, overrides) = str_dup(pair);
	return st;
}

/* With -o or the file: each certificate needs its key. */
static enum status
check_pairs(const struct config *c, const char **why_out)
{
	for (size_t i = 0; i < c->n_pairs; i++)
		if (!c->pairs[i].certificate || !c->pairs[i].key) {
			*why_out = config_why(
			    "tls%s%s: certificate and key go together",
			    c->pairs[i].name[0] ? "." : "", c->pairs[i].name);
			return ST_INVALID;
		}
	return ST_OK;
}

enum status
config_load(struct config *c, const char *file, const char **why_out)
{
	enum status st;

	if (file && (st = config_read(c, file, why_out)) != ST_OK)
		return st;
	for (size_t i = 0; i < c->n_overrides; i++)
		if ((st = set_from_pair(
			 c, str_from(c->overrides[i]), why_out)) != ST_OK)
			return st;
	return check_pairs(c, why_out);
}

struct config *
config_new(const char *data)
{
	struct config *c = mem_zalloc(sizeof(*c));
	const char *reason;

	c->data = str_dup(str_from(data));
	for (size_t i = 0; i < n_option_rows; i++) {
		enum status st = config_set_row(c, &option_rows[i],
		    str_from(option_rows[i].preset), &reason);

		ASSERT(st == ST_OK);
	}
	return c;
}

void
config_free(struct config **cp)
{
	struct config *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	for (size_t i = 0; i < n_option_rows; i++)
		if (config_is_text(&option_rows[i]))
			free(*config_text(c, &option_rows[i]));
	for (size_t i = 0; i < c->n_pairs; i++) {
		free(c->pairs[i].name);
		free(c->pairs[i].certificate);
		free(c->pairs[i].key);
	}
	for (size_t i = 0; i < c->n_overrides; i++)
		free(c->overrides[i]);
	free(c->overrides);
	free(c->pairs);
	free(c->data);
	free(c->file);
	free(c);
}

enum status
config_reload(
    const struct config *old, struct config **out, const char **why_out)
{
	struct config *c = config_new(old->data);
	enum status st;

	for (size_t i = 0; i < old->n_overrides; i++)
		*VEC_ADD(c, overrides) = str_dup(str_from(old->overrides[i]));
	st = config_load(c, old->file, why_out);
	if (st != ST_OK)
		config_free(&c);
	else
		*out = c;
	return st;
}

void
config_compare(const struct config *a, const struct config *b,
    void (*named)(void *ctx, const char *key, bool can), void *ctx)
{
	struct buf x, y;

	buf_init(&x, ENCODED_MAX);
	buf_init(&y, ENCODED_MAX);
	for (size_t i = 0; i < n_option_rows; i++) {
		buf_clear(&x);
		buf_clear(&y);
		config_value(a, &option_rows[i], &x);
		config_value(b, &option_rows[i], &y);
		if (!str_eq(buf_str(&x), buf_str(&y)))
			named(ctx, option_rows[i].key, option_rows[i].reloads);
	}
	buf_release(&x);
	buf_release(&y);
}

void
config_encode(const struct config *c, struct buf *out)
{
	buf_addf(out, "%s\n", c->data);
	for (size_t i = 0; i < n_option_rows; i++) {
		buf_addf(out, "%s=", option_rows[i].key);
		config_value(c, &option_rows[i], out);
		buf_addc(out, '\n');
	}
}

enum status
config_decode(struct str text, struct config **out)
{
	char *data = str_dup(str_cut(&text, '\n'));
	struct config *c = config_new(data);
	enum status st = ST_OK;
	const char *reason;

	free(data);
	while (text.n && st == ST_OK)
		st = set_from_pair(c, str_cut(&text, '\n'), &reason);
	if (st != ST_OK)
		config_free(&c);
	else
		*out = c;
	return st;
}

void
config_proto(const struct config *c, struct proto_config *out)
{
	*out = (struct proto_config){
	    .hostname = str_from(c->hostname),
	    .cleartext = (enum cleartext)c->cleartext,
	    .scram = c->scram,
	    .starttls = true,
	    .max_message = c->max_message,
	    .login_ms = (uint32_t)(c->login_s * 1000),
	    .retention_days = (uint32_t)(c->retention / (24 * 60 * 60)),
	};
}
