#include "base/buf.h"

void
buf_init(struct buf *b, size_t max)
{
	ASSERT(max > 0);
	*b = (struct buf){.max = max};
}

static void
give_back(struct buf *b)
{
	if (b->secret && b->p)
		explicit_bzero(b->p, b->cap);
	free(b->p);
	b->p = NULL;
	b->cap = 0;
}

void
buf_release(struct buf *b)
{
	give_back(b);
	b->n = 0;
	b->full = false;
}

void
buf_clear(struct buf *b)
{
	if (b->secret && b->p)
		explicit_bzero(b->p, b->cap);
	b->n = 0;
	b->full = false;
	if (b->p)
		b->p[0] = '\0';
}

/* realloc would leave a copy behind. */
static void
move_secret(struct buf *b, size_t cap)
{
	char *p = mem_alloc(cap);
	size_t n = b->n;

	if (n)
		memcpy(p, b->p, n);
	p[n] = '\0';
	give_back(b);
	b->p = p;
	b->cap = cap;
}

void
buf_shrink(struct buf *b)
{
	if (b->n == 0) {
		give_back(b);
	} else if (b->cap > b->n + 1 && b->secret) {
		move_secret(b, b->n + 1);
	} else if (b->cap > b->n + 1) {
		b->cap = b->n + 1;
		b->p = mem_resize(b->p, b->cap);
	}
}

char *
buf_reserve(struct buf *b, size_t n)
{
	if (b->full || n > b->max - b->n) {
		b->full = true;
		return NULL;
	}
	if (b->n + n < b->cap)
		return b->p + b->n;
	if (b->secret)
		move_secret(b, max_size(2 * b->cap, b->n + n + 1));
	else
		mem_grow(&b->p, &b->cap, b->n + n + 1, 1);
	return b->p + b->n;
}

void
buf_commit(struct buf *b, size_t n)
{
	ASSERT(b->n + n < b->cap || (n == 0 && b->cap == 0));
	b->n += n;
	if (b->p)
		b->p[b->n] = '\0';
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);

	if (!to)
		return;
	if (n)
		memcpy(to, p, n);
	buf_commit(b, n);
}

void
buf_addz(struct buf *b, const char *z)
{
	buf_add(b, z, strlen(z));
}

void
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	ASSERT(n >= 0);
	to = buf_reserve(b, (size_t)n);
	if (!to)
		return;
	(void)vsnprintf(to, (size_t)n + 1, fmt, ap);
	buf_commit(b, (size_t)n);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void
buf_addu(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, digits + i, sizeof(digits) - i);
}

void
buf_consume(struct buf *b, size_t n)
{
	ASSERT(n <= b->n);
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n + 1);
	b->n -= n;
	if (b->secret)
		explicit_bzero(b->p + b->n, n);
}

void
buf_truncate(struct buf *b, size_t n)
{
	ASSERT(n <= b->n);
	b->n = n;
	if (b->p)
		b->p[n] = '\0';
}
