/*
 * The command line: `mailstead VERB ...`. A verb is a file with one function
 * for each of its rows in the table of cli/verbs.c; help and the man page's
 * synopsis come from the row. All verbs take -c, -d and --json; they exit 0
 * when done, 1 when not (with one line why on stderr) and 2 for usage.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>

#include "auth/record.h"
#include "base/arena.h"
#include "daemon/config.h"

enum { CLI_DONE = 0, CLI_NOT_DONE = 1, CLI_USAGE = 2 };
enum { CLI_WORDS_MAX = 4096, CLI_OPTIONS_MAX = 256 };

struct cli_target;

struct cli_given {
	const char *name;  /* without the dashes */
	const char *value; /* NULL: a switch */
};

struct cli {
	const struct cli_row *row;
	struct str words[CLI_WORDS_MAX]; /* what is no option */
	size_t n_words;
	struct cli_given given[CLI_OPTIONS_MAX];
	size_t n_given;
	bool json;
	const char *file, *data; /* -c, -d */
	struct config *config;
	struct cli_target *target;
	struct arena arena;
	int64_t due, bar_due; /* mono ms */
	json_t *out; /* what --json prints at the end; NULL: nothing yet */
};

/* What becomes of DATA before a verb runs. */
enum cli_makes {
	CLI_OPENS, /* it is there, and owned by us or a server */
	CLI_MAKES, /* and may be made */
	CLI_LATER, /* the verb itself calls cli_open(), or does without */
};

struct cli_row {
	const char *verb;    /* "account add" */
	const char *usage;   /* "ADDRESS [--password-stdin]" */
	const char *summary; /* for help */
	size_t least, most;  /* words */
	const char *options; /* "password-stdin quota= alias=", "" */
	unsigned makes;      /* enum cli_makes: false, true or one of those */
	int (*run)(struct cli *c);
};

extern const struct cli_row cli_rows[];
extern const size_t n_cli_rows;

/* argv[0] is the program. */
int cli_main(int argc, char **argv);

/* For verbs with CLI_LATER. False: the reason has been printed. */
bool cli_open(struct cli *c, bool makes) MUST_CHECK;

/* The last value of --name; NULL when not given. Switches give "". */
const char *cli_option(const struct cli *c, const char *name);

/* One line on stderr; gives CLI_NOT_DONE, CLI_USAGE. */
int cli_fail(struct cli *c, const char *fmt, ...) PRINTF(2, 3);
int cli_usage(struct cli *c, const char *fmt, ...) PRINTF(2, 3);

/* A line on stdout, unless --json was given. */
void cli_say(const struct cli *c, const char *fmt, ...) PRINTF(2, 3);
/* "1,234 of 5,000" over itself on a terminal; and its end. */
void cli_progress(const struct cli *c, const char *what, uint64_t done);
void cli_progress_end(const struct cli *c);
/* A bar on a terminal: of `what`, so much of `all`. */
void cli_bar(struct cli *c, const char *what, uint64_t done, uint64_t all);
/* True a few times a second: for lines that programs read. */
bool cli_due(struct cli *c);

/* --- auth's side --- */

/*
 * Runs a request (auth/admin.h); the answer lives in the arena. False: the
 * reason has been printed.
 */
bool cli_admin(struct cli *c, const struct buf *request,
    struct str *answer_out) MUST_CHECK;
/* Begins a request: verb, and the address or domain. */
void cli_request(struct buf *b, const char *verb);

/* The account with that address: id and main address, or false. */
bool cli_account(struct cli *c, struct str address, struct str *id_out,
    struct str *address_out) MUST_CHECK;

/* A password: the first line of stdin, in the arena. */
bool cli_read_password(struct cli *c, struct str *out) MUST_CHECK;
/* The same, of a terminal without an echo. */
bool cli_ask_password(
    struct cli *c, const char *prompt, struct str *out) MUST_CHECK;
/* Ends the request, asks, wipes and releases it: it may hold a password. */
bool cli_ask(
    struct cli *c, struct buf *request, struct str *answer_out) MUST_CHECK;
/* --password-stdin: into the request; false: released, said why. */
bool cli_add_password(struct cli *c, struct buf *request) MUST_CHECK;
/* The one that was made for this answer, if any: once. */
void cli_say_password(const struct cli *c, struct str answer);

/* --- output --- */

json_t *cli_json(struct str record); /* an object */
json_t *cli_json_str(struct str s);  /* invalid UTF-8 is replaced */
void cli_json_line(json_t *o);       /* printed at once, and released */
/* An array of all records / the first as an object, for --json. */
void cli_json_all(struct cli *c, struct str records);
void cli_json_one(struct cli *c, struct str record);

/* Columns of records, as text: "key:TITLE key:TITLE". */
void cli_table(const struct cli *c, struct str records, const char *columns);

/* For people: what a terminal would take for a command is a blank. */
void cli_shown(struct str s, struct buf *out);

/* "1.5 GiB"; a local date and time, "never" for 0. */
void cli_size(uint64_t bytes, struct buf *out);
void cli_time(int64_t ms, struct buf *out);

#endif
