#include "base/test.h"
#include "mime/address.h"
#include "mime/param.h"

/* An address as "name|route|mailbox|host", groups as "name:" and ";". */
static void
show(const struct address *ad, struct buf *out)
{
	if (out->n)
		buf_addc(out, ' ');
	if (ad->kind == ADDRESS_GROUP_END) {
		buf_addc(out, ';');
		return;
	}
	if (ad->kind == ADDRESS_GROUP) {
		buf_adds(out, ad->name);
		buf_addc(out, ':');
		return;
	}
	buf_adds(out, ad->has_name ? ad->name : S("-"));
	buf_addc(out, '|');
	buf_adds(out, ad->route);
	buf_addc(out, '|');
	buf_adds(out, ad->mailbox);
	buf_addc(out, '|');
	buf_adds(out, ad->host);
}

static void
lists(void **state UNUSED)
{
	static const struct {
		const char *raw, *parsed;
	} v[] = {
	    {"", ""},
	    {" , ;, ", ""},
	    {"a@b", "-||a|b"},
	    {"Jo Doe <jo@x.y>, <z@w>", "Jo Doe||jo|x.y -||z|w"},
	    {"\"Doe, \\\"Jo\\\"\" <jo@x>", "Doe, \"Jo\"||jo|x"},
	    {"jo@x (Jo \\(D\\) Doe)", "Jo (D) Doe||jo|x"},
	    {"Jo (c) <jo@x> (d)", "Jo||jo|x"},
	    {"<@a,@b:c@d>", "-|@a,@b|c|d"},
	    {"g: a@b, C <c@d>; e@f", "g: -||a|b C||c|d ; -||e|f"},
	    {"undisclosed-recipients:;", "undisclosed-recipients: ;"},
	    {"g: a@b", "g: -||a|b ;"},
	    {"jo", "-||jo|"},
	    {"<>", "-|||"},
	    {"<@x.y>", "-|||x.y"},
	    {"<jo>", "-||jo|"},
	    {"a . b @ x . y", "-||a.b|x.y"},
	    {"a b@x", "-||a b|x"},
	    {"\"a b\"@x", "-||a b|x"},
	    {"a@[1.2.3.4]", "-||a|[1.2.3.4]"},
	    {"a@b@c", "-||a@b|c"},
	    {"a@b <a@b>", "a@b||a|b"},
	    {"=?utf-8?q?J=C3=B6?= =?utf-8?q?D?= <j@x>",
		"=?utf-8?q?J=C3=B6?= =?utf-8?q?D?=||j|x"},
	    {"Jo <jo@x", "Jo||jo|x"},
	    {"Jo <jo@x junk>, b@c", "Jo||jo|x -||b|c"},
	    {"a\r\n\t@b,\r\n c@d", "-||a|b -||c|d"},
	    {"(((", ""},
	    {")", "-||)|"},
	    {"\"unclosed <a@b>", "-||unclosed <a@b>|"},
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct address_list l = {.rest = str_from(v[i].raw)};
		struct arena a = ARENA_INIT;
		struct address ad;
		struct buf b;

		buf_init(&b, 1000);
		while (address_next(&l, &a, &ad))
			show(&ad, &b);
		assert_str(buf_str(&b), v[i].parsed);
		buf_release(&b);
		arena_release(&a);
	}
}

static void
nul_is_a_byte_like_others(void **state UNUSED)
{
	struct address_list l = {.rest = str_of("\0<a@b>", 6)};
	struct arena a = ARENA_INIT;
	struct address ad;

	assert_true(address_next(&l, &a, &ad));
	assert_int_equal(ad.name.n, 1);
	assert_str(ad.mailbox, "a");
	assert_false(address_next(&l, &a, &ad));
	arena_release(&a);
}

static void
content_types(void **state UNUSED)
{
	static const struct {
		const char *raw, *parsed;
	} v[] = {
	    {"text/plain", "TEXT/PLAIN"},
	    {"Text / plain (c) ; (d) charset = (e) \"utf\\-8\" (f)",
		"TEXT/PLAIN charset=utf-8"},
	    {"a/b; name=two words.txt; x", "A/B name=two words.txt"},
	    {"a/b;; n=\"q;r\" ;m=", "A/B n=q;r m="},
	    {"a/b; n*1=c; n*0=\"b \"; o=1", "A/B o=1 n=b c"},
	    {"a/b; n*0*=utf-8'en'%20; n*1=x y; n*2*=%41",
		"A/B n*=utf-8'en'%20x%20y%41"},
	    {"a/b; n*=utf-8''%C3%BC", "A/B n*=utf-8''%C3%BC"},
	    {"a/b; n*0=x; N*1*=%41", "A/B n*=''x%41"},
	    {"a/b\r\n\tc=d", "A/B c=d"},
	};
	static const char *const bad[] = {"", "text", "/plain", "text/", ";"};
	struct arena a = ARENA_INIT;
	struct content_type ct;

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct buf b;

		buf_init(&b, 1000);
		assert_true(content_type_parse(str_from(v[i].raw), &a, &ct));
		buf_adds(&b, ct.type);
		buf_addc(&b, '/');
		buf_adds(&b, ct.subtype);
		for (size_t k = 0; k < ct.params.n; k++) {
			buf_addc(&b, ' ');
			buf_adds(&b, ct.params.v[k].name);
			buf_addc(&b, '=');
			buf_adds(&b, ct.params.v[k].value);
		}
		assert_str(buf_str(&b), v[i].parsed);
		buf_release(&b);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(content_type_parse(str_from(bad[i]), &a, &ct));
	arena_release(&a);
}

static void
file_names(void **state UNUSED)
{
	static const struct {
		const char *raw, *name;
	} v[] = {
	    {"attachment; filename=\"a b.txt\"", "a b.txt"},
	    {"attachment; filename=x; filename*=utf-8''%C3%BC.txt",
		"\xc3\xbc.txt"},
	    {"attachment; filename*0*=iso-8859-1'de'%FC; filename*1=%41.txt",
		"\xc3\xbc%41.txt"},
	    {"attachment; filename=\"=?utf-8?q?=C3=BC?=.txt\"", "\xc3\xbc.txt"},
	    {"attachment; filename*=broken%ZZ", "broken%ZZ"},
	};
	struct arena a = ARENA_INIT;
	struct params ps;
	struct str word;

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct buf b;

		buf_init(&b, 1000);
		assert_true(
		    disposition_parse(str_from(v[i].raw), &a, &word, &ps));
		assert_str(word, "ATTACHMENT");
		assert_true(param_decode(&ps, "filename", &b));
		assert_str(buf_str(&b), v[i].name);
		assert_false(param_decode(&ps, "name", &b));
		buf_release(&b);
	}
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists),
	    cmocka_unit_test(nul_is_a_byte_like_others),
	    cmocka_unit_test(content_types),
	    cmocka_unit_test(file_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
