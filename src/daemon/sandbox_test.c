#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

static char dir[] = "/tmp/sandbox_testXXXXXX";

/* Runs `body` as `role` in a process of its own; its exit status. */
static int
in(enum role role, int (*body)(void))
{
	struct sandbox s = {.role = role, .data = dir};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		unsigned weak = sandbox_enter(&s);

		if (weak & (SANDBOX_NO_SECCOMP | SANDBOX_NO_LANDLOCK))
			_exit(77);
		_exit(body());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
opens_data(void)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	return fd >= 0 && write(fd, "x", 1) == 1 && fdatasync(fd) == 0;
}

static int
opens_passwords(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static int
connects(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int
signals_others(void)
{
	return kill(getppid(), 0) == 0;
}

static int
traces(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static int
executes(void)
{
	char *argv[] = {NULL};

	return execv("/bin/true", argv);
}

static int
makes_memory(void)
{
	void *p = malloc(4 * 1024 * 1024);
	int ok = p != NULL;

	free(p);
	return ok;
}

static void
each_role_can_what_it_needs(void **state UNUSED)
{
	assert_int_equal(in(ROLE_WORKER, opens_data), 1);
	assert_int_equal(in(ROLE_AUTH, opens_data), 1);
	assert_int_equal(in(ROLE_LOGIN, opens_data), 0);
	assert_int_equal(in(ROLE_TLS, opens_data), 0);
	assert_int_equal(in(ROLE_DELIVER, opens_data), 0);
	assert_int_equal(in(ROLE_SYNC, opens_data), 0);
	for (int r = 0; r < ROLES; r++) {
		assert_int_equal(in((enum role)r, makes_memory), 1);
		assert_int_equal(in((enum role)r, opens_passwords), 0);
		assert_int_equal(in((enum role)r, connects), 0);
		assert_int_equal(in((enum role)r, signals_others), 0);
		assert_int_equal(in((enum role)r, traces), 128 + SIGSYS);
		assert_int_equal(in((enum role)r, executes), 128 + SIGSYS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_role_can_what_it_needs),
	};

	if (!mkdtemp(dir))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
