/*
 * A hashing job: what auth's two children do (P7). A pure function from the
 * bytes of a job to the bytes of its result, so a child is a loop around it.
 */
#ifndef AUTH_VERIFY_H
#define AUTH_VERIFY_H

#include "auth/scram.h"
#include "base/buf.h"

enum { HASH_JOB_MAX = 8 * 1024, HASH_RESULT_MAX = 256 };

/*
 * Is the password one of the argon2id verifier? If so and `derive` is set,
 * its SCRAM keys, too: for passwords from a time without SCRAM.
 */
struct hash_job {
	struct str password;
	struct str verifier;
	bool derive;
	struct str salt;
	uint32_t iterations;
};

struct hash_result {
	bool matches;
	bool derived;
	struct scram_keys keys;
};

void hash_job_encode(const struct hash_job *j, struct buf *out);
void hash_job_run(struct str job, struct buf *result);
enum status hash_result_decode(
    struct str in, struct hash_result *out) MUST_CHECK;

#endif
