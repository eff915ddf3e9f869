#include "daemon/address_table.h"

#include <unistd.h>

#include "base/test.h"

static void
counts_over_all_processes(void **state UNUSED)
{
	int fd = address_memory();
	struct address_table *a = address_open(fd, 0);
	struct address_table *b = address_open(fd, 1);
	unsigned wrong = 0;

	for (int i = 0; i < 3; i++)
		address_add(a, 0xc0000201);
	address_add(b, 0xc0000201);
	assert_int_equal(address_count(a, 0xc0000201), 4);
	assert_int_equal(address_count(b, 0xc0000202), 0);
	address_drop(a, 0xc0000201);
	assert_int_equal(address_count(b, 0xc0000201), 3);
	/* A process that died takes its connections with it. */
	address_clear(a);
	assert_int_equal(address_count(b, 0xc0000201), 1);
	address_drop(b, 0xc0000201);
	address_drop(b, 0xc0000201);
	assert_int_equal(address_count(b, 0xc0000201), 0);
	/* Sharing a counter is rare: a thousand addresses, a few too many. */
	for (uint64_t i = 0; i < 1000; i++)
		address_add(a, 0x0a000000 + i);
	for (uint64_t i = 0; i < 1000; i++)
		wrong += address_count(b, 0x0a000000 + i) != 1;
	assert_true(wrong < 60);
	address_close(&a);
	address_close(&b);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_over_all_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
