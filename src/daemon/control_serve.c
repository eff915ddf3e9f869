#include "daemon/control_serve.h"

#include <unistd.h>

#include "base/map.h"

enum { CLIENTS_MOST = 64 };

struct control_client {
	struct child *child;
	uint64_t key;
	struct channel *ch;
	control_asked *asked;
	control_gone *gone;
};

static struct map clients;
static uint64_t last_key;

static void
closed(void *ctx, struct channel *ch UNUSED)
{
	struct control_client *c = ctx;

	(void)map_remove_u64(&clients, c->key);
	if (c->gone)
		c->gone(c->child, c->key);
	channel_free(&c->ch);
	free(c);
}

void
control_reply_fd(uint64_t client, const struct control_answer *answer, int fd)
{
	struct control_client *c = map_get_u64(&clients, client);
	struct buf b;

	if (!c) {
		if (fd >= 0)
			close(fd);
		return;
	}
	buf_init(&b, CHANNEL_MESSAGE);
	control_answer_encode(answer, &b);
	if (buf_full(&b)) {
		struct control_answer sorry = {
		    .id = answer->id,
		    .status = ST_LIMIT,
		    .body = S("the answer is too long"),
		};

		buf_clear(&b);
		control_answer_encode(&sorry, &b);
	}
	if (channel_send(c->ch, CONTROL_ANSWER, buf_str(&b), &fd, fd >= 0) !=
		ST_OK &&
	    fd >= 0)
		close(fd);
	explicit_bzero(b.p, b.n); /* it may hold a new password */
	buf_release(&b);
}

void
control_reply(uint64_t client, const struct control_answer *answer)
{
	control_reply_fd(client, answer, -1);
}

static void
message(void *ctx, struct channel *ch UNUSED, struct packet *m)
{
	struct control_client *c = ctx;
	struct control_ask ask;
	struct buf attached;
	int fd, body = -1;

	if (m->type != CONTROL_ASK ||
	    control_ask_decode(m->body, &ask) != ST_OK)
		return;
	buf_init(&attached, CONTROL_ASK_MAX);
	/* The body, when it is in a descriptor, is in the last one. */
	if (ask.attached && m->n_fds)
		body = packet_take(m, --m->n_fds);
	if (ask.attached &&
	    (body < 0 || control_attached(body, &attached) != ST_OK)) {
		control_reply(c->key,
		    &(struct control_answer){.id = ask.id,
			.status = ST_SYNTAX,
			.body = S("unreadable request")});
	} else {
		if (ask.attached)
			ask.body = buf_str(&attached);
		fd = packet_take(m, 0);
		c->asked(c->child, c->key, &ask, &fd);
		if (fd >= 0)
			close(fd);
	}
	if (body >= 0)
		close(body);
	buf_release(&attached);
}

static const struct channel_ops ops = {message, closed};

void
control_serve(struct child *child, struct packet *m, control_asked *asked,
    control_gone *gone)
{
	struct control_client *c;
	int fd = packet_take(m, 0);

	if (fd < 0)
		return;
	if (clients.n >= CLIENTS_MOST) {
		close(fd);
		return;
	}
	c = mem_zalloc(sizeof(*c));
	c->child = child;
	c->key = ++last_key;
	c->asked = asked;
	c->gone = gone;
	(void)map_set_u64(&clients, c->key, c);
	c->ch = channel_new(child->loop, fd, &ops, c);
}
