/* Purge: no byte of what went is in any file of the account. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fixture_tend.h"
#include "store/purge_int.h"

enum { SECRETS = 6 };

struct seen {
	unsigned messages, files;
};

static void
message(void *ctx, const struct message *m)
{
	assert_int_equal(m->emailid[0], 'M');
	((struct seen *)ctx)->messages++;
}

static void
file(void *ctx, struct str name UNUSED)
{
	((struct seen *)ctx)->files++;
}

/* Stored raw: too short and too random to shrink. */
static void
add(struct fixture *f, const char *box, unsigned i)
{
	char text[300];

	snprintf(text, sizeof(text),
	    "Message-ID: <m%u@x>\r\nSubject: SUBJECT%u\r\n\r\n"
	    "q8Zt%uXw0Vb7Jm5Kp3Lr9 BODY%u\r\n",
	    i, i, i * 7919, i);
	fixture_append(f, box, text, 0, "");
}

static bool
is_in(struct fixture *f, const char *name, struct str word)
{
	int fd = account_open_file(f->a, name, O_RDONLY);
	char *bytes = malloc(1 << 24);
	ssize_t n = read(fd, bytes, 1 << 24);
	bool found;

	assert_true(n >= 0);
	found = str_find_str(str_of(bytes, (size_t)n), word) != SIZE_MAX;
	close(fd);
	free(bytes);
	return found;
}

static unsigned
files_with(struct fixture *f, const char *word)
{
	DIR *dir = opendir(f->a->dir);
	struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(dir)))
		n += e->d_name[0] != '.' && is_in(f, e->d_name, str_from(word));
	closedir(dir);
	return n;
}

static void
purge(struct fixture *f, const struct purge_what *what, struct seen *seen)
{
	const struct purge_host host = {seen, message, file};
	struct purge_found found;

	*seen = (struct seen){0};
	assert_ok(purge_find(f->a, what, &found));
	assert_ok(purge_run(f->store, f->a, &found, &host));
	purge_found_release(&found);
}

static void
make_file(struct fixture *f, const char *name)
{
	int fd = account_open_file(f->a, name, O_WRONLY | O_CREAT);

	assert_int_equal(write(fd, "SUBJECT1", 8), 8);
	close(fd);
}

static void
prepare(struct fixture *f)
{
	fixture_init(f);
	for (unsigned i = 0; i < SECRETS; i++)
		add(f, "INBOX", i);
	/* In two folders, moved about, flagged, and in pages of old. */
	assert_ok(fixture_uids(f, CHANGE_COPY, "INBOX", "Archive", 1, 3));
	assert_ok(fixture_uids(f, CHANGE_MOVE, "INBOX", "Junk", 2, 2));
	assert_ok(fixture_flags(f, "INBOX", FLAGS_ADD, FLAG_SEEN, 1, 3));
	fixture_reopen(f);
	assert_ok(fixture_uids(f, CHANGE_EXPUNGE, "INBOX", NULL, 3, 4));
	make_file(f, "lost-1");
	make_file(f, "trace-1-imap");
}

/* Neither a folder nor the past can name it any more. */
static void
what_was_cut_short_is_ended(void **state UNUSED)
{
	const struct purge_what what = {.message_id = S("<m1@x>")};
	struct tended done = {0};
	struct purge_found found;
	struct tend piece = {.kind = TEND_PURGE};
	struct fixture f;
	struct seen seen;

	prepare(&f);
	assert_ok(purge_find(f.a, &what, &found));
	assert_int_equal(found.n_ids, 1);
	assert_ok(purge_mark_write(f.a, &found));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Archive", NULL, 1, 3));
	assert_ok(fixture_uids(&f, CHANGE_EXPUNGE, "Junk", NULL, 1, 1));
	piece.messages = found.ids;
	piece.n_messages = 1;
	assert_ok(store_tend_do(f.store, f.a, &piece, &done));
	assert_int_equal(done.count, 1);
	purge_found_release(&found);
	fixture_reopen(&f);
	assert_true(files_with(&f, "SUBJECT1") >= 1);
	/* Asked for once more, or for another one. */
	purge(&f, &what, &seen);
	assert_int_equal(files_with(&f, "SUBJECT1"), 0);
	assert_int_equal(files_with(&f, "BODY1"), 0);
	assert_int_equal(purge_find(f.a, &what, &found), ST_NOT_FOUND);
	fixture_release(&f);
}

static void
one_message_leaves_no_byte(void **state UNUSED)
{
	struct fixture f;
	struct seen seen;
	char word[32];

	prepare(&f);
	assert_true(files_with(&f, "SUBJECT1") >= 2);
	assert_true(files_with(&f, "BODY1") >= 1);
	purge(&f, &(struct purge_what){.message_id = S("<m1@x>")}, &seen);
	assert_int_equal(seen.messages, 1);
	assert_int_equal(seen.files, 2);
	assert_int_equal(files_with(&f, "SUBJECT1"), 0);
	assert_int_equal(files_with(&f, "BODY1"), 0);
	assert_int_equal(files_with(&f, "<m1@x>"), 0);
	assert_true(account_open_file(f.a, "trace-1-imap", O_RDONLY) < 0);
	assert_str(fixture_show(&f, "Archive"), "1: 3:");
	assert_str(fixture_show(&f, "Junk"), "");
	/* The others are whole, those of the past, too. */
	for (unsigned i = 0; i < SECRETS; i++) {
		snprintf(word, sizeof(word), "BODY%u", i);
		assert_int_equal(files_with(&f, word) > 0, i != 1);
	}
	fixture_reopen(&f);
	assert_int_equal(files_with(&f, "SUBJECT1"), 0);
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen 5: 6:");
	fixture_release(&f);
}

static void
one_of_the_past(void **state UNUSED)
{
	struct fixture f;
	struct seen seen;

	prepare(&f);
	purge(&f, &(struct purge_what){.message_id = S("<m3@x>")}, &seen);
	assert_int_equal(files_with(&f, "SUBJECT3"), 0);
	assert_int_equal(files_with(&f, "BODY3"), 0);
	assert_int_equal(f.a->retained_bytes, 0);
	fixture_release(&f);
}

static void
a_folder_and_uids_of_it(void **state UNUSED)
{
	struct fixture f;
	struct seen seen;
	struct purge_what what = {.folder = S("INBOX")};
	struct purge_found none;

	prepare(&f);
	uidset_add(&what.uids, 6, 6);
	purge(&f, &what, &seen);
	assert_int_equal(seen.messages, 1);
	assert_int_equal(files_with(&f, "BODY5"), 0);
	assert_str(fixture_show(&f, "INBOX"), "1:\\Seen 5:");
	uidset_release(&what.uids);
	purge(&f, &what, &seen);
	assert_int_equal(seen.messages, 2);
	/* Message 0 was in Archive as well. */
	assert_str(fixture_show(&f, "Archive"), "2: 3:");
	what.folder = S("nowhere");
	assert_int_equal(purge_find(f.a, &what, &none), ST_NOT_FOUND);
	fixture_release(&f);
}

static void
everything(void **state UNUSED)
{
	struct fixture f;
	struct seen seen;
	char word[32];

	prepare(&f);
	purge(&f, &(struct purge_what){.all = true}, &seen);
	assert_int_equal(seen.messages, SECRETS);
	for (unsigned i = 0; i < SECRETS; i++) {
		snprintf(word, sizeof(word), "BODY%u", i);
		assert_int_equal(files_with(&f, word), 0);
	}
	assert_int_equal(f.a->bytes + f.a->retained_bytes, 0);
	add(&f, "INBOX", 9);
	assert_str(fixture_show(&f, "INBOX"), "7:");
	fixture_release(&f);
}

static size_t
count_removed(struct fixture *f)
{
	struct dirent *e;
	size_t n = 0;
	char path[128];
	DIR *dir;

	snprintf(path, sizeof(path), "%s/removed", f->root);
	dir = opendir(path);
	assert_non_null(dir);
	while ((e = readdir(dir)))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* One that waits in removed/ goes as a whole, even if it is damaged. */
static void
a_removed_account(void **state UNUSED)
{
	struct seen seen = {0};
	const struct purge_host host = {&seen, message, file};
	struct str root, name;
	struct fixture f;
	char path[160];
	size_t n;

	for (int damaged = 0; damaged < 2; damaged++) {
		prepare(&f);
		root = str_from(f.root);
		name = arena_printf(&f.arena, "anna-%lld", (long long)f.wall);
		account_unref(&f.a);
		assert_ok(
		    store_remove_account(f.store, S("anna"), S("record")));
		if (damaged) {
			snprintf(path, sizeof(path), "%s/removed/%s/mail.db",
			    f.root, name.p);
			assert_int_equal(truncate(path, 100), 0);
		}
		/* What an attempt that was killed has left. */
		snprintf(path, sizeof(path), "%s/removed/x-1.purged", f.root);
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(count_removed(&f), 2);
		seen = (struct seen){0};
		assert_int_equal(
		    purge_removed_find(root, name, &n) == ST_OK, !damaged);
		assert_int_equal(n, damaged ? 0 : SECRETS);
		assert_ok(purge_removed_run(root, name, &host));
		assert_int_equal(seen.messages, n);
		/* lost-1, trace-1-imap; or all that there was. */
		if (damaged)
			assert_true(seen.files > 2);
		else
			assert_int_equal(seen.files, 2);
		assert_int_equal(count_removed(&f), 0);
		assert_int_equal(
		    purge_removed_run(root, name, &host), ST_NOT_FOUND);
		fixture_release(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_cut_short_is_ended),
	    cmocka_unit_test(one_message_leaves_no_byte),
	    cmocka_unit_test(one_of_the_past),
	    cmocka_unit_test(a_folder_and_uids_of_it),
	    cmocka_unit_test(everything),
	    cmocka_unit_test(a_removed_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
