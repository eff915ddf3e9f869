#include "daemon/brake_note.h"

#include "base/base64.h"
#include "base/date.h"
#include "store/past_group.h"

enum { NOTE_ID = 12 };

static void
add_time(struct buf *b, int64_t ms)
{
	struct civil t = date_civil((struct date){ms, date_local_zone(ms)});

	buf_addf(b, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)t.year,
	    t.month, t.day, t.hour, t.minute, t.second);
}

/* "Subject: =?UTF-8?B?...?=" */
static void
add_subject(struct buf *b, const char *text)
{
	buf_addz(b, "Subject: =?UTF-8?B?");
	base64_encode(str_from(text), b);
	buf_addz(b, "?=\r\n");
}

static void
add_header(
    struct buf *b, const struct brake_note *n, const struct random *random)
{
	struct str address = n->address;
	size_t at = str_find(address, '@');
	struct str domain =
	    at == SIZE_MAX ? address : str_from_pos(address, at + 1);
	unsigned char id[NOTE_ID];

	random_fill(random, id, sizeof(id));
	buf_addf(
	    b, "From: Mailstead <postmaster@" STR_FMT ">\r\n", STR_ARG(domain));
	buf_addf(b, "To: <" STR_FMT ">\r\nDate: ", STR_ARG(address));
	date_write_rfc5322(
	    (struct date){n->now_ms, date_local_zone(n->now_ms)}, b);
	buf_addz(b, "\r\n");
	add_subject(b, "Viele Nachrichten gelöscht / Many messages deleted");
	buf_addz(b, "Message-ID: <");
	for (size_t i = 0; i < sizeof(id); i++)
		buf_addf(b, "%02x", id[i]);
	buf_addf(b,
	    "@" STR_FMT ">\r\nAuto-Submitted: auto-generated\r\n"
	    "Importance: high\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n",
	    STR_ARG(domain));
}

/* "iPhone" (imap, iPhone Mail, 192.0.2.1) */
static void
add_device(struct buf *b, const struct brake_note *n)
{
	const struct origin *o = n->origin;

	buf_addf(b, "\"" STR_FMT "\" (" STR_FMT, STR_ARG(o->credential),
	    STR_ARG(o->protocol));
	if (!str_eq(o->person, n->address))
		buf_addf(b, ", " STR_FMT, STR_ARG(o->person));
	if (o->client.n > 0)
		buf_addf(b, ", " STR_FMT, STR_ARG(o->client));
	buf_addf(b, ", " STR_FMT ")", STR_ARG(o->peer));
}

static void
add_undo(struct buf *b, const struct brake_note *n)
{
	buf_addf(b, "\r\n    mailstead undo " STR_FMT " ", STR_ARG(n->address));
	past_id_write(n->modseq, b);
	buf_addz(b, "\r\n\r\n");
}

static void
add_all(struct buf *b, const struct brake_note *n)
{
	buf_addf(b, "\r\n    mailstead restore " STR_FMT " --all --at ",
	    STR_ARG(n->address));
	add_time(b, n->from_ms);
	buf_addz(b, "\r\n\r\n");
}

/* What is said, up to what stands between. */
struct words {
	const char *who, *removed, *of, *folder, *undo, *all, *until, *resume;
};

static const struct words german = {
    .who = "In den letzten zehn Minuten hat ",
    .removed = "\r\n",
    .of = " von ",
    .folder = " Nachrichten dieses Postfachs gelöscht, "
	      "zuletzt im Ordner\r\n",
    .undo = "War das ein Versehen, so holt der Betreiber des Servers "
	    "die letzte Löschung\r\nmit einem Befehl zurück:\r\n",
    .all = "oder alles, was in diesen zehn Minuten verschwand:\r\n",
    .until = "Das geht bis ",
    .resume = "Dieses Passwort öffnet vorerst nichts mehr; wieder "
	      "zugelassen wird es mit",
};
static const struct words english = {
    .who = "Within the last ten minutes ",
    .removed = "\r\nhas deleted ",
    .of = " of the ",
    .folder = " messages of this account, at last in the\r\nfolder ",
    .undo = "If that was a mistake, the operator of the server takes "
	    "the last deletion back\r\nwith one command:\r\n",
    .all = "or brings back all that went in these ten minutes:\r\n",
    .until = "That works until ",
    .resume = "This password opens nothing for now; it is let in again "
	      "with",
};

static void
add_text(struct buf *b, const struct brake_note *n, const struct words *w)
{
	buf_addz(b, w->who);
	add_device(b, n);
	buf_addz(b, w->removed);
	buf_addu(b, n->removed);
	buf_addz(b, w->of);
	buf_addu(b, n->removed + n->left);
	buf_addz(b, w->folder);
	buf_adds(b, n->folder);
	buf_addz(b, ".\r\n\r\n");
	buf_addz(b, w->undo);
	add_undo(b, n);
	buf_addz(b, w->all);
	add_all(b, n);
	buf_addz(b, w->until);
	add_time(b, n->until_ms);
	buf_addz(b, ".\r\n");
	if (n->suspended)
		buf_addf(b,
		    "\r\n%s\r\n\r\n    mailstead resume " STR_FMT "\r\n",
		    w->resume, STR_ARG(n->person));
}

void
brake_note_write(
    const struct brake_note *n, const struct random *random, struct buf *out)
{
	add_header(out, n, random);
	add_text(out, n, &german);
	/* Not "-- ": programs hide what stands below it. */
	buf_addz(out, "\r\n* * *\r\n\r\n");
	add_text(out, n, &english);
}
