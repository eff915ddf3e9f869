/*
 * The IMAP4rev1 that `migrate` speaks as a client (RFC 3501): it reads folders
 * and messages and changes nothing. One command at a time.
 */
#ifndef CLI_IMAP_CLIENT_H
#define CLI_IMAP_CLIENT_H

#include "base/date.h"
#include "cli/mail_server.h"
#include "store/flags.h"

enum {
	IMAP_CLIENT_LITERAL = 1024 * 1024, /* of what is kept in memory */
	IMAP_CLIENT_ANSWER = 8 * 1024 * 1024,
	IMAP_CLIENT_FOLDERS = 100000,
};

struct imap_client;

/* Connects and logs in. `why` gets a sentence; ST_DENIED: wrong password. */
enum status imap_client_open(const struct mail_server *m,
    struct imap_client **out, struct buf *why) MUST_CHECK;
/* LOGOUT, if the connection lives; its answer is not awaited. */
void imap_client_close(struct imap_client **c);
/* What the server said to the last command, for people. */
struct str imap_client_text(const struct imap_client *c);

struct imap_folder {
	struct str wire;      /* as the server calls it */
	struct str name;      /* UTF-8, levels parted by '/' */
	unsigned special_use; /* store/change.h */
	bool selectable, subscribed;
};

/*
 * The folders of the user's own namespace, without its prefix (RFC 2342). They
 * live in the arena.
 */
enum status imap_client_folders(struct imap_client *c, struct arena *a,
    struct imap_folder **out, size_t *n_out) MUST_CHECK;

struct imap_examined {
	uint32_t uidvalidity, messages;
};
enum status imap_client_examine(struct imap_client *c, struct str wire,
    struct imap_examined *out) MUST_CHECK;

/* One message; what is borrowed lives during the call. */
struct imap_message {
	uint32_t uid;
	struct flags flags; /* without \Recent */
	bool dated;
	struct date date;
};

/* UIDs and flags of the folder examined. */
enum status imap_client_list(struct imap_client *c,
    enum status (*fn)(void *ctx, const struct imap_message *m),
    void *ctx) MUST_CHECK;

/*
 * The messages of a set ("1:3,7"): begin, their bytes, end. A message that the
 * server cannot give is left out. What a function gives, other than ST_OK,
 * ends it.
 */
struct imap_sink {
	enum status (*begin)(void *ctx);
	enum status (*bytes)(void *ctx, struct str piece);
	enum status (*end)(void *ctx, const struct imap_message *m);
	void *ctx;
};
enum status imap_client_fetch(struct imap_client *c, struct str set,
    const struct imap_sink *sink) MUST_CHECK;

#endif
