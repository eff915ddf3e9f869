/*
 * The role `hash`: auth's hashing children (P2, P7). Each does one job at a
 * time, so that a hundred milliseconds of argon2id hold up nobody else.
 */
#include <openssl/crypto.h>

#include "auth/verify.h"
#include "daemon/child.h"

/* OpenSSL reads its settings when it is first used. */
static void
prepare(struct child *c UNUSED)
{
	(void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
}

static void
start(struct child *c UNUSED)
{
}

static void
message(struct child *c UNUSED, struct link *l, struct packet *m)
{
	struct buf result;

	if (l->role != ROLE_AUTH || m->type != MSG_HASH)
		return;
	buf_init(&result, HASH_RESULT_MAX);
	hash_job_run(m->body, &result);
	explicit_bzero((void *)(uintptr_t)m->body.p, m->body.n);
	link_tell(l, MSG_HASHED, buf_str(&result));
	explicit_bzero(result.p, result.n);
	buf_release(&result);
}

const struct role_def role_hash = {
    .role = ROLE_HASH,
    .prepare = prepare,
    .start = start,
    .message = message,
};
