#include "auth/password.h"

#include "auth/attempts.h"
#include "auth/hash_queue.h"
#include "auth/success_cache.h"
#include "auth/verify.h"
#include "base/test.h"

static void
bytes_up(void *ctx, void *p, size_t n)
{
	unsigned char *next = ctx, *out = p;

	while (n--)
		*out++ = (*next)++;
}

static void
generated_is_five_groups(void **state UNUSED)
{
	unsigned char next = 8;
	struct random r = {bytes_up, &next};
	struct buf b;

	buf_init(&b, 100);
	password_generate(&r, &b);
	assert_str(buf_str(&b), "89ab-cdef-ghjk-mnpq-rstv");
	assert_int_equal(b.n, PASSWORD_SHOWN);
	buf_release(&b);
}

static void
typed_from_paper(void **state UNUSED)
{
	static const struct {
		struct str typed;
		bool ok;
	} table[] = {
	    {STR_INIT("0123-4567-89ab-cdef-ghj1"), true},
	    {STR_INIT("0123 4567 89AB CDEF GHJ1"), true},
	    {STR_INIT("0123456789abcdefghj1"), true},
	    {STR_INIT("O1z3"), false},
	    {STR_INIT("o123-4567-89ab-cdef-ghjl"), true},
	    {STR_INIT("OI23-4567-89ab-cdef-ghjL"), true},
	    {STR_INIT("0123-4567-89ab-cdef-ghju"), false},
	    {STR_INIT("0123-4567-89ab-cdef-ghj11"), false},
	    {STR_INIT("0123-4567-89ab-cdef-gh\0j"), false},
	    {STR_INIT(""), false},
	};
	char out[PASSWORD_CHARS];
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		assert_int_equal(
		    password_canonical(table[i].typed, out), table[i].ok);
		if (table[i].ok)
			assert_memory_equal(
			    out, "0123456789abcdefghj1", PASSWORD_CHARS);
	}
}

static void
verifier_takes_its_own_only(void **state UNUSED)
{
	unsigned char v[PASSWORD_VERIFIER], other[PASSWORD_VERIFIER];
	struct str s = str_of((const char *)v, sizeof(v));

	password_verifier(&random_system, "0123456789abcdefghjk", v);
	password_verifier(&random_system, "0123456789abcdefghjk", other);
	assert_memory_not_equal(v, other, sizeof(v));
	assert_true(password_verifier_ok(s, "0123456789abcdefghjk"));
	assert_false(password_verifier_ok(s, "0123456789abcdefghjm"));
	assert_false(password_verifier_ok(
	    str_first(s, s.n - 1), "0123456789abcdefghjk"));
}

static void
argon2_as_a_job(void **state UNUSED)
{
	struct buf verifier, job, result;
	struct hash_result r;
	struct scram_keys keys;
	struct hash_job j = {.password = S("correct horse"),
	    .derive = true,
	    .salt = S("0123456789abcdef"),
	    .iterations = 10};

	buf_init(&verifier, 256);
	buf_init(&job, HASH_JOB_MAX);
	buf_init(&result, HASH_RESULT_MAX);
	assert_ok(password_argon2(j.password, &verifier));
	assert_true(str_starts(
	    buf_str(&verifier), S("$argon2id$v=19$m=19456,t=2,p=1$")));
	j.verifier = buf_str(&verifier);
	hash_job_encode(&j, &job);
	hash_job_run(buf_str(&job), &result);
	assert_ok(hash_result_decode(buf_str(&result), &r));
	assert_true(r.matches);
	assert_true(r.derived);
	assert_ok(scram_derive(j.password, j.salt, 10, &keys));
	assert_memory_equal(&keys, &r.keys, sizeof(keys));

	j.password = S("wrong horse");
	buf_clear(&job);
	buf_clear(&result);
	hash_job_encode(&j, &job);
	hash_job_run(buf_str(&job), &result);
	assert_ok(hash_result_decode(buf_str(&result), &r));
	assert_false(r.matches);
	assert_false(r.derived);

	/* The dummy is a real verifier: it costs the same, and never fits. */
	j.verifier = password_argon2_dummy();
	buf_clear(&job);
	buf_clear(&result);
	hash_job_encode(&j, &job);
	hash_job_run(buf_str(&job), &result);
	assert_ok(hash_result_decode(buf_str(&result), &r));
	assert_false(r.matches);

	buf_clear(&result);
	hash_job_run(S("nonsense"), &result);
	assert_ok(hash_result_decode(buf_str(&result), &r));
	assert_false(r.matches);
	assert_int_equal(hash_result_decode(S("x"), &r), ST_SYNTAX);
	buf_release(&verifier);
	buf_release(&job);
	buf_release(&result);
}

static void
queue_serves_in_turn(void **state UNUSED)
{
	struct hash_queue q = {0};
	uint64_t pushed;

	assert_ok(hash_queue_add(&q, 1, 11, &pushed));
	assert_ok(hash_queue_add(&q, 1, 12, &pushed));
	assert_ok(hash_queue_add(&q, 1, 13, &pushed));
	assert_ok(hash_queue_add(&q, 2, 21, &pushed));
	assert_int_equal(hash_queue_take(&q), 11);
	assert_int_equal(hash_queue_take(&q), 21);
	hash_queue_remove(&q, 12);
	assert_int_equal(hash_queue_take(&q), 13);
	assert_int_equal(hash_queue_take(&q), 0);
}

static void
queue_is_bounded_and_fair(void **state UNUSED)
{
	struct hash_queue q = {0};
	uint64_t pushed, job = 0, g;
	int i;

	for (g = 1; g <= 4; g++)
		for (i = 0; i < HASH_QUEUE_EACH; i++) {
			assert_ok(hash_queue_add(&q, g, ++job, &pushed));
			assert_int_equal(pushed, 0);
		}
	assert_int_equal(hash_queue_add(&q, 1, 100, &pushed), ST_BUSY);
	/* Full: a newcomer takes the place of who has most. */
	assert_ok(hash_queue_add(&q, 5, 101, &pushed));
	assert_int_equal(pushed, 64);
	assert_int_equal(q.n, HASH_QUEUE);
	assert_int_equal(hash_queue_take(&q), 1);
}

static void
attempts_slow_down_one_address(void **state UNUSED)
{
	static const int64_t delays[] = {
	    0, 0, 0, 1000, 2000, 4000, 8000, 10000, 10000};
	struct attempts_table *t = mem_zalloc(sizeof(*t));
	uint64_t key = attempts_key(t, S("anna"), S("192.0.2.1"));
	uint64_t other = attempts_key(t, S("anna"), S("192.0.2.2"));
	int64_t now = 1000;
	size_t i;

	assert_true(key != other);
	for (i = 0; i < ARRAY_LEN(delays); i++) {
		assert_true(attempts_allowed(t, key, now));
		assert_int_equal(attempts_failed(t, key, now), delays[i]);
	}
	for (; i < ATTEMPTS_MOST; i++)
		(void)attempts_failed(t, key, now);
	assert_false(attempts_allowed(t, key, now));
	/* Nobody else is locked out. */
	assert_true(attempts_allowed(t, other, now));
	assert_int_equal(attempts_failed(t, other, now), 0);
	now += ATTEMPTS_MEMORY_MS;
	assert_true(attempts_allowed(t, key, now));
	assert_int_equal(attempts_failed(t, key, now), 0);
	(void)attempts_failed(t, key, now);
	(void)attempts_failed(t, key, now);
	attempts_succeeded(t, key);
	assert_int_equal(attempts_failed(t, key, now), 0);
	free(t);
}

static void
attempts_see_ipv6_by_its_network(void **state UNUSED)
{
	struct attempts_table *t = mem_zalloc(sizeof(*t));

	assert_true(attempts_key(t, S("a"), S("2001:db8::1")) ==
	    attempts_key(t, S("a"), S("2001:db8::2:1")));
	assert_true(attempts_key(t, S("a"), S("2001:db8::1")) !=
	    attempts_key(t, S("a"), S("2001:db8:0:1::1")));
	assert_true(attempts_group(t, S("192.0.2.1")) !=
	    attempts_group(t, S("192.0.2.2")));
	free(t);
}

static void
success_is_remembered_for_a_while(void **state UNUSED)
{
	struct success_cache *c = mem_alloc(sizeof(*c));

	success_cache_init(c, &random_system);
	assert_false(success_cache_has(c, S("v"), S("p"), 0));
	success_cache_add(c, S("v"), S("p"), 0);
	assert_true(success_cache_has(c, S("v"), S("p"), 1));
	assert_false(success_cache_has(c, S("v"), S("q"), 1));
	assert_false(success_cache_has(c, S("w"), S("p"), 1));
	assert_false(success_cache_has(c, S("vp"), S(""), 1));
	assert_false(success_cache_has(c, S("v"), S("p"), SUCCESS_CACHE_MS));
	free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(generated_is_five_groups),
	    cmocka_unit_test(typed_from_paper),
	    cmocka_unit_test(verifier_takes_its_own_only),
	    cmocka_unit_test(argon2_as_a_job),
	    cmocka_unit_test(queue_serves_in_turn),
	    cmocka_unit_test(queue_is_bounded_and_fair),
	    cmocka_unit_test(attempts_slow_down_one_address),
	    cmocka_unit_test(attempts_see_ipv6_by_its_network),
	    cmocka_unit_test(success_is_remembered_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
