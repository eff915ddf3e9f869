#include "daemon/recipients.h"

struct known {
	struct arena arena;
	struct recipient who;
};

void
recipients_release(struct recipients *r)
{
	size_t pos = 0;
	void *value;

	while (map_next(&r->known, &pos, NULL, &value)) {
		struct known *k = value;

		arena_release(&k->arena);
		free(k);
	}
	map_release(&r->known);
}

const struct recipient *
recipients_find(struct recipients *r, struct str address, uint64_t now)
{
	struct known *k;

	if (r->at != now)
		return NULL;
	k = map_get(&r->known, address);
	return k ? &k->who : NULL;
}

void
recipients_add(struct recipients *r, struct str address, uint64_t asked_at,
    const struct recipient *who)
{
	struct known *k;

	/* An answer from before a change is no better than those it voids. */
	if (asked_at < r->at)
		return;
	if (asked_at > r->at || r->known.n >= RECIPIENTS_MOST)
		recipients_release(r);
	r->at = asked_at;
	if (map_get(&r->known, address))
		return;
	k = mem_zalloc(sizeof(*k));
	k->who.account = arena_str(&k->arena, who->account);
	k->who.address = arena_str(&k->arena, who->address);
	k->who.detail = arena_str(&k->arena, who->detail);
	k->who.home = who->home;
	(void)map_set(&r->known, address, k);
}
