#include "base/map.h"

#include <sodium.h>

struct map_slot {
	char *key; /* heap copy; NULL: free or gone */
	size_t n;
	uint64_t hash;
	void *value;
	bool gone;
};

static uint64_t
hash_of(struct str key)
{
	static unsigned char secret[crypto_shorthash_KEYBYTES];
	static bool ready;
	unsigned char h[crypto_shorthash_BYTES];
	uint64_t v;

	if (!ready) {
		randombytes_buf(secret, sizeof(secret));
		ready = true;
	}
	crypto_shorthash(h, (const unsigned char *)key.p, key.n, secret);
	memcpy(&v, h, sizeof(v));
	return v;
}

static struct map_slot *
find(const struct map *m, struct str key, uint64_t hash)
{
	for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
		struct map_slot *s = &m->slots[i];

		if (!s->key && !s->gone)
			return s;
		if (s->key && s->hash == hash && s->n == key.n &&
		    memcmp(s->key, key.p, key.n) == 0)
			return s;
	}
}

static void
rehash(struct map *m, size_t cap)
{
	struct map old = *m;

	m->slots = mem_zalloc(cap * sizeof(*m->slots));
	m->cap = cap;
	m->gone = 0;
	for (size_t i = 0; i < old.cap; i++) {
		struct map_slot *s = &old.slots[i];

		if (s->key)
			*find(m, str_of(s->key, s->n), s->hash) = *s;
	}
	free(old.slots);
}

void *
map_get(const struct map *m, struct str key)
{
	return m->n ? find(m, key, hash_of(key))->value : NULL;
}

void *
map_set(struct map *m, struct str key, void *value)
{
	uint64_t hash = hash_of(key);
	struct map_slot *s;
	void *before;

	if ((m->n + m->gone + 1) * 4 > m->cap * 3)
		rehash(m,
		    m->cap && m->n * 4 < m->cap ? m->cap
			: m->cap                ? m->cap * 2
						: 8);
	s = find(m, key, hash);
	before = s->value;
	if (!s->key) {
		s->key = mem_alloc(key.n + 1);
		if (key.n)
			memcpy(s->key, key.p, key.n);
		s->key[key.n] = '\0';
		s->n = key.n;
		s->hash = hash;
		m->n++;
	}
	s->value = value;
	return before;
}

void *
map_remove(struct map *m, struct str key)
{
	struct map_slot *s = m->n ? find(m, key, hash_of(key)) : NULL;
	void *value;

	if (!s || !s->key)
		return NULL;
	value = s->value;
	free(s->key);
	*s = (struct map_slot){.gone = true};
	m->n--;
	m->gone++;
	return value;
}

static struct str
u64_key(const uint64_t *key)
{
	return str_of((const char *)key, sizeof(*key));
}

void *
map_get_u64(const struct map *m, uint64_t key)
{
	return map_get(m, u64_key(&key));
}

void *
map_set_u64(struct map *m, uint64_t key, void *value)
{
	return map_set(m, u64_key(&key), value);
}

void *
map_remove_u64(struct map *m, uint64_t key)
{
	return map_remove(m, u64_key(&key));
}

bool
map_next(const struct map *m, size_t *pos, struct str *key, void **value)
{
	while (*pos < m->cap) {
		const struct map_slot *s = &m->slots[(*pos)++];

		if (!s->key)
			continue;
		if (key)
			*key = str_of(s->key, s->n);
		*value = s->value;
		return true;
	}
	return false;
}

void
map_release(struct map *m)
{
	for (size_t i = 0; i < m->cap; i++)
		free(m->slots[i].key);
	free(m->slots);
	*m = (struct map)MAP_INIT;
}
