#include "pop3/session.h"

/* RFC 3206: SYS/TEMP may go away by itself, SYS/PERM does not. */
static const struct {
	const char *code, *text;
} words[] = {
    [ST_OK] = {NULL, "Done"},
    [ST_NOT_FOUND] = {NULL, "There is no such message"},
    [ST_EXISTS] = {"SYS/PERM", "It is there already"},
    [ST_DENIED] = {"SYS/PERM", "Permission denied"},
    [ST_OVER_QUOTA] = {"SYS/PERM", "The quota would be exceeded"},
    [ST_LIMIT] = {"SYS/PERM", "Over a limit of this server"},
    [ST_SYNTAX] = {NULL, "The arguments are not valid"},
    [ST_STATE] = {NULL, "Not now"},
    [ST_INVALID] = {NULL, "That cannot be"},
    [ST_EXPUNGED] = {NULL, "The message is gone"},
    [ST_READONLY] = {"SYS/TEMP", "The mailbox takes no changes now"},
    [ST_CANNOT] = {"SYS/PERM", "That can never be done here"},
    [ST_HAS_CHILDREN] = {"SYS/PERM", "It has mailboxes below it"},
    [ST_MODIFIED] = {"SYS/TEMP", "Changed meanwhile"},
    [ST_BUSY] = {"SYS/TEMP", "Busy, try again"},
    [ST_NO_SPACE] = {"SYS/TEMP", "The server's disk is full"},
    [ST_IO] = {"SYS/TEMP", "The server's disk failed; nothing changed"},
    [ST_UNKNOWN] = {"SYS/TEMP", "The outcome is not known"},
    [ST_CORRUPT] = {"SYS/PERM", "Stored data is damaged"},
    [ST_TOO_NEW] = {"SYS/PERM", "Stored by a newer server"},
    [ST_CHARSET] = {"SYS/PERM", "Unknown charset"},
    [ST_EXPIRED] = {"AUTH", "Expired"},
    [ST_CLOSED] = {"SYS/TEMP", "A part of the server went away"},
};
_Static_assert(ARRAY_LEN(words) == ST_COUNT, "each status needs its words");

void
pop3_ok(struct buf *out, const char *text)
{
	buf_addf(out, "+OK %s\r\n", text);
}

enum pop3_step
pop3_err(struct buf *out, const char *code, const char *text)
{
	if (code)
		buf_addf(out, "-ERR [%s] %s\r\n", code, text);
	else
		buf_addf(out, "-ERR %s\r\n", text);
	return POP3_DONE;
}

enum pop3_step
pop3_err_status(struct buf *out, enum status st)
{
	ASSERT(st < ST_COUNT && words[st].text);
	return pop3_err(out, words[st].code, words[st].text);
}
