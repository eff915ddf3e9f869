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
	    config_override(c, S("listen.imap=here"), &why), ST_INVALID);
	assert_int_equal(
	    config_override(c, S("tls.colour=red"), &why), ST_NOT_FOUND);
	assert_int_equal(c->n_overrides, 0);
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
	    cmocka_unit_test(file_sections_and_reload),
	    cmocka_unit_test(manual_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
