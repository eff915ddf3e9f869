#include "store/pack_int.h"

#include <sodium.h>

#include "base/vec.h"
#include "base/wire.h"

_Static_assert(
    crypto_shorthash_KEYBYTES == PACK_SALT, "the salt keys the sums");

static const struct str pack_magic = STR_INIT("MSPACK01");
static const struct str keep_magic = STR_INIT("MSKEEP01");
static const struct str merged_magic = STR_INIT("MSKEEP02");
static const struct str record_magic = STR_INIT("MSRC");

uint64_t
pack_sum(const struct pack_header *h, struct str bytes)
{
	unsigned char sum[crypto_shorthash_BYTES];
	struct wire w;

	crypto_shorthash(sum, (const unsigned char *)bytes.p, bytes.n, h->salt);
	w = wire_of(str_of((const char *)sum, sizeof(sum)));
	return wire_u64(&w);
}

void
pack_header_put(const struct pack_header *h, struct buf *out)
{
	size_t from = out->n;
	size_t sources = h->sources[1] ? PACK_SOURCES : h->sources[0] ? 1 : 0;

	buf_adds(out,
	    sources > 1        ? merged_magic
		: sources == 1 ? keep_magic
			       : pack_magic);
	buf_add(out, h->salt, PACK_SALT);
	wire_put_u64(out, h->before_end);
	if (sources)
		wire_put_u32(out, h->origin);
	for (size_t i = 0; i < sources; i++)
		wire_put_u32(out, h->sources[i]);
	wire_put_u64(out, pack_sum(h, str_of(out->p + from, out->n - from)));
	while (out->n - from < PACK_HEADER)
		buf_addc(out, '\0');
}

enum status
pack_header_get(struct str bytes, struct pack_header *out)
{
	struct wire w = wire_of(bytes);
	struct pack_header h = {0};
	struct str magic, salt;
	size_t n, sources;

	if (bytes.n != PACK_HEADER)
		return ST_CORRUPT;
	magic = wire_bytes(&w, pack_magic.n);
	sources = str_eq(magic, keep_magic) ? 1
	    : str_eq(magic, merged_magic)   ? PACK_SOURCES
					    : 0;
	if (!sources && !str_eq(magic, pack_magic))
		return ST_CORRUPT;
	salt = wire_bytes(&w, PACK_SALT);
	memcpy(h.salt, salt.p, PACK_SALT);
	h.before_end = wire_u64(&w);
	if (sources)
		h.origin = wire_u32(&w);
	for (size_t i = 0; i < sources; i++)
		h.sources[i] = wire_u32(&w);
	n = (size_t)(w.p - bytes.p);
	if (wire_u64(&w) != pack_sum(&h, str_first(bytes, n)) ||
	    (sources && (!h.sources[0] || !h.origin)))
		return ST_CORRUPT;
	*out = h;
	return ST_OK;
}

/* Where a record stands is part of its sum: a copy elsewhere is none. */
static uint64_t
fixed_sum(const struct pack_header *h, struct place place, struct str fixed)
{
	struct buf b;
	uint64_t sum;

	buf_init(&b, 64);
	wire_put_u32(&b, place.pack);
	wire_put_u64(&b, place.offset);
	buf_adds(&b, fixed);
	sum = pack_sum(h, buf_str(&b));
	buf_release(&b);
	return sum;
}

void
pack_fixed_put(const struct pack_header *h, struct place place, struct str meta,
    uint64_t content, struct buf *out)
{
	size_t from = out->n;

	buf_adds(out, record_magic);
	wire_put_u32(out, (uint32_t)meta.n);
	wire_put_u64(out, content);
	wire_put_u64(out, pack_sum(h, meta));
	wire_put_u64(
	    out, fixed_sum(h, place, str_of(out->p + from, out->n - from)));
}

bool
pack_fixed_get(const struct pack_header *h, struct place place,
    struct str fixed, uint32_t *meta_out, uint64_t *content_out,
    uint64_t *sum_out)
{
	struct wire w = wire_of(fixed);

	if (!str_eq(wire_bytes(&w, record_magic.n), record_magic))
		return false;
	*meta_out = wire_u32(&w);
	*content_out = wire_u64(&w);
	*sum_out = wire_u64(&w);
	return wire_u64(&w) ==
	    fixed_sum(h, place, str_first(fixed, RECORD_FIXED - 8)) &&
	    wire_ok(&w) && *meta_out <= RECORD_META_MAX;
}

static void
frames_and_sums_put(
    const struct frames *f, const uint64_t *sums, struct buf *out)
{
	frames_put(f, out);
	for (size_t i = 0; i < f->n_frames; i++)
		wire_put_u64(out, sums ? sums[i] : 0);
}

void
pack_meta_put(const struct pack_record *r, const struct frames *frames,
    const uint64_t *sums, struct buf *out)
{
	wire_put_u8(out, (uint8_t)r->kind);
	wire_put_var(out, r->id);
	wire_put_var(out, r->group);
	wire_put_u8(out, r->last_of_group);
	wire_put_var(out, r->mailbox);
	wire_put_svar(out, r->saved_ms);
	if (r->kind != PACK_MESSAGE) {
		wire_put_u32(out, r->uidvalidity);
		wire_put_u32(out, r->special_use);
		wire_put_str(out, r->name);
		return;
	}
	wire_put_u32(out, r->uid);
	buf_add(out, r->emailid, ID_BYTES);
	buf_add(out, r->threadid, ID_BYTES);
	wire_put_svar(out, r->internaldate_ms);
	wire_put_svar(out, r->zone);
	wire_put_str(out, r->flags);
	wire_put_var(out, r->size);
	wire_put_var(out, r->header_size);
	wire_put_u8(out, r->apart);
	wire_put_var(out, 0); /* key id: encryption at rest, later */
	frames_and_sums_put(frames, sums, out);
	if (r->uidl.n > 0)
		wire_put_str(out, r->uidl);
}

static void
get_id(struct wire *w, unsigned char out[ID_BYTES])
{
	struct str id = wire_bytes(w, ID_BYTES);

	if (id.n == ID_BYTES)
		memcpy(out, id.p, ID_BYTES);
}

static enum status
message_get_meta(struct wire *w, struct pack_place *p)
{
	struct pack_record *r = &p->r;
	enum status st;

	r->uid = wire_u32(w);
	get_id(w, r->emailid);
	get_id(w, r->threadid);
	r->internaldate_ms = wire_svar(w);
	r->zone = (int32_t)wire_svar(w);
	r->flags = wire_str(w);
	r->size = wire_var(w);
	r->header_size = wire_var(w);
	r->apart = wire_u8(w) != 0;
	if (wire_var(w) != 0)
		return ST_TOO_NEW;
	if ((st = frames_get(w, &p->frames)) != ST_OK)
		return st;
	p->sums = mem_alloc(p->frames.n_frames * sizeof(*p->sums));
	for (size_t i = 0; i < p->frames.n_frames; i++)
		p->sums[i] = wire_u64(w);
	if (w->p < w->end)
		r->uidl = wire_str(w);
	return r->uid > 0 && frames_raw(&p->frames) == r->size &&
		(r->apart ? 0 : frames_stored(&p->frames)) == p->content
	    ? ST_OK
	    : ST_CORRUPT;
}

/* p->content is set; the strs of p->r point into a copy that p owns. */
enum status
pack_meta_get(struct str meta, struct pack_place *p)
{
	struct pack_record *r = &p->r;
	enum status st = ST_OK;
	struct wire w;

	p->names = str_dup(meta);
	w = wire_of(str_of(p->names, meta.n));
	r->kind = wire_u8(&w);
	r->id = wire_var(&w);
	r->group = wire_var(&w);
	r->last_of_group = wire_u8(&w) != 0;
	r->mailbox = wire_var(&w);
	r->saved_ms = wire_svar(&w);
	if (r->kind == PACK_MESSAGE) {
		st = message_get_meta(&w, p);
	} else {
		r->uidvalidity = wire_u32(&w);
		r->special_use = wire_u32(&w);
		r->name = wire_str(&w);
	}
	if (st == ST_OK && (!wire_end(&w) || r->kind > PACK_DELETE))
		st = ST_CORRUPT;
	if (st != ST_OK)
		pack_place_release(p);
	return st;
}

void
pack_place_release(struct pack_place *p)
{
	free(p->frames.frames);
	free(p->sums);
	free(p->names);
	*p = (struct pack_place){0};
}
