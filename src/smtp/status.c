#include "smtp/status.h"

struct words {
	const char *code, *text;
};

static const struct words temporary = {
    "451 4.3.0", "Not possible now, try again"};

/* 4xx: the sender's server keeps the mail and tries again. */
static const struct words recipient_words[ST_COUNT] = {
    [ST_OK] = {"250 2.1.5", "Recipient ok"},
    [ST_NOT_FOUND] = {"550 5.1.1", "There is no such mailbox here"},
    [ST_DENIED] = {"550 5.7.1", "This mailbox takes no mail"},
    [ST_OVER_QUOTA] = {"452 4.2.2", "The mailbox is full"},
    [ST_INVALID] = {"553 5.1.3", "That is not an address"},
    [ST_SYNTAX] = {"553 5.1.3", "That is not an address"},
    [ST_NO_SPACE] = {"452 4.3.1", "The server's disk is full"},
    [ST_BUSY] = {"450 4.3.2", "The server is busy, try again"},
};

static const struct words delivery_words[ST_COUNT] = {
    [ST_OK] = {"250 2.1.5", "Delivered"},
    [ST_NOT_FOUND] = {"550 5.1.1", "There is no such mailbox here"},
    [ST_DENIED] = {"550 5.7.1", "This mailbox takes no mail"},
    [ST_OVER_QUOTA] = {"452 4.2.2", "The mailbox is full"},
    [ST_LIMIT] = {"552 5.3.4", "The message is too large"},
    [ST_INVALID] = {"554 5.6.0", "The message holds a NUL byte"},
    [ST_NO_SPACE] = {"452 4.3.1", "The server's disk is full"},
    [ST_BUSY] = {"450 4.3.2", "The server is busy, try again"},
    [ST_READONLY] = {"451 4.2.1", "The mailbox takes no mail now"},
    [ST_CORRUPT] = {"451 4.2.1", "The mailbox takes no mail now"},
};

static void
reply(const struct words *table, enum status st, struct str address,
    struct buf *out)
{
	const struct words *w = &table[st];

	if (!w->code)
		w = &temporary;
	buf_addf(
	    out, "%s <" STR_FMT "> %s\r\n", w->code, STR_ARG(address), w->text);
}

void
smtp_recipient_reply(enum status st, struct str address, struct buf *out)
{
	reply(recipient_words, st, address, out);
}

void
smtp_delivery_reply(enum status st, struct str address, struct buf *out)
{
	reply(delivery_words, st, address, out);
}
