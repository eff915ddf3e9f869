/* The supervisor opens all listeners, so that nobody else needs the right. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "daemon/supervisor_int.h"
#include "net/listen.h"

enum { SOCKET_MODE = 0660 };

static const char *const kinds[LISTENERS] = {
    [LISTEN_IMAP] = "imap",
    [LISTEN_IMAPS] = "imaps",
    [LISTEN_POP3] = "pop3",
    [LISTEN_POP3S] = "pop3s",
    [LISTEN_LMTP] = "lmtp",
};

static bool
open_one(struct supervisor *s, enum listener kind,
    const struct listen_address *a, bool by_default)
{
	int fd = listen_open(a);
	struct listening *l;
	struct buf where;

	if (fd < 0) {
		/* A machine without IPv6 is no reason to stop. */
		if (by_default && errno == EAFNOSUPPORT)
			return true;
		buf_init(&where, 256);
		address_text(&a->addr, &where);
		log_error("cannot listen", LOG_Z("protocol", kinds[kind]),
		    LOG_STR("address", buf_str(&where)),
		    LOG_U64("port", address_port(&a->addr)), LOG_ERRNO(errno));
		buf_release(&where);
		return false;
	}
	if (a->addr.ss_family == AF_UNIX)
		(void)chmod(((const struct sockaddr_un *)&a->addr)->sun_path,
		    SOCKET_MODE);
	l = VEC_ADD(s, listeners);
	l->kind = kind;
	l->proxy = a->proxy;
	l->fd = fd;
	return true;
}

static bool
open_kind(struct supervisor *s, enum listener kind, struct str text)
{
	struct str preset = S("");
	struct listen_address a;

	for (size_t i = 0; i < n_option_rows; i++)
		if (option_rows[i].offset ==
		    offsetof(struct config, listen) + kind * sizeof(char *))
			preset = str_from(option_rows[i].preset);
	bool by_default = str_eq(text, preset);

	while (listen_next(&text, &a) == ST_OK)
		if (!open_one(s, kind, &a, by_default))
			return false;
	return true;
}

bool
listeners_open(struct supervisor *s)
{
	struct buf lmtp;
	bool ok = true;

	buf_init(&lmtp, 4096);
	if (s->config->listen[LISTEN_LMTP][0])
		buf_addz(&lmtp, s->config->listen[LISTEN_LMTP]);
	else
		buf_addf(&lmtp, "unix:%s/lmtp", s->config->data);
	for (int k = 0; k < LISTENERS && ok; k++)
		ok = open_kind(s, (enum listener)k,
		    k == LISTEN_LMTP ? buf_str(&lmtp)
				     : str_from(s->config->listen[k]));
	buf_release(&lmtp);
	return ok;
}

void
listeners_send(struct supervisor *s, struct process *p)
{
	enum role to;

	for (size_t i = 0; i < s->n_listeners; i++) {
		const struct listening *l = &s->listeners[i];
		struct buf b;
		int fd;

		to = l->kind == LISTEN_LMTP ? ROLE_DELIVER : ROLE_LOGIN;
		fd = p->role == to ? fcntl(l->fd, F_DUPFD_CLOEXEC, 0) : -1;
		if (fd < 0)
			continue;
		buf_init(&b, 8);
		wire_put_u8(&b, (uint8_t)l->kind);
		wire_put_u8(&b, l->proxy);
		if (channel_send(p->ch, MSG_LISTEN, buf_str(&b), &fd, 1) !=
		    ST_OK)
			close(fd);
		buf_release(&b);
	}
}

void
listeners_close(struct supervisor *s)
{
	for (size_t i = 0; i < s->n_listeners; i++) {
		struct sockaddr_un un;
		socklen_t n = sizeof(un);

		if (getsockname(
			s->listeners[i].fd, (struct sockaddr *)&un, &n) == 0 &&
		    un.sun_family == AF_UNIX)
			(void)unlink(un.sun_path);
		close(s->listeners[i].fd);
	}
	free(s->listeners);
	s->listeners = NULL;
	s->n_listeners = s->cap_listeners = 0;
}
