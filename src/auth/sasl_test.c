#include "auth/sasl.h"

#include "auth/saslprep.h"
#include "base/base64.h"
#include "base/test.h"

struct world {
	struct arena a;
	struct sasl_bindings none, tls;
	struct sasl s;
};

static int
setup(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	w->tls.exporter = S("EXPORTER-EXPORTER-EXPORTER-32-by");
	w->tls.endpoint = S("ENDPOINT");
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	arena_release(&w->a);
	free(w);
	return 0;
}

static void
begin(struct world *w, enum sasl_mechanism m, bool tls)
{
	sasl_begin(&w->s, m, &w->a, &random_system, tls ? &w->tls : &w->none);
}

static void
plain_takes_three_parts(void **state)
{
	struct world *w = *state;

	begin(w, SASL_PLAIN, false);
	assert_int_equal(
	    sasl_step(&w->s, true, S("\0anna\0secret")), SASL_PASSWORD);
	assert_str(w->s.name, "anna");
	assert_str(w->s.authzid, "");
	assert_str(w->s.password, "secret");
	begin(w, SASL_PLAIN, false);
	assert_int_equal(sasl_step(&w->s, false, S("")), SASL_CHALLENGE);
	assert_str(w->s.data, "");
	assert_int_equal(
	    sasl_step(&w->s, true, S("office\0anna\0a\0b")), SASL_PASSWORD);
	assert_str(w->s.authzid, "office");
	/* A NUL cannot be in a password: it is none. */
	assert_str(w->s.password, "");
}

static void
plain_refuses_less(void **state)
{
	static const struct str bad[] = {
	    STR_INIT(""),
	    STR_INIT("anna"),
	    STR_INIT("\0anna"),
	    STR_INIT("\0\0secret"),
	    STR_INIT("\0an\x01na\0secret"),
	    STR_INIT("\0\xff\0secret"),
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		begin(w, SASL_PLAIN, false);
		assert_int_equal(
		    sasl_step(&w->s, true, bad[i]), SASL_MALFORMED);
	}
}

static void
login_asks_twice(void **state)
{
	struct world *w = *state;

	begin(w, SASL_LOGIN, false);
	assert_int_equal(sasl_step(&w->s, false, S("")), SASL_CHALLENGE);
	assert_str(w->s.data, "Username:");
	assert_int_equal(sasl_step(&w->s, true, S("anna")), SASL_CHALLENGE);
	assert_str(w->s.data, "Password:");
	assert_int_equal(sasl_step(&w->s, true, S("secret")), SASL_PASSWORD);
	assert_str(w->s.name, "anna");
	assert_str(w->s.password, "secret");
	/* An initial response is the name. */
	begin(w, SASL_LOGIN, false);
	assert_int_equal(sasl_step(&w->s, true, S("anna")), SASL_CHALLENGE);
	assert_str(w->s.data, "Password:");
}

/* --- SCRAM: the example of RFC 7677 3 --- */

#define CNONCE "rOprNGfwEbeRWgbNEkqO"
#define SNONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

static void
rfc_salt(struct scram_salt *salt)
{
	struct buf b;

	buf_init(&b, 64);
	assert_ok(base64_decode(S("W22ZaJ0SNY7soEsUEjb6gQ=="), &b));
	assert_int_equal(b.n, SCRAM_SALT);
	memcpy(salt->salt, b.p, SCRAM_SALT);
	salt->iterations = 4096;
	buf_release(&b);
}

static void
keys_of(struct str password, struct scram_keys *k)
{
	struct scram_salt salt;

	rfc_salt(&salt);
	assert_ok(scram_derive(password,
	    str_of((const char *)salt.salt, SCRAM_SALT), salt.iterations, k));
}

static void
rfc_first(struct world *w)
{
	struct scram_salt salt;

	rfc_salt(&salt);
	begin(w, SASL_SCRAM_SHA_256, false);
	w->s.nonce = S(SNONCE);
	assert_int_equal(
	    sasl_step(&w->s, true, S("n,,n=user,r=" CNONCE)), SASL_SALT);
	assert_str(w->s.name, "user");
	sasl_salt(&w->s, &salt);
}

static void
scram_rfc_7677_example(void **state)
{
	struct world *w = *state;
	struct scram_keys good, bad;

	rfc_first(w);
	assert_str(
	    w->s.data, "r=" CNONCE SNONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
	assert_int_equal(
	    sasl_step(&w->s, true,
		S("c=biws,r=" CNONCE SNONCE
		  ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")),
	    SASL_PROOF);
	keys_of(S("pencil"), &good);
	keys_of(S("pencils"), &bad);
	assert_false(sasl_prove(&w->s, &bad));
	assert_true(sasl_prove(&w->s, &good));
	assert_str(w->s.data, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

static void
scram_final_must_match(void **state)
{
	static const struct {
		struct str final;
		enum sasl_next next;
	} table[] = {
#define P ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
	    /* the header of p=tls-exporter, of y, no base64 */
	    {STR_INIT("c=cD10bHMtZXhwb3J0ZXIsLA==,r=" CNONCE SNONCE P),
		SASL_DENIED},
	    {STR_INIT("c=eSws,r=" CNONCE SNONCE P), SASL_DENIED},
	    {STR_INIT("c=b,r=" CNONCE SNONCE P), SASL_MALFORMED},
	    {STR_INIT("c=biws,r=" CNONCE P), SASL_MALFORMED},
	    {STR_INIT("c=biws,r=" CNONCE SNONCE "x" P), SASL_MALFORMED},
	    {STR_INIT("c=biws,r=" CNONCE SNONCE), SASL_MALFORMED},
	    {STR_INIT("c=biws,r=" CNONCE SNONCE ",p=AAAA"), SASL_MALFORMED},
	    {STR_INIT("c=biws,r=" CNONCE SNONCE P ",x=1"), SASL_MALFORMED},
	    {STR_INIT("c=biws,r=" CNONCE SNONCE ",m=1" P), SASL_MALFORMED},
	    {STR_INIT("c=biws,r=" CNONCE SNONCE ",x=1" P), SASL_PROOF},
	    {STR_INIT(""), SASL_MALFORMED},
	};
	struct world *w = *state;
	struct scram_keys k;
	size_t i;

	keys_of(S("pencil"), &k);
	for (i = 0; i < ARRAY_LEN(table); i++) {
		rfc_first(w);
		assert_int_equal(
		    sasl_step(&w->s, true, table[i].final), table[i].next);
		/* An extension changes what is proved. */
		if (table[i].next == SASL_PROOF)
			assert_false(sasl_prove(&w->s, &k));
	}
}

static void
scram_first_must_match_the_channel(void **state)
{
	static const struct {
		enum sasl_mechanism m;
		bool tls;
		struct str first;
		enum sasl_next next;
	} table[] = {
	    {SASL_SCRAM_SHA_256, false, STR_INIT("n,,n=u,r=x"), SASL_SALT},
	    {SASL_SCRAM_SHA_256, true, STR_INIT("n,,n=u,r=x"), SASL_SALT},
	    {SASL_SCRAM_SHA_256, false, STR_INIT("y,,n=u,r=x"), SASL_SALT},
	    /* We offer -PLUS, the client did not see it: a downgrade. */
	    {SASL_SCRAM_SHA_256, true, STR_INIT("y,,n=u,r=x"), SASL_DENIED},
	    {SASL_SCRAM_SHA_256, true, STR_INIT("p=tls-exporter,,n=u,r=x"),
		SASL_MALFORMED},
	    {SASL_SCRAM_SHA_256_PLUS, true, STR_INIT("p=tls-exporter,,n=u,r=x"),
		SASL_SALT},
	    {SASL_SCRAM_SHA_256_PLUS, true,
		STR_INIT("p=tls-server-end-point,,n=u,r=x"), SASL_SALT},
	    {SASL_SCRAM_SHA_256_PLUS, true, STR_INIT("p=tls-unique,,n=u,r=x"),
		SASL_DENIED},
	    {SASL_SCRAM_SHA_256_PLUS, true, STR_INIT("p=other,,n=u,r=x"),
		SASL_DENIED},
	    {SASL_SCRAM_SHA_256_PLUS, false,
		STR_INIT("p=tls-exporter,,n=u,r=x"), SASL_DENIED},
	    {SASL_SCRAM_SHA_256_PLUS, true, STR_INIT("n,,n=u,r=x"),
		SASL_MALFORMED},
	    {SASL_SCRAM_SHA_256, false, STR_INIT("n,a=o=2Co,n=u=3D,r=x"),
		SASL_SALT},
	    {SASL_SCRAM_SHA_256, false, STR_INIT("n,,n=u=41,r=x"),
		SASL_MALFORMED},
	    {SASL_SCRAM_SHA_256, false, STR_INIT("n,,n=,r=x"), SASL_MALFORMED},
	    {SASL_SCRAM_SHA_256, false, STR_INIT("n,,n=u"), SASL_MALFORMED},
	    {SASL_SCRAM_SHA_256, false, STR_INIT("n,,n=u,r="), SASL_MALFORMED},
	    {SASL_SCRAM_SHA_256, false, STR_INIT("n,,m=1,n=u,r=x"),
		SASL_MALFORMED},
	    {SASL_SCRAM_SHA_256, false, STR_INIT(""), SASL_MALFORMED},
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		begin(w, table[i].m, table[i].tls);
		assert_int_equal(
		    sasl_step(&w->s, true, table[i].first), table[i].next);
	}
}

/* c= of another connection must not be taken, of this one it must. */
static void
scram_plus_checks_the_binding(void **state)
{
	struct world *w = *state;
	struct scram_salt salt = {.iterations = 1};
	struct buf c, header;
	struct str final;
	int forged;

	for (forged = 0; forged < 2; forged++) {
		begin(w, SASL_SCRAM_SHA_256_PLUS, true);
		assert_int_equal(
		    sasl_step(&w->s, true, S("p=tls-exporter,,n=u,r=x")),
		    SASL_SALT);
		sasl_salt(&w->s, &salt);
		buf_init(&c, 1000);
		buf_init(&header, 1000);
		buf_addz(&header, "p=tls-exporter,,");
		buf_adds(&header, w->tls.exporter);
		if (forged)
			header.p[header.n - 1] ^= 1;
		base64_encode(buf_str(&header), &c);
		final = arena_printf(&w->a,
		    "c=" STR_FMT ",r=" STR_FMT
		    ",p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		    STR_ARG(buf_str(&c)), STR_ARG(w->s.nonce));
		assert_int_equal(sasl_step(&w->s, true, final),
		    forged ? SASL_DENIED : SASL_PROOF);
		buf_release(&c);
		buf_release(&header);
	}
}

static void
mechanisms_have_names(void **state UNUSED)
{
	enum sasl_mechanism m;
	int i;

	for (i = 0; i < SASL_MECHANISMS; i++) {
		assert_true(sasl_mechanism(
		    str_from(sasl_name((enum sasl_mechanism)i)), &m));
		assert_int_equal(m, i);
	}
	assert_true(sasl_mechanism(S("plain"), &m));
	assert_false(sasl_mechanism(S("CRAM-MD5"), &m));
}

/* RFC 4013 3 */
static void
saslprep_examples(void **state UNUSED)
{
	static const struct {
		struct str in;
		const char *out; /* NULL: prohibited */
	} table[] = {
	    {STR_INIT("I\xc2\xadX"), "IX"},
	    {STR_INIT("user"), "user"},
	    {STR_INIT("USER"), "USER"},
	    {STR_INIT("\xc2\xaa"), "a"},
	    {STR_INIT("\xe2\x85\xa8"), "IX"},
	    {STR_INIT("\x07"), NULL},
	    {STR_INIT("\xd8\xa7"
		      "1"),
		NULL},
	    {STR_INIT("a\xc2\xa0"
		      "b"),
		"a b"},
	    {STR_INIT("u\xcc\x88"), "\xc3\xbc"},
	    {STR_INIT("\xee\x80\x80"), NULL},
	    {STR_INIT("\xff"), NULL},
	    {STR_INIT("\xd7\x90\xd7\x91"), "\xd7\x90\xd7\x91"},
	    {STR_INIT("\xd7\x90"
		      "a"),
		NULL},
	};
	struct buf b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		buf_init(&b, 100);
		if (table[i].out) {
			assert_ok(saslprep(table[i].in, &b));
			assert_str(buf_str(&b), table[i].out);
		} else {
			assert_int_equal(saslprep(table[i].in, &b), ST_INVALID);
		}
		buf_release(&b);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(plain_takes_three_parts),
	    TEST(plain_refuses_less),
	    TEST(login_asks_twice),
	    TEST(scram_rfc_7677_example),
	    TEST(scram_final_must_match),
	    TEST(scram_first_must_match_the_channel),
	    TEST(scram_plus_checks_the_binding),
	    TEST(mechanisms_have_names),
	    TEST(saslprep_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
