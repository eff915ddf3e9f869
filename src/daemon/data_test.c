#include "daemon/data.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <unistd.h>

#include "base/test.h"

static char dir[] = "/tmp/data_testXXXXXX";

static void
put_epoch(const char *text)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/epoch", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
one_owner(void **state UNUSED)
{
	int a = -1, b = -1;

	assert_ok(data_lock(dir, &a));
	assert_int_equal(data_lock(dir, &b), ST_BUSY);
	close(a);
	assert_ok(data_lock(dir, &b));
	close(b);
	assert_string_equal(data_network_name(NFS_SUPER_MAGIC), "NFS");
	assert_null(data_network_name(EXT4_SUPER_MAGIC));
}

static void
epoch_rises_after_an_unclean_stop_of_the_machine(void **state UNUSED)
{
	uint64_t epoch = 0;

	assert_ok(data_epoch(dir, &epoch));
	assert_int_equal(epoch, 1);
	/* Killed, on the same boot: the kernel has kept our writes. */
	assert_ok(data_epoch(dir, &epoch));
	assert_int_equal(epoch, 1);
	put_epoch("1 another-boot running\n");
	assert_ok(data_epoch(dir, &epoch));
	assert_int_equal(epoch, 2);
	assert_ok(data_clean(dir, epoch));
	put_epoch("7 another-boot clean\n");
	assert_ok(data_epoch(dir, &epoch));
	assert_int_equal(epoch, 7);
	put_epoch("");
	assert_int_equal(data_epoch(dir, &epoch), ST_CORRUPT);
	put_epoch("9 another");
	assert_ok(data_epoch(dir, &epoch));
	assert_int_equal(epoch, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_owner),
	    cmocka_unit_test(epoch_rises_after_an_unclean_stop_of_the_machine),
	};

	if (!mkdtemp(dir))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
