#include "daemon/brake_note.h"

#include <stdlib.h>
#include <time.h>

#include "base/test.h"

static void
fill_zero(void *ctx UNUSED, void *p, size_t n)
{
	memset(p, 0, n);
}

static const struct random zeros = {.fill = fill_zero};

static const struct origin phone = {.person = STR_INIT("ben@example.test"),
    .credential = STR_INIT("iPhone"),
    .protocol = STR_INIT("imap"),
    .client = STR_INIT("Mail"),
    .peer = STR_INIT("192.0.2.1")};

static struct brake_note
note(void)
{
	return (struct brake_note){
	    .address = S("anna@example.test"),
	    .person = S("ben@example.test"),
	    .origin = &phone,
	    .folder = S("Kunden"),
	    .modseq = 5,
	    .removed = 150,
	    .left = 350,
	    .now_ms = 1700000000000,
	    .from_ms = 1699999400000,
	    .until_ms = 1700604800000,
	};
}

static void
assert_written(const struct brake_note *n, const char *part)
{
	struct buf b;

	buf_init(&b, 64 * 1024);
	brake_note_write(n, &zeros, &b);
	if (str_find_str(buf_str(&b), str_from(part)) == SIZE_MAX)
		fail_msg("not in\n" STR_FMT, STR_ARG(buf_str(&b)));
	buf_release(&b);
}

static void
both_languages_say_all(void **state UNUSED)
{
	struct brake_note n = note();

	assert_written(&n,
	    "\r\n\r\nIn den letzten zehn Minuten hat "
	    "\"iPhone\" (imap, ben@example.test, Mail, 192.0.2.1)\r\n"
	    "150 von 500 Nachrichten dieses Postfachs gelöscht, "
	    "zuletzt im Ordner\r\nKunden.\r\n\r\n"
	    "War das ein Versehen, so holt der Betreiber des Servers "
	    "die letzte Löschung\r\nmit einem Befehl zurück:\r\n"
	    "\r\n    mailstead undo anna@example.test ");
	assert_written(&n,
	    "oder alles, was in diesen zehn Minuten verschwand:\r\n"
	    "\r\n    mailstead restore anna@example.test --all "
	    "--at 2023-11-14T22:03:20\r\n\r\n"
	    "Das geht bis 2023-11-21T22:13:20.\r\n\r\n* * *\r\n\r\n"
	    "Within the last ten minutes "
	    "\"iPhone\" (imap, ben@example.test, Mail, 192.0.2.1)\r\n"
	    "has deleted 150 of the 500 messages of this account, "
	    "at last in the\r\nfolder Kunden.\r\n\r\n");
	assert_written(&n, "That works until 2023-11-21T22:13:20.\r\n");
}

static void
a_suspended_password_is_let_in_again(void **state UNUSED)
{
	struct brake_note n = note();

	n.suspended = true;
	assert_written(&n,
	    ".\r\n\r\nDieses Passwort öffnet vorerst nichts mehr; "
	    "wieder zugelassen wird es mit\r\n\r\n"
	    "    mailstead resume ben@example.test\r\n\r\n* * *\r\n");
	assert_written(&n,
	    "it is let in again with\r\n\r\n"
	    "    mailstead resume ben@example.test\r\n");
}

static void
the_header_is_a_notes(void **state UNUSED)
{
	struct brake_note n = note();

	assert_written(&n,
	    "From: Mailstead <postmaster@example.test>\r\n"
	    "To: <anna@example.test>\r\n"
	    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n");
	assert_written(&n,
	    "Message-ID: <000000000000000000000000@example.test>\r\n"
	    "Auto-Submitted: auto-generated\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_languages_say_all),
	    cmocka_unit_test(a_suspended_password_is_let_in_again),
	    cmocka_unit_test(the_header_is_a_notes),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
