#include "imap/status.h"

static const struct imap_words words[] = {
    [ST_OK] = {"OK", NULL, "Done"},
    [ST_NOT_FOUND] = {"NO", "NONEXISTENT", "There is no such mailbox"},
    [ST_EXISTS] = {"NO", "ALREADYEXISTS", "The name is taken"},
    [ST_DENIED] = {"NO", "NOPERM", "Permission denied"},
    [ST_OVER_QUOTA] = {"NO", "OVERQUOTA", "The quota would be exceeded"},
    [ST_LIMIT] = {"NO", "LIMIT", "Over a limit of this server"},
    [ST_SYNTAX] = {"BAD", NULL, "The arguments are not valid"},
    [ST_STATE] = {"BAD", "CLIENTBUG", "Not legal in this state"},
    [ST_INVALID] = {"NO", "CANNOT", "That cannot be"},
    [ST_EXPUNGED] = {"NO", "EXPUNGEISSUED", "Some messages are gone"},
    [ST_READONLY] = {"NO", NULL, "It is open for reading only"},
    [ST_CANNOT] = {"NO", "CANNOT", "That can never be done here"},
    [ST_HAS_CHILDREN] = {"NO", "HASCHILDREN", "It has mailboxes below it"},
    [ST_MODIFIED] = {"NO", NULL, "Changed meanwhile"},
    [ST_BUSY] = {"NO", "INUSE", "Busy, try again"},
    [ST_NO_SPACE] = {"NO", "UNAVAILABLE", "The server's disk is full"},
    [ST_IO] = {"NO", "UNAVAILABLE",
	"The server's disk failed; nothing changed"},
    /* S4, V7: neither OK nor NO would be true. */
    [ST_UNKNOWN] = {"BYE", "UNAVAILABLE", "The outcome is not known"},
    [ST_CORRUPT] = {"NO", "CORRUPTION", "Stored data is damaged"},
    [ST_TOO_NEW] = {"NO", "UNAVAILABLE", "Stored by a newer server"},
    [ST_CHARSET] = {"NO", "BADCHARSET", "Unknown charset"},
    [ST_EXPIRED] = {"NO", "EXPIRED", "Expired"},
    [ST_CLOSED] = {"NO", "UNAVAILABLE", "A part of the server went away"},
};
_Static_assert(ARRAY_LEN(words) == ST_COUNT, "each status needs its words");

static const struct imap_words try_create = {
    "NO", "TRYCREATE", "There is no such mailbox"};

const struct imap_words *
imap_status_words(enum status st, bool trycreate)
{
	ASSERT(st < ST_COUNT && words[st].cond);
	if (st == ST_NOT_FOUND && trycreate)
		return &try_create;
	return &words[st];
}
