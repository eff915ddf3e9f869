/* The table of settings: one row each. */
#include "daemon/config.h"

#define AT(field) offsetof(struct config, field)
#define GIB       (1024ull * 1024 * 1024)
#define DAY       (24ull * 60 * 60)

const struct option_row option_rows[] = {
    {"domain", OPTION_TEXT, "", NULL, 0, 0, true, AT(domain),
	"The domain of login names that are written without one."},
    {"hostname", OPTION_TEXT, "", NULL, 0, 0, true, AT(hostname),
	"The name in greetings and Received lines; the system's by default."},
    {"listen.imap", OPTION_LISTEN, "*:143 [::]:143", NULL, 0, 0, false,
	AT(listen[LISTEN_IMAP]), "IMAP with STARTTLS."},
    {"listen.imaps", OPTION_LISTEN, "*:993 [::]:993", NULL, 0, 0, false,
	AT(listen[LISTEN_IMAPS]), "IMAP in TLS from the first byte."},
    {"listen.pop3", OPTION_LISTEN, "*:110 [::]:110", NULL, 0, 0, false,
	AT(listen[LISTEN_POP3]), "POP3 with STLS."},
    {"listen.pop3s", OPTION_LISTEN, "*:995 [::]:995", NULL, 0, 0, false,
	AT(listen[LISTEN_POP3S]), "POP3 in TLS from the first byte."},
    {"listen.lmtp", OPTION_LISTEN, "", NULL, 0, 0, false,
	AT(listen[LISTEN_LMTP]),
	"LMTP for a mail server; the Unix socket DATA/lmtp by default."},
    {"lmtp.networks", OPTION_NETWORKS, "127.0.0.0/8 ::1/128", NULL, 0, 0, true,
	AT(lmtp_networks), "Who may speak LMTP over TCP."},
    {"auth.cleartext", OPTION_WORD, "loopback", "never loopback always", 0, 0,
	true, AT(cleartext), "Where passwords are taken without TLS."},
    {"auth.scram", OPTION_WORD, "on", "off on", 0, 0, false, AT(scram),
	"Keep SCRAM verifiers and offer SCRAM-SHA-256 and SCRAM-SHA-1."},
    {"history.retention", OPTION_SECONDS, "7d", NULL, DAY, 3650 * DAY, true,
	AT(retention), "How long the past of an account is kept."},
    {"history.warn", OPTION_NUMBER, "200", NULL, 100, 10000, true, AT(warn),
	"Percent of the quota beyond which retained bytes are reported."},
    {"history.sweep", OPTION_SECONDS, "1d", NULL, 1, 30 * DAY, true, AT(sweep),
	"How often the past of each account is looked through for what can "
	"go."},
    {"store.flags", OPTION_WORD, "second", "second sync", 0, 0, false,
	AT(flags),
	"Flag changes are on disk within one second, or before the answer."},
    {"store.reserve", OPTION_SIZE, "256M", NULL, 0, 1024 * GIB, false,
	AT(reserve), "Free disk space below which new mail is refused."},
    {"limit.message", OPTION_SIZE, "100M", NULL, 1024 * 1024, 2 * GIB, true,
	AT(max_message), "The largest message taken."},
    {"limit.address", OPTION_NUMBER, "100", NULL, 1, 60000, true,
	AT(address_limit),
	"Connections of one address (/64 for IPv6) that are not logged in."},
    {"limit.login", OPTION_SECONDS, "60s", NULL, 1, 3600, true, AT(login_s),
	"How long a connection may take to log in."},
    {"limit.account", OPTION_NUMBER, "100", NULL, 1, 60000, true,
	AT(session_limit), "Sessions of one account at a time."},
    {"workers", OPTION_NUMBER, "0", NULL, 0, 16, false, AT(workers),
	"Worker processes; 0: one a core, at least two."},
    {"sandbox", OPTION_WORD, "try", "require try", 0, 0, false, AT(sandbox),
	"Whether to start without all of the sandbox."},
    {"log.level", OPTION_WORD, "info", "debug info notice warning error", 0, 0,
	true, AT(log_level), "The least level that is logged."},
};
const size_t n_option_rows = ARRAY_LEN(option_rows);
