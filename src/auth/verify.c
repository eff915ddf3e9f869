#include "auth/verify.h"

#include "auth/password.h"
#include "base/wire.h"

void
hash_job_encode(const struct hash_job *j, struct buf *out)
{
	wire_put_str(out, j->password);
	wire_put_str(out, j->verifier);
	wire_put_u8(out, j->derive);
	wire_put_str(out, j->salt);
	wire_put_u32(out, j->iterations);
}

static enum status
decode(struct str in, struct hash_job *out)
{
	struct wire w = wire_of(in);

	out->password = wire_str(&w);
	out->verifier = wire_str(&w);
	out->derive = wire_u8(&w) != 0;
	out->salt = wire_str(&w);
	out->iterations = wire_u32(&w);
	return wire_end(&w) ? ST_OK : ST_SYNTAX;
}

void
hash_job_run(struct str job, struct buf *result)
{
	struct hash_result r = {0};
	struct hash_job j;

	if (decode(job, &j) == ST_OK)
		r.matches = password_argon2_ok(j.verifier, j.password);
	if (r.matches && j.derive)
		r.derived = scram_derive(j.password, j.salt, j.iterations,
				&r.keys) == ST_OK;
	wire_put_u8(result, r.matches);
	wire_put_u8(result, r.derived);
	buf_add(result, r.keys.stored, SCRAM_KEY);
	buf_add(result, r.keys.server, SCRAM_KEY);
	explicit_bzero(&r, sizeof(r));
}

enum status
hash_result_decode(struct str in, struct hash_result *out)
{
	struct wire w = wire_of(in);
	struct hash_result r;
	struct str stored, server;

	r.matches = wire_u8(&w) != 0;
	r.derived = wire_u8(&w) != 0;
	stored = wire_bytes(&w, SCRAM_KEY);
	server = wire_bytes(&w, SCRAM_KEY);
	if (!wire_end(&w))
		return ST_SYNTAX;
	memcpy(r.keys.stored, stored.p, SCRAM_KEY);
	memcpy(r.keys.server, server.p, SCRAM_KEY);
	*out = r;
	return ST_OK;
}
