/*
 * For power*_test.c only: what a power cut leaves of the disk in power_disk.h.
 */
#ifndef STORE_POWER_IMAGE_H
#define STORE_POWER_IMAGE_H

#include "base/buf.h"
#include "store/power_disk.h"

enum image_choice {
	IMAGE_NOTHING, /* what was not synced is lost */
	IMAGE_ALL,     /* everything had reached the disk: a killed process */
	IMAGE_SOME,    /* any part of it */
	IMAGE_CHOICES
};

enum { IMAGE_FILES = 64, IMAGE_BYTES = 64 << 20, IMAGE_PAGE = 4096 };

struct image_file {
	struct buf bytes;
	size_t *pending; /* ops that no sync has covered */
	size_t n_pending, cap_pending;
	size_t limbo; /* of those: how many a failed sync has covered */
};

struct image {
	struct image_file files[IMAGE_FILES];
	struct {
		char name[64];
		size_t file;
	} names[IMAGE_FILES];
	size_t n_names;
	size_t *pending; /* of the folder */
	size_t n_pending, cap_pending;
	uint64_t seed;
};

static inline uint64_t
image_random(struct image *m)
{
	m->seed = m->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return m->seed >> 33;
}

static inline void
image_put(struct image_file *f, uint64_t at, const char *p, size_t n)
{
	if (f->bytes.n < at + n) {
		size_t more = (size_t)(at + n) - f->bytes.n;
		char *to = buf_reserve(&f->bytes, more);

		ASSERT(to);
		memset(to, 0, more);
		buf_commit(&f->bytes, more);
	}
	if (n)
		memcpy(f->bytes.p + at, p, n);
}

static inline void
image_apply(struct image_file *f, const struct disk_op *op)
{
	if (op->kind == DISK_WRITE)
		image_put(f, op->at, op->bytes, op->n);
	else if (f->bytes.n > op->at)
		buf_truncate(&f->bytes, (size_t)op->at);
}

/* Some pages of a write; a page is torn now and then at a sector. */
static inline void
image_apply_some(
    struct image *m, struct image_file *f, const struct disk_op *op)
{
	uint64_t at = op->at, end = op->at + op->n;

	if (op->kind != DISK_WRITE) {
		if (image_random(m) % 2)
			image_apply(f, op);
		return;
	}
	while (at < end) {
		uint64_t next = (at / IMAGE_PAGE + 1) * IMAGE_PAGE;
		size_t n = (size_t)((next < end ? next : end) - at);
		uint64_t dice = image_random(m) % 8;

		if (dice == 0)
			image_put(f, at, op->bytes + (at - op->at),
			    min_size(n, 512 - (size_t)(at % 512)));
		else if (dice < 5)
			image_put(f, at, op->bytes + (at - op->at), n);
		at += n;
	}
}

static inline void
image_name(struct image *m, const struct disk_op *op)
{
	size_t i = 0;

	if (op->kind == DISK_RENAME) {
		while (i < m->n_names && m->names[i].file != op->file)
			i++;
		if (i < m->n_names)
			m->names[i] = m->names[--m->n_names];
		i = 0;
	}
	while (i < m->n_names && strcmp(m->names[i].name, op->bytes) != 0)
		i++;
	if (op->kind == DISK_UNLINK) {
		if (i < m->n_names)
			m->names[i] = m->names[--m->n_names];
		return;
	}
	ASSERT(i < IMAGE_FILES);
	if (i == m->n_names)
		m->n_names++;
	(void)snprintf(
	    m->names[i].name, sizeof(m->names[i].name), "%s", op->bytes);
	m->names[i].file = op->file;
}

static inline void
image_sync(struct image *m, struct image_file *f)
{
	for (size_t i = 0; i < f->n_pending; i++) {
		const struct disk_op *op = &disk.ops[f->pending[i]];

		if (i < f->limbo)
			image_apply_some(m, f, op);
		else
			image_apply(f, op);
	}
	f->n_pending = f->limbo = 0;
}

static inline void
image_step(struct image *m, size_t i)
{
	const struct disk_op *op = &disk.ops[i];
	struct image_file *f = &m->files[op->file];

	switch (op->kind) {
	case DISK_WRITE:
	case DISK_CUT:
		*VEC_ADD(f, pending) = i;
		break;
	case DISK_SYNC:
		image_sync(m, f);
		break;
	case DISK_SYNC_FAILED:
		f->limbo = f->n_pending;
		break;
	case DISK_CREATE:
	case DISK_UNLINK:
	case DISK_RENAME:
		*VEC_ADD(m, pending) = i;
		break;
	case DISK_FOLDER_SYNC:
		for (size_t k = 0; k < m->n_pending; k++)
			image_name(m, &disk.ops[m->pending[k]]);
		m->n_pending = 0;
		break;
	}
}

static inline void
image_settle(struct image *m, enum image_choice choice)
{
	size_t names = choice == IMAGE_NOTHING ? 0 : m->n_pending;

	/* Folders are journaled: names come in their order. */
	if (choice == IMAGE_SOME)
		names = image_random(m) % (m->n_pending + 1);
	for (size_t i = 0; i < names; i++)
		image_name(m, &disk.ops[m->pending[i]]);
	for (size_t i = 0; i < disk.n_files && choice; i++) {
		struct image_file *f = &m->files[i];

		for (size_t k = 0; k < f->n_pending; k++) {
			const struct disk_op *op = &disk.ops[f->pending[k]];

			if (choice == IMAGE_ALL)
				image_apply(f, op);
			else
				image_apply_some(m, f, op);
		}
	}
}

static inline void
image_write(const struct image *m, const char *folder)
{
	for (size_t i = 0; i < m->n_names; i++) {
		const struct buf *b = &m->files[m->names[i].file].bytes;
		char path[256];
		FILE *f;

		(void)snprintf(
		    path, sizeof(path), "%s/%s", folder, m->names[i].name);
		f = fopen(path, "w");
		ASSERT(f && fwrite(b->p ? b->p : "", 1, b->n, f) == b->n);
		ASSERT(fclose(f) == 0);
	}
}

/* The folder as a power cut behind the first n entries of the log leaves it. */
static inline void
image_make(
    size_t n, enum image_choice choice, uint64_t seed, const char *folder)
{
	struct image *m = mem_zalloc(sizeof(*m));

	ASSERT(disk.n_files <= IMAGE_FILES);
	m->seed = seed;
	for (size_t i = 0; i < IMAGE_FILES; i++)
		buf_init(&m->files[i].bytes, IMAGE_BYTES);
	for (size_t i = 0; i < n; i++)
		image_step(m, i);
	image_settle(m, choice);
	image_write(m, folder);
	for (size_t i = 0; i < IMAGE_FILES; i++) {
		buf_release(&m->files[i].bytes);
		free(m->files[i].pending);
	}
	free(m->pending);
	free(m);
}

#endif
