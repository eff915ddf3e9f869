#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"

static void
bytes_come_back(void **state UNUSED)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	char got[16];

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, S("one two")), ST_OK);
	assert_int_equal(file_pwrite(fd, S("six"), 4), ST_OK);
	assert_int_equal(file_write(fd, S(" ten")), ST_OK);
	assert_int_equal(file_pread(fd, got, 7, 4), 7);
	assert_memory_equal(got, "six ten", 7);
	close(fd);
}

static void
the_end_of_the_file_is_no_error(void **state UNUSED)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	char got[16];

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, S("short")), ST_OK);
	assert_int_equal(file_pread(fd, got, sizeof(got), 2), 3);
	assert_memory_equal(got, "ort", 3);
	assert_int_equal(file_pread(fd, got, sizeof(got), 5), 0);
	close(fd);
	assert_int_equal(file_pread(fd, got, 1, 0), -1);
	assert_int_equal(errno, EBADF);
}

static void
errors_have_a_status(void **state UNUSED)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_int_equal(file_write(-1, S("x")), ST_IO);
	assert_int_equal(file_pwrite(-1, S("x"), 0), ST_IO);
	assert_int_equal(file_write(-1, S("")), ST_OK);
	if (full < 0)
		return;
	assert_int_equal(file_write(full, S("x")), ST_NO_SPACE);
	close(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_come_back),
	    cmocka_unit_test(the_end_of_the_file_is_no_error),
	    cmocka_unit_test(errors_have_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
