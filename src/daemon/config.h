/*
 * The settings: a file in INI form ([listen] and `imap = ...` is listen.imap),
 * overridden by -o KEY=VALUE. Each setting is one row of daemon/options.c, and
 * man/mailstead.conf.5 is checked against that table. Values are checked when
 * set; a child gets the whole as text and knows the same table.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "base/buf.h"
#include "base/log.h"
#include "proto/config.h"

enum listener {
	LISTEN_IMAP,
	LISTEN_IMAPS,
	LISTEN_POP3,
	LISTEN_POP3S,
	LISTEN_LMTP,
	LISTENERS
};

enum sandbox_mode { SANDBOX_REQUIRE, SANDBOX_TRY };
enum flags_mode { FLAGS_SECOND, FLAGS_SYNC };

/* A certificate and its key: [tls NAME] of the file; name "" is [tls]. */
struct tls_pair {
	char *name;
	char *certificate; /* paths, PEM */
	char *key;
};

struct config {
	char *data;       /* the DATA folder */
	char *file;       /* or NULL */
	char **overrides; /* -o, which outlive a reload */
	size_t n_overrides, cap_overrides;

	/* By the table; text is owned here. */
	char *domain;
	char *hostname;
	char *listen[LISTENERS];
	char *lmtp_networks;
	uint32_t cleartext;   /* enum cleartext */
	uint32_t scram;       /* bool */
	uint64_t retention;   /* seconds */
	uint64_t warn;        /* percent of the quota */
	uint64_t sweep;       /* seconds */
	uint64_t brake_share; /* percent; 0: no brake */
	uint64_t brake_messages;
	uint32_t brake_suspend; /* bool */
	uint32_t flags;         /* enum flags_mode */
	uint64_t reserve;
	uint64_t max_message;
	uint64_t address_limit;
	uint64_t session_limit;
	uint64_t login_s; /* until logged in */
	uint64_t spool_limit;
	uint64_t workers; /* 0: as many as cores, at least 2 */
	uint32_t sandbox;
	uint32_t log_level;
	char *trace; /* an address, or empty */

	struct tls_pair *pairs; /* the first is the default */
	size_t n_pairs, cap_pairs;
};

enum option_type {
	OPTION_TEXT,
	OPTION_HOST, /* the name of a host or a domain, or empty */
	OPTION_LISTEN,
	OPTION_NETWORKS,
	OPTION_WORD, /* one of `words`, stored as its index */
	OPTION_NUMBER,
	OPTION_SIZE,
	OPTION_SECONDS,
};

struct option_row {
	const char *key;
	enum option_type type;
	const char *preset; /* the default, as it would be written */
	const char *words;  /* OPTION_WORD: with spaces between */
	uint64_t least, most;
	bool reloads; /* takes effect at SIGHUP */
	size_t offset;
	const char *help;
};

extern const struct option_row option_rows[];
extern const size_t n_option_rows;

/* All defaults, DATA at `data`. */
struct config *config_new(const char *data);
void config_free(struct config **c);

/*
 * Sets one value. On failure *why_out is a sentence for the operator (static
 * or in the config until the next failure).
 */
enum status config_set(struct config *c, struct str key, struct str value,
    const char **why_out) MUST_CHECK;
/* As -o KEY=VALUE: remembered, so that config_reload sets it again. */
enum status config_override(
    struct config *c, struct str pair, const char **why_out) MUST_CHECK;
/* The file, then the overrides. `file` may be NULL. */
enum status config_load(
    struct config *c, const char *file, const char **why_out) MUST_CHECK;

/* A fresh config from the same file, folder and overrides. */
enum status config_reload(const struct config *old, struct config **out,
    const char **why_out) MUST_CHECK;
/* Calls `named` for each key that differs; `can`: it takes effect. */
void config_compare(const struct config *a, const struct config *b,
    void (*named)(void *ctx, const char *key, bool can), void *ctx);

/* All but the TLS pairs, for children: their paths are not their business. */
void config_encode(const struct config *c, struct buf *out);
enum status config_decode(struct str text, struct config **out) MUST_CHECK;

/* The value of a row as text that config_set would take. */
void config_value(
    const struct config *c, const struct option_row *row, struct buf *out);

/* What sessions see of it. Borrowed from c. */
void config_proto(const struct config *c, struct proto_config *out);

#endif
