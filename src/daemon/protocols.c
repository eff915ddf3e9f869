#include "daemon/protocols.h"

#include "imap/imap.h"
#include "pop3/pop3.h"

static const struct protocol imap = {
    .name = "imap",
    .login = &imap_login_proto,
    .session = &imap_proto,
    .busy = STR_INIT("* BYE [LIMIT] Too many connections\r\n"),
};

static const struct protocol pop3 = {
    .name = "pop3",
    .login = &pop3_login_proto,
    .session = &pop3_proto,
    .busy = STR_INIT("-ERR [SYS/TEMP] Too many connections\r\n"),
};

const struct protocol *
protocol_of(enum listener kind)
{
	if (kind == LISTEN_IMAP || kind == LISTEN_IMAPS)
		return &imap;
	if (kind == LISTEN_POP3 || kind == LISTEN_POP3S)
		return &pop3;
	return NULL;
}

const struct protocol *
protocol_named(struct str name)
{
	if (str_eq(name, S("imap")))
		return &imap;
	return str_eq(name, S("pop3")) ? &pop3 : NULL;
}
