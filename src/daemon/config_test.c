#include "daemon/config.h"

#include <unistd.h>

#include "base/test.h"

static void
defaults_and_overrides(void **state UNUSED)
{
	struct config *c = config_new("/data");
	struct proto_config p;
	const char *why = NULL;

	assert_string_equal(c->listen[LISTEN_IMAPS], "*:993 [::]:993");
	assert_int_equal(c->retention, 7 * 24 * 3600);
	assert_int_equal(c->cleartext, CLEARTEXT_LOOPBACK);
	assert_true(c->scram);
	assert_ok(config_override(c, S("auth.scram=off"), &why));
	assert_ok(config_override(c, S("history.retention = 30d"), &why));
	assert_ok(config_override(c, S("listen.imap=none"), &why));
	assert_false(c->scram);
	config_proto(c, &p);
	assert_int_equal(p.retention_days, 30);
	config_free(&c);
}

static void
says_what_is_wrong(void **state UNUSED)
{
	struct config *c = config_new("/data");
	const char *why = NULL;

	assert_int_equal(
	    config_override(c, S("auth.scram=maybe"), &why), ST_INVALID);
	assert_string_equal(
	    why, "auth.scram: cannot read \"maybe\"; it is one of: off on");
	assert_int_equal(config_override(c, S("nonsense"), &why), ST_SYNTAX);
	assert_string_equal(why, "\"nonsense\" is not KEY=VALUE");
	assert_int_equal(
	    config_override(c, S("colour=red"), &why), ST_NOT_FOUND);
	assert_string_equal(why, "unknown setting colour");
	assert_int_equal(config_override(c, S("workers=99"), &why), ST_INVALID);
	assert_string_equal(why, "workers: must be from 0 to 16");
	assert_int_equal(
	    config_override(c, S("history.retention=1h"), &why), ST_INVALID);
	assert_string_equal(why, "history.retention: must be from 1d to 3650d");
	assert_int_equal(
	    config_override(c, S("limit.message=1K"), &why), ST_INVALID);
	assert_string_equal(why, "limit.message: must be from 1M to 2G");
	assert_int_equal(
	    config_override(c, S("listen.imap=here"), &why), ST_INVALID);
	assert_string_equal(why,
	    "listen.imap: cannot read \"here\"; it is ADDR:PORT, "
	    "[ADDR]:PORT, *:PORT, unix:/PATH, or none");
	assert_int_equal(
	    config_override(c, S("listen.lmtp=127.0.0.1:24 proxy"), &why),
	    ST_INVALID);
	assert_string_equal(
	    why, "listen.lmtp: nobody speaks PROXY in front of LMTP");
	assert_int_equal(
	    config_override(c, S("hostname=my host"), &why), ST_INVALID);
	assert_string_equal(why,
	    "hostname: cannot read \"my host\"; it is a name like "
	    "mail.example.org");
	assert_int_equal(
	    config_override(c, S("domain=a@example.org"), &why), ST_INVALID);
	assert_int_equal(
	    config_override(c, S("tls.colour=red"), &why), ST_NOT_FOUND);
	assert_int_equal(c->n_overrides, 0);
	config_free(&c);
}

/* What `text` as a file gives: the sentence, or NULL. */
static const char *
loaded(struct config *c, struct str text)
{
	char path[] = "/tmp/config_testXXXXXX";
	int fd = mkstemp(path);
	const char *why = NULL, *found;
	enum status st;

	assert_int_equal(write(fd, text.p, text.n), text.n);
	close(fd);
	st = config_load(c, path, &why);
	unlink(path);
	found = st == ST_OK ? NULL : why;
	return found ? strchr(found, ',') + 2 : NULL;
}

static void
lines_of_a_file(void **state UNUSED)
{
	struct config *c = config_new("/data");
	struct buf b;

	/* A list may go on; a setting that is given again is another one. */
	assert_null(loaded(c,
	    S("[listen]\nimap = 127.0.0.1:1\n  [::1]:2 proxy\n\t127.0.0.1:3\n"
	      "[lmtp]\nnetworks=10.0.0.0/8\n 192.0.2.0/24\n"
	      "[log]\nlevel=debug\n")));
	assert_string_equal(
	    c->listen[LISTEN_IMAP], "127.0.0.1:1 [::1]:2 proxy 127.0.0.1:3");
	assert_string_equal(c->lmtp_networks, "10.0.0.0/8 192.0.2.0/24");
	/* The first line that is wrong, and what is wrong in that one. */
	assert_string_equal(
	    loaded(c, S("domain=a.test\n[listen]\nfoo=1\nbar=2\n")),
	    "line 3: unknown setting listen.foo");
	assert_string_equal(loaded(c, S("nonsense\n[listen]\nbar=2\n")),
	    "line 1: not a setting");
	buf_init(&b, 1000);
	buf_addz(&b, "domain=a.test\nhostname=");
	while (b.n < 300)
		buf_addc(&b, 'x');
	buf_addz(&b, "=1\n");
	assert_string_equal(loaded(c, buf_str(&b)),
	    "line 2: longer than 198 bytes; a list of addresses may go on in "
	    "the next line, behind a space");
	assert_string_equal(c->hostname, "");
	buf_release(&b);
	config_free(&c);
}

static void
named(void *ctx, const char *key, bool can)
{
	buf_addf(ctx, "%s:%d ", key, can);
}

static void
file_sections_and_reload(void **state UNUSED)
{
	char path[] = "/tmp/config_testXXXXXX";
	static const char one[] = "[listen]\nimap = 127.0.0.1:1143\n"
				  "[tls]\ncertificate=/a\nkey=/b\n"
				  "[tls mail.example.org]\ncertificate=/c\n"
				  "key=/d\n[log]\nlevel=debug\n";
	static const char two[] = "[listen]\nimap = 127.0.0.1:1144\n"
				  "[log]\nlevel=error\n[auth]\nscram=off\n";
	static const char bad[] = "[tls x]\nkey=/d\n";
	struct config *c = config_new("/data"), *d = NULL, *e = NULL;
	const char *why = NULL;
	int fd = mkstemp(path);
	struct buf b;

	assert_int_equal(write(fd, one, sizeof(one) - 1), sizeof(one) - 1);
	assert_ok(config_override(c, S("auth.scram=on"), &why));
	assert_ok(config_load(c, path, &why));
	assert_string_equal(c->listen[LISTEN_IMAP], "127.0.0.1:1143");
	assert_int_equal(c->n_pairs, 2);
	assert_string_equal(c->pairs[1].name, "mail.example.org");
	assert_string_equal(c->pairs[1].key, "/d");
	assert_int_equal(c->log_level, LOG_DEBUG);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, two, sizeof(two) - 1, 0), sizeof(two) - 1);
	assert_ok(config_reload(c, &d, &why));
	buf_init(&b, 1000);
	config_compare(c, d, named, &b);
	/* auth.scram is overridden, so the file's word has no effect. */
	assert_str(buf_str(&b), "listen.imap:0 log.level:1 ");
	buf_clear(&b);
	config_encode(d, &b);
	assert_int_equal(b.full, false);
	assert_ok(config_decode(buf_str(&b), &e));
	buf_clear(&b);
	config_compare(d, e, named, &b);
	assert_str(buf_str(&b), "");
	assert_string_equal(e->data, "/data");
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, bad, sizeof(bad) - 1, 0), sizeof(bad) - 1);
	config_free(&d);
	assert_int_equal(config_reload(c, &d, &why), ST_INVALID);
	assert_string_equal(why, "tls.x: certificate and key go together");
	buf_release(&b);
	config_free(&c);
	config_free(&e);
	close(fd);
	unlink(path);
}

/* man/mailstead.conf.5 has each setting with its default, and no other. */
static void
manual_agrees(void **state UNUSED)
{
	struct str here = str_from(__FILE__);
	static char text[64 * 1024];
	struct buf b;
	FILE *f;
	size_t n, rows = 0;

	buf_init(&b, 4096);
	buf_adds(&b, str_first(here, str_find_str(here, S("src/daemon"))));
	buf_addz(&b, "man/mailstead.conf.5");
	f = fopen(b.p, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	for (size_t i = 0; i < n_option_rows; i++) {
		const struct option_row *r = &option_rows[i];
		struct str entry;
		size_t at;

		buf_clear(&b);
		buf_addf(&b, "\n.It Cm %s\n", r->key);
		at = str_find_str(str_of(text, n), buf_str(&b));
		if (at == SIZE_MAX)
			print_error("%s is not in the manual\n", r->key);
		assert_true(at != SIZE_MAX);
		entry = str_of(text + at + b.n, n - at - b.n);
		entry = str_first(entry, str_find_str(entry, S("\n.It")));
		assert_int_equal(str_starts(entry, S("(reloads)")), r->reloads);
		if (r->preset[0]) {
			buf_clear(&b);
			buf_addf(&b, "\nDefault: %s", r->preset);
			if (str_find_str(entry, buf_str(&b)) == SIZE_MAX)
				print_error("%s: not its default\n", r->key);
			assert_true(
			    str_find_str(entry, buf_str(&b)) != SIZE_MAX);
		}
	}
	for (struct str s = str_of(text, n); s.n;)
		rows += str_starts(str_cut(&s, '\n'), S(".It Cm "));
	assert_int_equal(
	    rows, n_option_rows + 1); /* tls.certificate , tls.key */
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_and_overrides),
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(lines_of_a_file),
	    cmocka_unit_test(file_sections_and_reload),
	    cmocka_unit_test(manual_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
