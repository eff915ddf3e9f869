/* The value of one setting: how it is written, its bounds, where it is kept. */
#include "daemon/config_int.h"
#include "net/listen.h"

char **
config_text(const struct config *c, const struct option_row *r)
{
	return (char **)((char *)(uintptr_t)c + r->offset);
}

bool
config_is_text(const struct option_row *r)
{
	return r->type == OPTION_TEXT || r->type == OPTION_HOST ||
	    r->type == OPTION_LISTEN || r->type == OPTION_NETWORKS;
}

static uint64_t
number_at(const struct config *c, const struct option_row *r)
{
	const char *p = (const char *)c + r->offset;
	uint64_t v;
	uint32_t word;

	if (r->type == OPTION_WORD) {
		memcpy(&word, p, sizeof(word));
		return word;
	}
	memcpy(&v, p, sizeof(v));
	return v;
}

static void
number_set(struct config *c, const struct option_row *r, uint64_t v)
{
	char *p = (char *)c + r->offset;
	uint32_t word = (uint32_t)v;

	if (r->type == OPTION_WORD)
		memcpy(p, &word, sizeof(word));
	else
		memcpy(p, &v, sizeof(v));
}

static struct str
word_at(const char *words, uint64_t i)
{
	struct str rest = str_from(words), w = str_cut(&rest, ' ');

	while (i--)
		w = str_cut(&rest, ' ');
	return w;
}

static bool
parse_word(const struct option_row *r, struct str value, uint64_t *out)
{
	struct str w;

	for (uint64_t i = 0; (w = word_at(r->words, i)).n; i++)
		if (str_eqi(w, value)) {
			*out = i;
			return true;
		}
	return false;
}

static bool
parse_number(const struct option_row *r, struct str value, uint64_t *out)
{
	if (r->type == OPTION_WORD)
		return parse_word(r, value, out);
	if (r->type == OPTION_SIZE)
		return str_to_size(value, out);
	if (r->type == OPTION_SECONDS)
		return str_to_seconds(value, out);
	return str_to_u64(value, out);
}

static const char *const forms[] = {
    [OPTION_HOST] = "it is a name like mail.example.org",
    [OPTION_LISTEN] =
	"it is ADDR:PORT, [ADDR]:PORT, *:PORT, unix:/PATH, or none",
    [OPTION_NETWORKS] = "it is like 192.0.2.0/24 or 2001:db8::/32",
    [OPTION_WORD] = "it is one of: ",
    [OPTION_NUMBER] = "it is a number",
    [OPTION_SIZE] = "it is a size like 500K, 256M or 2G",
    [OPTION_SECONDS] = "it is a span of time like 90s, 12h or 7d",
};

/* In the largest unit that it has a whole number of. */
static void
add_bound(const struct option_row *r, uint64_t v, struct buf *out)
{
	static const struct {
		enum option_type type;
		uint64_t n;
		const char *letter;
	} units[] = {
	    {OPTION_SIZE, 1ull << 30, "G"},
	    {OPTION_SIZE, 1ull << 20, "M"},
	    {OPTION_SIZE, 1ull << 10, "K"},
	    {OPTION_SECONDS, 24ull * 60 * 60, "d"},
	    {OPTION_SECONDS, 60ull * 60, "h"},
	    {OPTION_SECONDS, 60, "m"},
	    {OPTION_SECONDS, 1, "s"},
	};

	for (size_t i = 0; v && i < ARRAY_LEN(units); i++)
		if (units[i].type == r->type && v % units[i].n == 0) {
			buf_addu(out, v / units[i].n);
			buf_addz(out, units[i].letter);
			return;
		}
	buf_addu(out, v);
}

static void
out_of_range(const struct option_row *r, const char **why_out)
{
	struct buf least, most;

	buf_init(&least, 64);
	buf_init(&most, 64);
	add_bound(r, r->least, &least);
	add_bound(r, r->most, &most);
	*why_out = config_why("%s: must be from " STR_FMT " to " STR_FMT,
	    r->key, STR_ARG(buf_str(&least)), STR_ARG(buf_str(&most)));
	buf_release(&least);
	buf_release(&most);
}

static bool
is_well_formed(const struct option_row *r, struct str value)
{
	if (r->type == OPTION_LISTEN)
		return listen_check(value) == ST_OK;
	if (r->type == OPTION_NETWORKS)
		return networks_check(value) == ST_OK;
	/* It stands in greetings, in Received lines, behind an @. */
	for (size_t i = 0; r->type == OPTION_HOST && i < value.n; i++)
		if ((unsigned char)value.p[i] <= ' ' || value.p[i] == 0x7f ||
		    strchr("@/<>()\",;\\", value.p[i]))
			return false;
	return true;
}

/* lmtp.networks would ask where the proxy is. */
static bool
is_behind_proxy(const struct option_row *r, struct str value)
{
	struct listen_address a;
	bool proxy = false;

	if (r->offset != offsetof(struct config, listen[LISTEN_LMTP]))
		return false;
	while (listen_next(&value, &a) == ST_OK)
		proxy |= a.proxy;
	return proxy;
}

enum status
config_set_row(struct config *c, const struct option_row *r, struct str value,
    const char **why_out)
{
	uint64_t v;

	if (config_is_text(r)) {
		if (!is_well_formed(r, value)) {
			*why_out =
			    config_why("%s: cannot read \"" STR_FMT "\"; %s",
				r->key, STR_ARG(value), forms[r->type]);
			return ST_INVALID;
		}
		if (is_behind_proxy(r, value)) {
			*why_out = config_why(
			    "%s: nobody speaks PROXY in front of LMTP", r->key);
			return ST_INVALID;
		}
		free(*config_text(c, r));
		*config_text(c, r) = str_dup(value);
		return ST_OK;
	}
	if (!parse_number(r, value, &v)) {
		*why_out = config_why("%s: cannot read \"" STR_FMT "\"; %s%s",
		    r->key, STR_ARG(value), forms[r->type],
		    r->words ? r->words : "");
		return ST_INVALID;
	}
	if (r->type != OPTION_WORD && (v < r->least || v > r->most)) {
		out_of_range(r, why_out);
		return ST_INVALID;
	}
	number_set(c, r, v);
	return ST_OK;
}

void
config_value(
    const struct config *c, const struct option_row *r, struct buf *out)
{
	if (config_is_text(r))
		buf_addz(out, *config_text(c, r));
	else if (r->type == OPTION_WORD)
		buf_adds(out, word_at(r->words, number_at(c, r)));
	else
		buf_addu(out, number_at(c, r));
}
