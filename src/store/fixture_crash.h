/* For x_test.c files of store/: a process that is killed, and files lost. */
#ifndef STORE_FIXTURE_CRASH_H
#define STORE_FIXTURE_CRASH_H

#include <fcntl.h>
#include <sys/stat.h>

#include "store/fixture.h"

static inline void
fixture_copy_file(int from_dir, int to_dir, const char *name)
{
	char bytes[65536];
	int from = openat(from_dir, name, O_RDONLY);
	int to = openat(to_dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t n;

	if (from >= 0)
		while ((n = read(from, bytes, sizeof(bytes))) > 0)
			assert_int_equal(write(to, bytes, (size_t)n), n);
	close(from);
	close(to);
	if (from < 0)
		unlinkat(to_dir, name, 0);
}

/*
 * Goes on with the account as the disk has it now, as after kill -9; two
 * files may be lost.
 */
static inline void
fixture_crash(struct fixture *f, const char *lost, const char *lost2)
{
	static const char *const files[] = {
	    "mail.db", "mail.db-wal", "pack-000001", "pack-000002"};
	char from[128], to[128];
	int from_dir, to_dir;

	snprintf(from, sizeof(from), "%s/accounts/an/anna", f->root);
	snprintf(to, sizeof(to), "%s/accounts/an/copy", f->root);
	assert_int_equal(mkdir(to, 0700), 0);
	from_dir = open(from, O_RDONLY | O_DIRECTORY);
	to_dir = open(to, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strcmp(files[i], lost) != 0 && strcmp(files[i], lost2) != 0)
			fixture_copy_file(from_dir, to_dir, files[i]);
	close(from_dir);
	close(to_dir);
	while (f->n_tokens)
		fixture_sync(f, 0);
	fixture_run(f);
	fixture_close(f);
	nftw(from, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
	assert_int_equal(rename(to, from), 0);
	fixture_open(f);
}

#endif
