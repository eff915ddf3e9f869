#include "base/status.h"

#include "base/base.h"

static const char *const texts[] = {
    [ST_OK] = "done",
    [ST_NOT_FOUND] = "not found",
    [ST_EXISTS] = "already exists",
    [ST_DENIED] = "not allowed",
    [ST_OVER_QUOTA] = "over quota",
    [ST_LIMIT] = "over a limit",
    [ST_SYNTAX] = "syntax error",
    [ST_STATE] = "not possible now",
    [ST_INVALID] = "not valid",
    [ST_EXPUNGED] = "already expunged",
    [ST_READONLY] = "read only",
    [ST_CANNOT] = "not possible here",
    [ST_HAS_CHILDREN] = "has children",
    [ST_MODIFIED] = "changed meanwhile",
    [ST_BUSY] = "busy, try again",
    [ST_NO_SPACE] = "no space left on disk",
    [ST_IO] = "input/output error",
    [ST_UNKNOWN] = "outcome unknown",
    [ST_CORRUPT] = "stored data is damaged",
    [ST_TOO_NEW] = "written by a newer version",
    [ST_CHARSET] = "unknown charset",
    [ST_EXPIRED] = "expired",
    [ST_CLOSED] = "connection closed",
};
_Static_assert(ARRAY_LEN(texts) == ST_COUNT, "a status has no text");

const char *
status_text(enum status st)
{
	return (unsigned)st < ST_COUNT ? texts[st] : "unknown status";
}
