#include "daemon/protocols.h"

#include "imap/imap.h"

static const struct protocol imap = {
    .name = "imap",
    .login = &imap_login_proto,
    .session = &imap_proto,
    .busy = STR_INIT("* BYE [LIMIT] Too many connections\r\n"),
};

const struct protocol *
protocol_of(enum listener kind)
{
	if (kind == LISTEN_IMAP || kind == LISTEN_IMAPS)
		return &imap;
	return NULL;
}

const struct protocol *
protocol_named(struct str name)
{
	return str_eq(name, S("imap")) ? &imap : NULL;
}
