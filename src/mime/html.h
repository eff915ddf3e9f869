/*
 * The words of an HTML text: without tags, comments, scripts, style sheets
 * and the head, with the usual character references replaced. For previews;
 * it shows nothing and runs nothing.
 */
#ifndef MIME_HTML_H
#define MIME_HTML_H

#include "base/buf.h"

void html_text(struct str html, struct buf *out);

#endif
