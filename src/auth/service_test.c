#include "auth/fixture_scram.h"

#include "auth/admin.h"

static void
a_generated_password_opens(void **state)
{
	struct world *w = *state;
	struct str password = add(w, "Anna@Example.org", NULL), upper;
	char *p;
	size_t i;

	assert_int_equal(password.n, 24);
	assert_int_equal(plain(w, "anna@example.org", password), AUTH_SUCCESS);
	assert_int_equal(w->n_hashed, 0);
	assert_int_equal(w->n_grants, 1);
	assert_str(w->g.address, "anna@example.org");
	assert_str(w->g.person, "anna@example.org");
	assert_str(w->g.device, "password");
	assert_int_equal(w->g.account.n, ACCOUNT_ID_SIZE);
	assert_true(str_eq(w->g.account, w->r.account));
	assert_int_equal(w->g.home, grant_home(w->g.account, 3));
	assert_int_equal(w->r.home, w->g.home);
	assert_memory_equal(w->r.ticket, w->g.ticket, TICKET_SIZE);
	/* The default domain, another case, without dashes. */
	p = arena_z(&w->a, password);
	for (i = 0; i < password.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 'a' + 'A');
	upper = str_of(p, password.n);
	assert_int_equal(plain(w, "ANNA", upper), AUTH_SUCCESS);
	assert_int_equal(
	    plain(w, "anna", S("0000-0000-0000-0000-0000")), AUTH_FAILED);
	assert_int_equal(plain(w, "anna", S("")), AUTH_FAILED);
}

static void
a_chosen_password_opens(void **state)
{
	struct world *w = *state;
	struct str p = add(w, "anna@example.org", "correct horse");

	assert_str(p, "");
	assert_int_equal(plain(w, "anna", S("correct horse")), AUTH_SUCCESS);
	assert_int_equal(w->n_hashed, 1);
	assert_int_equal(plain(w, "anna", S("correct horse")), AUTH_SUCCESS);
	assert_int_equal(w->n_hashed, 1); /* remembered */
	assert_int_equal(plain(w, "anna", S("correct horsE")), AUTH_FAILED);
	w->now += 6 * 60 * 1000;
	assert_int_equal(plain(w, "anna", S("correct horse")), AUTH_SUCCESS);
	assert_int_equal(w->n_hashed, 3);
}

static void
failing_costs_the_same_for_everybody(void **state)
{
	struct world *w = *state;

	add(w, "gen@example.org", NULL);
	add(w, "chosen@example.org", "correct horse");
	assert_int_equal(plain(w, "gen", S("wrong horse")), AUTH_FAILED);
	assert_int_equal(w->n_hashed, 1);
	assert_int_equal(plain(w, "chosen", S("wrong horse")), AUTH_FAILED);
	assert_int_equal(w->n_hashed, 2);
	assert_int_equal(plain(w, "nobody", S("wrong horse")), AUTH_FAILED);
	assert_int_equal(w->n_hashed, 3);
	assert_int_equal(w->n_grants, 0);
}

static void
failures_are_answered_later(void **state)
{
	struct world *w = *state;
	struct str p = add(w, "anna@example.org", NULL);
	struct auth_ask ask = ask_of(S("PLAIN"), S("\0anna\0wrong one"));
	unsigned i;

	for (i = 0; i < 3; i++)
		assert_int_equal(plain(w, "anna", S("wrong one")), AUTH_FAILED);
	i = w->n_replies;
	auth_step(w->s, &ask);
	run_jobs(w);
	assert_int_equal(w->n_replies, i);
	assert_int_equal(auth_deadline(w->s), w->now + 1000);
	w->now += 999;
	auth_run(w->s);
	assert_int_equal(w->n_replies, i);
	w->now += 1;
	auth_run(w->s);
	assert_int_equal(w->n_replies, i + 1);
	assert_int_equal(w->r.outcome, AUTH_FAILED);
	assert_int_equal(w->r.id, ask.id);
	assert_int_equal(auth_deadline(w->s), INT64_MAX);
	/* From elsewhere all is as ever, and the right one opens here, too. */
	assert_int_equal(
	    plain_from(w, S("\0anna\0wrong one"), S("192.0.2.9")), AUTH_FAILED);
	assert_int_equal(plain(w, "anna", p), AUTH_SUCCESS);
	/* A connection that goes takes its answer along. */
	for (i = 0; i < 3; i++)
		assert_int_equal(plain(w, "anna", S("wrong one")), AUTH_FAILED);
	auth_step(w->s, &ask);
	run_jobs(w);
	auth_gone(w->s, ask.from);
	i = w->n_replies;
	w->now += 100000;
	auth_run(w->s);
	assert_int_equal(w->n_replies, i);
}

static void
exchanges_are_kept_apart(void **state)
{
	struct world *w = *state;
	struct auth_ask ask = ask_of(S("LOGIN"), S(""));

	ask.has_response = false;
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_CHALLENGE);
	assert_str(w->r.data, "Username:");
	ask = ask_of(S(""), S("anna"));
	ask.from.conn = 8; /* another connection has no exchange */
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_BAD);
	ask.from.conn = 7;
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_CHALLENGE);
	assert_str(w->r.data, "Password:");
	ask.cancel = true;
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_BAD);
	ask.cancel = false;
	auth_step(w->s, &ask); /* it is over */
	assert_int_equal(w->r.outcome, AUTH_BAD);
	ask = ask_of(S("CRAM-MD5"), S(""));
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_NO_MECHANISM);
	ask = ask_of(S("PLAIN"), S("nonsense"));
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_BAD);
	ask = ask_of(S("LOGIN"), S("anna"));
	auth_step(w->s, &ask);
	auth_login_lost(w->s, 1);
	ask = ask_of(S(""), S("secret"));
	auth_step(w->s, &ask);
	assert_int_equal(w->r.outcome, AUTH_BAD);
}

static void
the_queue_can_be_full(void **state)
{
	struct world *w = *state;
	struct auth_ask ask = ask_of(S("PLAIN"), S("\0anna\0wrong one"));
	unsigned i, before = w->n_replies;

	/* Two run, sixteen of one address wait, the next is refused. */
	for (i = 0; i < 18; i++) {
		ask.from.conn = 100 + i;
		auth_step(w->s, &ask);
	}
	assert_int_equal(w->n_replies, before);
	ask.from.conn = 200;
	auth_step(w->s, &ask);
	assert_int_equal(w->n_replies, before + 1);
	assert_int_equal(w->r.outcome, AUTH_UNAVAILABLE);
	/* One leaves while its job runs, one while it waits. */
	auth_gone(w->s, (struct auth_from){1, 100});
	auth_gone(w->s, (struct auth_from){1, 110});
	run_jobs(w);
	w->now += 100000;
	auth_run(w->s);
	assert_int_equal(w->n_replies, before + 17);
	/* A child dies with its job. */
	ask.from.conn = 300;
	ask.peer = S("192.0.2.2");
	before = w->n_replies;
	auth_step(w->s, &ask);
	w->jobs[0] = S("");
	auth_hasher_lost(w->s, 0);
	assert_int_equal(w->n_replies, before + 1);
	assert_int_equal(w->r.outcome, AUTH_UNAVAILABLE);
}

static void
add_member(struct world *w, const char *role, const char *person)
{
	struct buf b, list;

	buf_init(&b, 1000);
	buf_init(&list, 1000);
	wire_put_str(&list, str_from(person));
	record_str(&b, "verb", S("account.set"));
	record_str(&b, "address", str_from(role));
	record_list(&b, "add_members", buf_str(&list));
	record_end(&b);
	buf_clear(&list);
	assert_ok(auth_admin(w->s, buf_str(&b), &list));
	buf_release(&b);
	buf_release(&list);
}

static void
roles_open_by_membership_and_by_password(void **state)
{
	struct world *w = *state;
	struct str anna = add(w, "anna@example.org", NULL), app, office, salt;
	struct str other;

	(void)add(w, "office@example.org", NULL);
	(void)add(w, "other@example.org", NULL);
	office = record_get(
	    admin(w, "account.find", "address", "office@example.org"), "id");
	assert_int_equal(
	    plain3(w, "anna@example.org", "anna", anna), AUTH_SUCCESS);
	assert_int_equal(plain3(w, "office", "anna", anna), AUTH_FAILED);
	add_member(w, "office@example.org", "anna@example.org");
	assert_int_equal(plain3(w, "office", "anna", anna), AUTH_SUCCESS);
	assert_true(str_eq(w->g.account, office));
	assert_str(w->g.address, "office@example.org");
	assert_str(w->g.person, "anna@example.org");
	/* A new password ends its sessions in the role as well. */
	anna =
	    record_get(admin(w, "password.set", "address", "anna@example.org"),
		"password");
	assert_int_equal(w->n_revoked, 2);
	assert_int_equal(plain3(w, "office", "anna", anna), AUTH_SUCCESS);

	app = record_get(admin(w, "app.add", "address", "anna@example.org",
			     "name", "desk", "role", "office@example.org"),
	    "password");
	assert_int_equal(plain(w, "anna", app), AUTH_SUCCESS);
	assert_true(str_eq(w->g.account, office));
	assert_int_equal(plain(w, "office", app), AUTH_SUCCESS);
	assert_true(str_eq(w->g.account, office));
	assert_str(w->g.person, "anna@example.org");
	assert_str(w->g.device, "desk");
	assert_int_equal(scram(w, "office", app, &salt), AUTH_SUCCESS);
	assert_int_equal(scram(w, "anna", app, &other), AUTH_SUCCESS);
	assert_false(str_eq(salt, other));
	/* It opens nothing else. */
	assert_int_equal(plain(w, "other", app), AUTH_FAILED);
	assert_int_equal(
	    plain3(w, "anna@example.org", "anna", app), AUTH_FAILED);
	(void)admin(
	    w, "app.revoke", "address", "anna@example.org", "name", "desk");
	assert_true(str_eq(w->revoked_account, office));
	assert_true(str_eq(w->revoked, w->g.credential));
	assert_int_equal(plain(w, "office", app), AUTH_FAILED);
}

static void
a_new_password_ends_the_old(void **state)
{
	struct world *w = *state;
	struct str old = add(w, "anna@example.org", NULL), new, answer;

	assert_int_equal(plain(w, "anna", old), AUTH_SUCCESS);
	new =
	    record_get(admin(w, "password.set", "address", "anna@example.org"),
		"password");
	assert_true(str_eq(w->revoked, w->g.credential));
	assert_true(str_eq(w->revoked_account, w->g.account));
	assert_int_equal(plain(w, "anna", old), AUTH_FAILED);
	assert_int_equal(plain(w, "anna", new), AUTH_SUCCESS);
	answer = admin_status(w, ST_INVALID, "password.set", "address",
	    "anna@example.org", "password", "short", (char *)NULL);
	assert_str(answer, "a password has at least 8 characters");
	assert_int_equal(plain(w, "anna", new), AUTH_SUCCESS);
	/* Switched off, then removed. */
	(void)admin(
	    w, "account.set", "address", "anna@example.org", "imap", "0");
	assert_str(w->revoked, "");
	assert_int_equal(plain(w, "anna", new), AUTH_DISABLED);
	(void)admin(w, "account.remove", "address", "anna@example.org");
	assert_int_equal(plain(w, "anna", new), AUTH_FAILED);
}

/* The words of a removed account's record, as account.restore gets them. */
static struct str
restore(struct world *w, struct str was)
{
	struct buf in, out;
	struct str answer;

	buf_init(&in, 10000);
	buf_init(&out, 100000);
	record_str(&in, "verb", S("account.restore"));
	record_str(&in, "address", record_get(was, "address"));
	record_str(&in, "id", record_get(was, "id"));
	record_list(&in, "roles_then", record_get(was, "roles_then"));
	record_list(&in, "members_then", record_get(was, "members_then"));
	record_end(&in);
	assert_ok(auth_admin(w->s, buf_str(&in), &out));
	answer = arena_str(&w->a, buf_str(&out));
	buf_release(&in);
	buf_release(&out);
	return answer;
}

static struct str
members_of(struct world *w, const char *address)
{
	struct wire list = wire_of(record_get(
	    admin(w, "account.show", "address", address), "members"));
	struct str all = S("");

	while (wire_ok(&list) && !wire_end(&list)) {
		struct str one = wire_str(&list);

		all = arena_printf(
		    &w->a, STR_FMT " " STR_FMT, STR_ARG(all), STR_ARG(one));
	}
	return all;
}

static void
memberships_return_with_their_account(void **state)
{
	struct world *w = *state;
	struct str anna, office, r;

	(void)add(w, "anna@example.org", NULL);
	(void)add(w, "ben@example.org", NULL);
	(void)add(w, "office@example.org", NULL);
	(void)add(w, "sales@example.org", NULL);
	add_member(w, "office@example.org", "anna@example.org");
	add_member(w, "office@example.org", "ben@example.org");
	add_member(w, "sales@example.org", "anna@example.org");
	/* The person went, and one of the roles is another one by now. */
	anna = admin(w, "account.remove", "address", "anna@example.org");
	assert_str(members_of(w, "office@example.org"), " ben@example.org");
	(void)admin(w, "account.remove", "address", "sales@example.org");
	(void)add(w, "sales@example.org", NULL);
	r = restore(w, anna);
	assert_str(record_get(r, "members_gone"), "sales@example.org");
	assert_str(members_of(w, "office@example.org"),
	    " anna@example.org ben@example.org");
	assert_str(members_of(w, "sales@example.org"), "");
	/* A role comes back with those who may use it. */
	office = admin(w, "account.remove", "address", "office@example.org");
	(void)admin(w, "account.remove", "address", "ben@example.org");
	r = restore(w, office);
	assert_str(record_get(r, "members_gone"), "ben@example.org");
	assert_str(members_of(w, "office@example.org"), " anna@example.org");
}

static void
the_last_use_is_kept(void **state)
{
	struct world *w = *state;
	struct str app, rec;

	(void)add(w, "anna@example.org", NULL);
	app = record_get(admin(w, "app.add", "address", "anna@example.org",
			     "name", "iPhone"),
	    "password");
	rec = admin(w, "app.list", "address", "anna@example.org");
	assert_int_equal(record_number(rec, "used"), 0);
	assert_int_equal(record_number(rec, "created"), 1000000);
	w->now += 5000;
	assert_int_equal(plain(w, "anna", app), AUTH_SUCCESS);
	rec = admin(w, "app.list", "address", "anna@example.org");
	assert_int_equal(record_number(rec, "used"), 1005000);
	assert_int_equal(auth_deadline(w->s), w->now + 60000);
	w->now += 60000;
	auth_run(w->s);
	assert_int_equal(auth_deadline(w->s), INT64_MAX);
	auth_close(&w->s);
	open_service(w, true);
	rec = admin(w, "app.list", "address", "anna@example.org");
	assert_int_equal(record_number(rec, "used"), 1005000);
}

static void
recipients_are_named_with_their_home(void **state)
{
	struct world *w = *state;
	struct auth_recipient r;

	(void)add(w, "anna@example.org", NULL);
	assert_ok(auth_recipient(w->s, S("Anna+Shop@EXAMPLE.org"), &w->a, &r));
	assert_str(r.address, "anna@example.org");
	assert_str(r.detail, "shop");
	assert_int_equal(r.home, grant_home(r.account, 3));
	assert_int_equal(
	    auth_recipient(w->s, S("nobody@example.org"), &w->a, &r),
	    ST_NOT_FOUND);
	assert_int_equal(
	    auth_recipient(w->s, S("no address"), &w->a, &r), ST_NOT_FOUND);
	(void)admin(w, "account.begin", "address", "new@example.org");
	assert_int_equal(
	    auth_recipient(w->s, S("new@example.org"), &w->a, &r), ST_BUSY);
}

static void
administration_says_why_not(void **state)
{
	struct world *w = *state;
	struct str first, again;

	(void)add(w, "anna@example.org", NULL);
	assert_str(admin_status(w, ST_EXISTS, "account.begin", "address",
		       "anna@example.org", (char *)NULL),
	    "the address anna@example.org is taken");
	assert_str(admin_status(w, ST_NOT_FOUND, "account.show", "address",
		       "ben@example.org", (char *)NULL),
	    "there is no account ben@example.org");
	assert_str(admin_status(w, ST_INVALID, "account.begin", "address",
		       "ben", (char *)NULL),
	    "\"ben\" is not a mail address");
	assert_str(admin_status(w, ST_CANNOT, "no.verb", (char *)NULL),
	    "this server does not know \"no.verb\"");
	assert_str(admin_status(w, ST_HAS_CHILDREN, "domain.remove", "domain",
		       "example.org", (char *)NULL),
	    "the domain example.org still has accounts or aliases");
	/* An add that was cut short goes on with the same id. */
	first = admin(w, "account.begin", "address", "ben@example.org");
	again = admin(w, "account.begin", "address", "ben@example.org");
	assert_true(str_eq(record_get(first, "id"), record_get(again, "id")));
	assert_int_equal(record_number(admin(w, "status"), "accounts"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_generated_password_opens),
	    TEST(a_chosen_password_opens),
	    TEST(failing_costs_the_same_for_everybody),
	    TEST(failures_are_answered_later),
	    TEST(exchanges_are_kept_apart),
	    TEST(the_queue_can_be_full),
	    TEST(roles_open_by_membership_and_by_password),
	    TEST(a_new_password_ends_the_old),
	    TEST(memberships_return_with_their_account),
	    TEST(the_last_use_is_kept),
	    TEST(recipients_are_named_with_their_home),
	    TEST(administration_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
