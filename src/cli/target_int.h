#ifndef CLI_TARGET_INT_H
#define CLI_TARGET_INT_H

#include "auth/admin.h"
#include "base/map.h"
#include "cli/target.h"
#include "net/channel.h"

enum {
	TARGET_POSTS = 64, /* operations under way */
	TARGET_CONNECT_MS = 5000,
	TARGET_ANSWER_MS = 120 * 1000,
};

/* An operation that is under way. */
struct post {
	struct cli_target *target;
	uint64_t tag;
	target_done *done;
	void *ctx;
	struct mail_op op; /* offline */
};

/* A connection to one process of the server. */
struct remote {
	struct cli_target *target;
	struct channel *ch; /* NULL: not connected */
	uint32_t last_id;
	struct map posts;   /* by id */
	struct str account; /* whose home worker; empty: auth */
};

struct cli_target {
	const struct config *config;
	struct buf control; /* the path of the socket */
	bool online;
	bool owner_set; /* root, acting as DATA's owner */
	uid_t uid;
	gid_t gid;
	/* offline */
	int lock;
	uint64_t epoch;
	struct directory *directory;
	struct credentials *credentials;
	struct store *store;
	struct map posts; /* by ask */
	uint64_t last_ask;
	/* online */
	struct loop *loop;
	struct remote auth, worker;
	int lent_lock; /* the server's, while we are lent an account */
	/* An account that is held. */
	struct account *held;
	struct str held_id; /* owned; empty: none */
	bool held_alone;
};

void target_unlock(struct cli_target *t);

/* Of an operation that is waited for by itself: a post's done, and its ctx. */
struct target_single {
	struct buf *answer;
	enum status st;
};
target_done target_single_done;

/* offline.c */
enum status offline_open(struct cli_target *t, const char **why_out) MUST_CHECK;
void offline_close(struct cli_target *t);
enum status offline_admin(
    struct cli_target *t, struct str request, struct buf *answer) MUST_CHECK;
enum status offline_post(struct cli_target *t, struct post *p,
    struct str request, int fd) MUST_CHECK;
enum status offline_wait(struct cli_target *t, size_t most) MUST_CHECK;

/* remote.c */
enum status remote_open(struct cli_target *t, const char **why_out) MUST_CHECK;
void remote_close(struct cli_target *t);
enum status remote_admin(
    struct cli_target *t, struct str request, struct buf *answer) MUST_CHECK;
enum status remote_post(struct cli_target *t, struct post *p,
    struct str account, struct str request, int fd) MUST_CHECK;
enum status remote_wait(struct cli_target *t, size_t most) MUST_CHECK;

#endif
