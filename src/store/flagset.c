#include "store/flagset.h"

#include "base/map.h"
#include "base/vec.h"

/* In the order in which the text names them. */
static const struct {
	unsigned bit;
	struct str name;
} system_flags[] = {
    {FLAG_ANSWERED, STR_INIT("\\Answered")},
    {FLAG_FLAGGED, STR_INIT("\\Flagged")},
    {FLAG_DELETED, STR_INIT("\\Deleted")},
    {FLAG_SEEN, STR_INIT("\\Seen")},
    {FLAG_DRAFT, STR_INIT("\\Draft")},
};

struct flagsets {
	struct arena arena; /* sets, texts and keywords live as long as this */
	struct flagset **sets;
	size_t n_sets, cap_sets;
	struct map by_key;   /* folded text -> struct flagset */
	struct map keywords; /* folded -> struct str, the first spelling */
	struct map unsaved;  /* id -> struct flagset */
	uint32_t *to_save;
	size_t n_to_save, cap_to_save;
};

static const struct flags no_flags;

struct flagsets *
flagsets_new(void)
{
	struct flagsets *fs = mem_zalloc(sizeof(*fs));
	uint32_t id;

	ASSERT(flagset_intern(fs, &no_flags, &id) == ST_OK && id == 1);
	return fs;
}

void
flagsets_free(struct flagsets **fs)
{
	if (!*fs)
		return;
	map_release(&(*fs)->by_key);
	map_release(&(*fs)->keywords);
	map_release(&(*fs)->unsaved);
	free((*fs)->to_save);
	arena_release(&(*fs)->arena);
	free((*fs)->sets);
	free(*fs);
	*fs = NULL;
}

uint32_t
flagsets_count(const struct flagsets *fs)
{
	return (uint32_t)fs->n_sets;
}

const struct flagset *
flagset_get(const struct flagsets *fs, uint32_t id)
{
	ASSERT(id >= 1 && id <= fs->n_sets);
	return fs->sets[id - 1];
}

bool
flagset_has(const struct flagsets *fs, uint32_t id)
{
	return id >= 1 && id <= fs->n_sets && fs->sets[id - 1]->id == id;
}

void
flagset_unsaved(struct flagsets *fs, uint32_t id)
{
	if (flagset_has(fs, id))
		(void)map_set_u64(&fs->unsaved, id, fs->sets[id - 1]);
}

size_t
flagsets_to_save(const struct flagsets *fs, const uint32_t **ids_out)
{
	*ids_out = fs->to_save;
	return fs->n_to_save;
}

void
flagsets_are_saved(struct flagsets *fs, size_t n)
{
	fs->n_to_save -= n;
	if (n && fs->n_to_save)
		memmove(fs->to_save, fs->to_save + n,
		    fs->n_to_save * sizeof(*fs->to_save));
}

/* RFC 9051: flag-keyword is an atom. */
static bool
is_keyword(struct str s)
{
	if (s.n == 0 || s.n > KEYWORD_BYTES_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || strchr("(){%*\"\\]", c))
			return false;
	}
	return true;
}

static char *
folded(struct str s, char out[static KEYWORD_BYTES_MAX])
{
	for (size_t i = 0; i < s.n; i++)
		out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32
							       : s.p[i]);
	return out;
}

static const struct str *
keyword(struct flagsets *fs, struct str name)
{
	char key[KEYWORD_BYTES_MAX];
	struct str low = {folded(name, key), name.n};
	struct str *known = map_get(&fs->keywords, low);

	if (!known) {
		known = ARENA_NEW(&fs->arena, struct str);
		*known = arena_str(&fs->arena, name);
		map_set(&fs->keywords, low, known);
	}
	return known;
}

static int
by_spelling(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void
add_word(struct buf *b, struct str word)
{
	if (b->n)
		buf_addc(b, ' ');
	buf_adds(b, word);
}

static struct flagset *
new_set(struct flagsets *fs, unsigned bits, const struct str *words, size_t n,
    struct str text)
{
	struct flagset *set = ARENA_NEW(&fs->arena, struct flagset);
	struct str *own = ARENA_ARRAY(&fs->arena, struct str, n);

	if (n)
		memcpy(own, words, n * sizeof(*own));
	set->flags = (struct flags){bits, own, n};
	set->text = arena_str(&fs->arena, text);
	*VEC_ADD(fs, sets) = set;
	set->id = (uint32_t)fs->n_sets;
	map_set(&fs->by_key, set->text, set);
	return set;
}

enum status
flagset_intern(struct flagsets *fs, const struct flags *flags, uint32_t *id_out)
{
	struct str words[FLAGS_PER_MESSAGE_MAX];
	struct flagset *set;
	struct buf text;
	size_t n = 0;

	if (flags->n_keywords > FLAGS_PER_MESSAGE_MAX)
		return ST_LIMIT;
	for (size_t i = 0; i < flags->n_keywords; i++) {
		if (!is_keyword(flags->keywords[i]))
			return ST_INVALID;
		words[n++] = *keyword(fs, flags->keywords[i]);
	}
	if (n > 1)
		qsort(words, n, sizeof(*words), by_spelling);
	buf_init(&text, (FLAGS_PER_MESSAGE_MAX + 5) * (KEYWORD_BYTES_MAX + 1));
	for (size_t i = 0; i < ARRAY_LEN(system_flags); i++)
		if (flags->bits & system_flags[i].bit)
			add_word(&text, system_flags[i].name);
	for (size_t i = 0; i < n; i++)
		add_word(&text, words[i]);
	if (n + (size_t)__builtin_popcount(flags->bits & FLAG_SYSTEM) >
	    FLAGS_PER_MESSAGE_MAX) {
		buf_release(&text);
		return ST_LIMIT;
	}
	set = map_get(&fs->by_key, buf_str(&text));
	if (!set && fs->n_sets == FLAGSETS_MAX) {
		buf_release(&text);
		return ST_LIMIT;
	}
	if (!set)
		set = new_set(
		    fs, flags->bits & FLAG_SYSTEM, words, n, buf_str(&text));
	else if (map_remove_u64(&fs->unsaved, set->id))
		*VEC_ADD(fs, to_save) = set->id;
	buf_release(&text);
	*id_out = set->id;
	return ST_OK;
}

static bool
has_keyword(const struct str *words, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(words[i], word))
			return true;
	return false;
}

enum status
flagset_apply(struct flagsets *fs, uint32_t id, enum flags_op op,
    const struct flags *flags, uint32_t *id_out)
{
	const struct flags *old = &flagset_get(fs, id)->flags;
	struct str words[2 * FLAGS_PER_MESSAGE_MAX];
	struct flags made = {.keywords = words};

	if (flags->n_keywords > FLAGS_PER_MESSAGE_MAX)
		return ST_LIMIT;
	made.bits = op == FLAGS_SET ? flags->bits
	    : op == FLAGS_ADD       ? old->bits | flags->bits
				    : old->bits & ~flags->bits;
	for (size_t i = 0; op != FLAGS_SET && i < old->n_keywords; i++)
		if (op == FLAGS_ADD ||
		    !has_keyword(
			flags->keywords, flags->n_keywords, old->keywords[i]))
			words[made.n_keywords++] = old->keywords[i];
	for (size_t i = 0; op != FLAGS_REMOVE && i < flags->n_keywords; i++)
		if (!has_keyword(words, made.n_keywords, flags->keywords[i]))
			words[made.n_keywords++] = flags->keywords[i];
	return flagset_intern(fs, &made, id_out);
}

enum status
flags_parse(struct str text, struct arena *a, struct flags *out)
{
	struct flags f = {0};
	struct str *words = ARENA_ARRAY(a, struct str, text.n / 2 + 1);

	while (text.n) {
		struct str word = str_cut(&text, ' ');
		unsigned bit = 0;

		for (size_t i = 0; i < ARRAY_LEN(system_flags); i++)
			if (str_eqi(word, system_flags[i].name))
				bit = system_flags[i].bit;
		if (!bit && !is_keyword(word))
			return ST_INVALID;
		f.bits |= bit;
		if (!bit && !has_keyword(words, f.n_keywords, word))
			words[f.n_keywords++] = arena_str(a, word);
	}
	f.keywords = words;
	*out = f;
	return ST_OK;
}

enum status
flagset_load(struct flagsets *fs, uint32_t id, struct str text)
{
	struct arena a = ARENA_INIT;
	struct flags f;
	uint32_t got = 0;
	enum status st = flags_parse(text, &a, &f);

	if (id > FLAGSETS_MAX)
		st = ST_CORRUPT;
	/* Nothing refers to one that is not there; if it does, it is damaged,
	 * and that is found by who checks. */
	while (st == ST_OK && fs->n_sets + 1 < id) {
		struct flagset *none = fs->sets[0];

		*VEC_ADD(fs, sets) = none;
	}
	if (st == ST_OK)
		st = flagset_intern(fs, &f, &got);
	arena_release(&a);
	return st == ST_OK && got == id ? ST_OK : ST_CORRUPT;
}
