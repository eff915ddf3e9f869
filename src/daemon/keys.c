/*
 * Certificates and keys: the supervisor reads them and passes them on to the
 * tls processes by message (P2). Without any in the settings it makes a
 * self-signed pair in DATA once.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/supervisor_int.h"
#include "net/tls.h"

enum {
	PEM_MAX = 60 * 1024,
	KEYS_MAX = CHANNEL_MESSAGE - 64,
	PATH_BYTES = 4096
};

static bool
read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	char *p;

	buf_init(out, PEM_MAX);
	if (fd >= 0) {
		while (
		    (p = buf_reserve(out, 4096)) && (n = read(fd, p, 4096)) > 0)
			buf_commit(out, (size_t)n);
		close(fd);
	}
	if (n == 0)
		return true;
	log_error("cannot read", LOG_Z("file", path),
	    LOG_ERRNO(buf_full(out) ? EFBIG : errno));
	return false;
}

static bool
write_file(const char *path, struct str text)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n &&
	    fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void
wipe(struct buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	buf_release(b);
}

/* In a process of its own, so that no key was ever in this one's heap. */
static _Noreturn void
make_pair(const char *host, const char *certificate, const char *key)
{
	struct buf c, k;
	bool ok;

	buf_init(&c, PEM_MAX);
	buf_init(&k, PEM_MAX);
	ok = tls_self_signed(host, &c, &k) == ST_OK &&
	    write_file(key, buf_str(&k)) &&
	    write_file(certificate, buf_str(&c));
	wipe(&k);
	_exit(!ok);
}

static bool
self_signed(struct supervisor *s, char *certificate, char *key)
{
	char dir[PATH_BYTES];
	int status = 1;
	pid_t pid;

	(void)snprintf(dir, sizeof(dir), "%s/tls", s->config->data);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return false;
	(void)snprintf(
	    certificate, PATH_BYTES, "%s/tls/self-signed.crt", s->config->data);
	(void)snprintf(
	    key, PATH_BYTES, "%s/tls/self-signed.key", s->config->data);
	if (access(certificate, R_OK) == 0 && access(key, R_OK) == 0)
		return true;
	log_notice(
	    "making a self-signed certificate", LOG_Z("file", certificate));
	pid = fork();
	if (pid == 0)
		make_pair(s->config->hostname, certificate, key);
	if (pid < 0)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

static bool
send_pair(struct supervisor *s, struct process *only, unsigned index,
    const char *name, const char *certificate, const char *key)
{
	struct buf b, c, k;
	bool ok;

	buf_init(&b, KEYS_MAX);
	buf_init(&k, PEM_MAX);
	ok = read_file(certificate, &c) && read_file(key, &k);
	if (ok) {
		wire_put_u32(&b, index);
		wire_put_str(&b, str_from(name));
		wire_put_str(&b, buf_str(&c));
		wire_put_str(&b, buf_str(&k));
		if (only)
			process_tell(only, MSG_KEYS, buf_str(&b));
		else
			process_tell_all(s, ROLE_TLS, MSG_KEYS, buf_str(&b));
	}
	wipe(&b);
	wipe(&k);
	buf_release(&c);
	return ok;
}

bool
keys_send(struct supervisor *s, struct process *only)
{
	char certificate[PATH_BYTES], key[PATH_BYTES];
	const struct config *c = s->config;
	bool ok = true;

	for (size_t i = 0; i < c->n_pairs; i++)
		ok = send_pair(s, only, (unsigned)i, c->pairs[i].name,
			 c->pairs[i].certificate, c->pairs[i].key) &&
		    ok;
	if (!c->n_pairs) {
		ok = self_signed(s, certificate, key) &&
		    send_pair(s, only, 0, "self-signed", certificate, key);
	}
	if (!ok)
		return false;
	keys_tickets(s, only, false);
	return true;
}

void
keys_tickets(struct supervisor *s, struct process *only, bool fresh)
{
	struct str keys = str_of((const char *)s->tickets, sizeof(s->tickets));

	if (fresh)
		randombytes_buf(s->tickets, sizeof(s->tickets));
	if (only)
		process_tell(only, MSG_TICKETS, keys);
	else
		process_tell_all(s, ROLE_TLS, MSG_TICKETS, keys);
}
