/*
 * The base subject of RFC 5256 2.1, by which SORT and THREAD compare: without
 * "Re:", "Fwd:", "[list]" in front and "(fwd)" behind.
 */
#ifndef MIME_SUBJECT_H
#define MIME_SUBJECT_H

#include "base/arena.h"

/* `subject` is decoded UTF-8; case is kept. The result lives in `a`. */
struct str subject_base(struct str subject, struct arena *a);

#endif
