#include "mime/fields.h"

#include "mime/header.h"

#define FIELD(text, member)                       \
 {                                                \
  STR_INIT(text), offsetof(struct fields, member) \
 }

static const struct {
	struct str name;
	size_t at;
} known[] = {
    FIELD("Date", date),
    FIELD("Subject", subject),
    FIELD("From", from),
    FIELD("Sender", sender),
    FIELD("Reply-To", reply_to),
    FIELD("To", to),
    FIELD("Cc", cc),
    FIELD("Bcc", bcc),
    FIELD("In-Reply-To", in_reply_to),
    FIELD("Message-ID", message_id),
    FIELD("References", references),
    FIELD("Content-Type", type),
    FIELD("Content-Transfer-Encoding", encoding),
    FIELD("Content-ID", id),
    FIELD("Content-Description", description),
    FIELD("Content-MD5", md5),
    FIELD("Content-Disposition", disposition),
    FIELD("Content-Language", language),
    FIELD("Content-Location", location),
};

struct fields
fields_read(struct str header)
{
	struct fields f = {.header = header};
	struct header_field h;

	while (header_next(&header, &h)) {
		for (size_t i = 0; i < ARRAY_LEN(known); i++) {
			struct str *to;

			if (!str_eqi(h.name, known[i].name))
				continue;
			to = (struct str *)(void *)((char *)&f + known[i].at);
			if (to->p)
				f.repeated = true;
			else
				*to = h.value;
			break;
		}
	}
	return f;
}
