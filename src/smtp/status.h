/* From status to the words of SMTP (RFC 5321 4.2, RFC 3463). */
#ifndef SMTP_STATUS_H
#define SMTP_STATUS_H

#include "base/buf.h"

/* What a RCPT is answered; `address` is told as it was given. */
void smtp_recipient_reply(enum status st, struct str address, struct buf *out);
/* What a recipient's delivery is answered. */
void smtp_delivery_reply(enum status st, struct str address, struct buf *out);

#endif
