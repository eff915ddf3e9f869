#include "auth/attempts.h"

#include <arpa/inet.h>
#include <sodium.h>

#include "base/clock.h"

static struct attempt *
row_of(const struct attempts_table *t, uint64_t key)
{
	return (struct attempt *)(uintptr_t)t->rows[key % ATTEMPTS_ROWS];
}

static bool
alive(const struct attempt *a, int64_t now_ms)
{
	return a->failures > 0 && now_ms - a->last_ms < ATTEMPTS_MEMORY_MS;
}

static struct attempt *
find(const struct attempts_table *t, uint64_t key)
{
	struct attempt *row = row_of(t, key);
	size_t i;

	for (i = 0; i < ATTEMPTS_WAYS; i++)
		if (row[i].key == key && row[i].failures > 0)
			return &row[i];
	return NULL;
}

static uint64_t
hash(const struct attempts_table *t, struct str name, struct str address)
{
	unsigned char in[512] = {0}, out[crypto_shorthash_BYTES];
	char text[INET6_ADDRSTRLEN] = {0};
	size_t n = min_size(name.n, 400);
	uint64_t key;

	memcpy(in, name.p, n);
	n++; /* a NUL between the two */
	memcpy(text, address.p, min_size(address.n, sizeof(text) - 1));
	if (inet_pton(AF_INET6, text, in + n) == 1)
		n += 8;
	else {
		memcpy(in + n, text, sizeof(text));
		n += sizeof(text);
	}
	crypto_shorthash(out, in, n, t->secret);
	memcpy(&key, out, sizeof(key));
	return key ? key : 1;
}

void
attempts_init(struct attempts_table *t, const struct random *r)
{
	random_fill(r, t->secret, sizeof(t->secret));
}

uint64_t
attempts_key(
    const struct attempts_table *t, struct str name, struct str address)
{
	return hash(t, name, address);
}

uint64_t
attempts_group(const struct attempts_table *t, struct str address)
{
	return hash(t, S(""), address);
}

bool
attempts_allowed(const struct attempts_table *t, uint64_t key, int64_t now_ms)
{
	const struct attempt *a = find(t, key);

	return !a || !alive(a, now_ms) || a->failures < ATTEMPTS_MOST;
}

static int64_t
delay_of(uint32_t failures)
{
	int64_t ms = 1000;

	if (failures <= ATTEMPTS_FREE)
		return 0;
	while (--failures > ATTEMPTS_FREE && ms < ATTEMPTS_DELAY_MAX_MS)
		ms *= 2;
	return ms < ATTEMPTS_DELAY_MAX_MS ? ms : ATTEMPTS_DELAY_MAX_MS;
}

int64_t
attempts_failed(struct attempts_table *t, uint64_t key, int64_t now_ms)
{
	struct attempt *row = row_of(t, key), *a = find(t, key);
	size_t i;

	if (!a) {
		a = &row[0];
		for (i = 1; i < ATTEMPTS_WAYS; i++)
			if (alive(a, now_ms) &&
			    (!alive(&row[i], now_ms) ||
				row[i].last_ms < a->last_ms))
				a = &row[i];
		*a = (struct attempt){.key = key};
	} else if (!alive(a, now_ms)) {
		a->failures = 0;
	}
	if (a->failures < ATTEMPTS_MOST)
		a->failures++;
	a->last_ms = now_ms;
	return delay_of(a->failures);
}

void
attempts_succeeded(struct attempts_table *t, uint64_t key)
{
	struct attempt *a = find(t, key);

	if (a)
		*a = (struct attempt){0};
}
