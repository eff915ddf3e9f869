/*
 * Which system calls a role may make. What is not listed fails with EPERM;
 * what no program of ours ever needs, and an intruder would, ends the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/sandbox_int.h"

#define CALL(name) SCMP_SYS(name)

static const int everybody[] = {
    CALL(read),
    CALL(write),
    CALL(readv),
    CALL(writev),
    CALL(close),
    CALL(recvmsg),
    CALL(sendmsg),
    CALL(recvfrom),
    CALL(sendto),
    CALL(epoll_wait),
    CALL(epoll_pwait),
    CALL(epoll_ctl),
    CALL(epoll_create1),
    CALL(poll),
    CALL(ppoll),
    CALL(futex),
    CALL(mmap),
    CALL(munmap),
    CALL(mremap),
    CALL(mprotect),
    CALL(brk),
    CALL(madvise),
    CALL(getrandom),
    CALL(clock_gettime),
    CALL(gettimeofday),
    CALL(time),
    CALL(clock_nanosleep),
    CALL(nanosleep),
    CALL(exit),
    CALL(exit_group),
    CALL(rt_sigreturn),
    CALL(rt_sigaction),
    CALL(rt_sigprocmask),
    CALL(sigaltstack),
    CALL(getpid),
    CALL(gettid),
    CALL(fcntl),
    CALL(dup),
    CALL(dup3),
    CALL(fstat),
    CALL(newfstatat),
    CALL(lseek),
    CALL(sched_yield),
    CALL(sched_getaffinity),
    CALL(restart_syscall),
    CALL(getrusage),
    CALL(sysinfo),
    CALL(uname),
    CALL(membarrier),
    CALL(rseq),
    CALL(set_robust_list),
    CALL(shutdown),
    CALL(getsockopt),
    CALL(getuid),
    CALL(geteuid),
    CALL(getgid),
    CALL(getegid),
    CALL(close_range),
};

static const int network[] = {
    CALL(accept4),
    CALL(setsockopt),
    CALL(getsockname),
    CALL(getpeername),
};

static const int spooling[] = {
    CALL(memfd_create),
    CALL(ftruncate),
    CALL(pread64),
    CALL(pwrite64),
    CALL(fallocate),
    CALL(copy_file_range),
    CALL(sendfile),
};

static const int syncing[] = {
    CALL(fdatasync),
    CALL(fsync),
};

/* SQLite, packs, charset tables. */
static const int files[] = {
    CALL(open),
    CALL(openat),
    CALL(access),
    CALL(faccessat),
    CALL(faccessat2),
    CALL(stat),
    CALL(lstat),
    CALL(statx),
    CALL(statfs),
    CALL(fstatfs),
    CALL(readlink),
    CALL(readlinkat),
    CALL(getcwd),
    CALL(getdents64),
    CALL(preadv),
    CALL(pwritev),
};

static const int changing_files[] = {
    CALL(unlink),
    CALL(unlinkat),
    CALL(rename),
    CALL(renameat),
    CALL(renameat2),
    CALL(link),
    CALL(linkat),
    CALL(mkdir),
    CALL(mkdirat),
    CALL(rmdir),
    CALL(chmod),
    CALL(fchmod),
    CALL(fchmodat),
    CALL(fchown),
    CALL(utimensat),
    CALL(flock),
    CALL(umask),
    CALL(sync_file_range),
    CALL(fadvise64),
    CALL(ioctl),
    CALL(msync),
    CALL(truncate),
};

static const int forbidden[] = {
    CALL(execve),
    CALL(execveat),
    CALL(fork),
    CALL(vfork),
    CALL(ptrace),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(pidfd_open),
    CALL(pidfd_getfd),
    CALL(pidfd_send_signal),
    CALL(kcmp),
    CALL(bpf),
    CALL(mount),
    CALL(umount2),
    CALL(pivot_root),
    CALL(chroot),
    CALL(setns),
    CALL(unshare),
    CALL(init_module),
    CALL(finit_module),
    CALL(kexec_load),
    CALL(perf_event_open),
    CALL(userfaultfd),
    CALL(add_key),
    CALL(keyctl),
    CALL(request_key),
    CALL(io_uring_setup),
};

static bool
add(scmp_filter_ctx ctx, uint32_t action, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int rc;

		/* Not every architecture has every call. */
		if (calls[i] < 0)
			continue;
		rc = seccomp_rule_add(ctx, action, calls[i], 0);
		if (rc < 0 && rc != -EDOM)
			return false;
	}
	return true;
}

#define ALLOW(set) add(ctx, SCMP_ACT_ALLOW, set, ARRAY_LEN(set))

/* abort() sends a signal to itself; limits are read, never another's. */
static bool
own_process_only(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())) == 0 &&
	    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
		SCMP_A0(SCMP_CMP_EQ, 0)) == 0;
}

static bool
fill(scmp_filter_ctx ctx, enum role r)
{
	bool ok = ALLOW(everybody) && own_process_only(ctx) &&
	    add(ctx, SCMP_ACT_KILL_PROCESS, forbidden, ARRAY_LEN(forbidden));

	if (r == ROLE_LOGIN || r == ROLE_DELIVER || r == ROLE_TLS ||
	    r == ROLE_WORKER)
		ok = ok && ALLOW(network);
	/* The relay's pair, and nothing that could reach out. */
	if (r == ROLE_TLS)
		ok = ok &&
		    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socketpair),
			1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX)) == 0;
	if (r == ROLE_SYNC)
		ok = ok && ALLOW(syncing);
	if (r == ROLE_DELIVER)
		ok = ok && ALLOW(spooling) && ALLOW(files);
	if (sandbox_opens_data(r))
		ok = ok && ALLOW(spooling) && ALLOW(syncing) && ALLOW(files) &&
		    ALLOW(changing_files);
	return ok;
}

bool
sandbox_syscalls(enum role r)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = ctx && fill(ctx, r) && seccomp_load(ctx) == 0;

	if (ctx)
		seccomp_release(ctx);
	return ok;
}
