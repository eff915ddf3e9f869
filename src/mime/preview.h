/*
 * PREVIEW (RFC 8970): the first words of a message, as plain text. Bytes of
 * the body that will show are kept while they stream by; a text/plain part is
 * preferred to a text/html one.
 */
#ifndef MIME_PREVIEW_H
#define MIME_PREVIEW_H

#include "base/arena.h"
#include "mime/summary.h"

struct preview {
	struct buf raw;
	struct str charset; /* borrowed */
	enum part_encoding encoding;
	bool html;
	bool chosen;
};

void preview_init(struct preview *p);
void preview_release(struct preview *p);

/* A part begins; true: feed its body. `charset` must outlive the preview. */
bool preview_begin(struct preview *p, bool html, enum part_encoding encoding,
    struct str charset);
/* False: that is enough. */
bool preview_feed(struct preview *p, struct str bytes);

struct str preview_text(const struct preview *p, struct arena *a);

#endif
