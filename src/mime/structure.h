/*
 * BODY and BODYSTRUCTURE (RFC 9051 7.5.2). What a part's header says is
 * written when the header has been read, sizes and nesting at the end.
 */
#ifndef MIME_STRUCTURE_H
#define MIME_STRUCTURE_H

#include "mime/fields.h"
#include "mime/param.h"
#include "mime/summary.h"

/*
 * Pieces of one buf: `fields` is type to encoding, or of a multipart its
 * parameters; `ext` is disposition, language, location.
 */
struct structure_part {
	size_t at;
	uint32_t fields_n, md5_n, ext_n;
	size_t envelope_at;
	uint32_t envelope_n;
};

/* `type` is what the header means, defaults applied. */
void structure_write_part(const struct fields *f,
    const struct content_type *type, enum part_kind kind, struct arena *scratch,
    struct structure_part *out, struct buf *text);

/* Writes the tree below parts[0]. */
void structure_write(const struct summary_part *parts,
    const struct structure_part *pieces, struct str text, bool extended,
    struct buf *out);

#endif
