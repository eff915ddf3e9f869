/*
 * The fields of one header that the summary is made of, found in one pass.
 * Values are raw and borrowed from the header; p is NULL where a field is
 * absent. Of a field that is there twice the first counts; but of address
 * fields all do (`repeated`: look for more of them in `header`).
 */
#ifndef MIME_FIELDS_H
#define MIME_FIELDS_H

#include "base/str.h"

struct fields {
	struct str date, subject, from, sender, reply_to, to, cc, bcc;
	struct str in_reply_to, message_id, references;
	struct str type, encoding, id, description, md5, disposition;
	struct str language, location;
	struct str header;
	bool repeated;
};

struct fields fields_read(struct str header);

#endif
