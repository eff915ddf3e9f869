/*
 * struct buf: bytes that grow, up to a maximum that every user must name.
 * Past the maximum the buf is "full": it takes nothing more, keeps what it
 * has, and buf_full() stays true until buf_clear(). Callers add freely and
 * check once. The bytes are always followed by a NUL that is not counted.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/str.h"

struct buf {
	char *p;
	size_t n;    /* bytes held */
	size_t cap;  /* bytes allocated */
	size_t max;  /* the limit on n */
	bool full;   /* something did not fit */
	bool secret; /* set behind buf_init: overwritten before memory goes */
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b); /* frees; usable again after buf_init */
void buf_clear(struct buf *b);   /* n = 0, not full; keeps the memory */
void buf_shrink(struct buf *b);  /* gives unused memory back (idle sessions) */

void buf_add(struct buf *b, const void *p, size_t n);
void buf_addz(struct buf *b, const char *z);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);
void buf_addu(struct buf *b, uint64_t v); /* decimal, faster than addf */

/*
 * Room for n more bytes to be written at the result by the caller, who then
 * calls buf_commit with how many it wrote. NULL (and full) past the maximum.
 */
char *buf_reserve(struct buf *b, size_t n) MUST_CHECK;
void buf_commit(struct buf *b, size_t n);

/* Removes n bytes from the front / cuts the end back to n bytes. */
void buf_consume(struct buf *b, size_t n);
void buf_truncate(struct buf *b, size_t n);

/* These two are said so often that a call costs more than what it does. */
static inline void
buf_adds(struct buf *b, struct str s)
{
	if (b->full || s.n > b->max - b->n || s.n >= b->cap - b->n) {
		buf_add(b, s.p, s.n);
		return;
	}
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

static inline void
buf_addc(struct buf *b, char c)
{
	buf_adds(b, (struct str){&c, 1});
}

static inline struct str
buf_str(const struct buf *b)
{
	return (struct str){b->p ? b->p : "", b->n};
}

static inline bool
buf_full(const struct buf *b)
{
	return b->full;
}

/* ST_OK, or ST_LIMIT when something did not fit. */
static inline enum status
buf_status(const struct buf *b)
{
	return b->full ? ST_LIMIT : ST_OK;
}

#endif
