#include "daemon/control.h"

#include <errno.h>
#include <unistd.h>

void
control_open_encode(const struct control_open *o, struct buf *out)
{
	wire_put_u8(out, (uint8_t)o->owner);
	wire_put_str(out, o->account);
}

enum status
control_open_decode(struct str in, struct control_open *out)
{
	struct wire w = wire_of(in);
	struct control_open o;
	uint8_t owner = wire_u8(&w);

	o.account = wire_str(&w);
	if (!wire_end(&w) || owner > CONTROL_MAIL)
		return ST_SYNTAX;
	o.owner = (enum control_owner)owner;
	*out = o;
	return ST_OK;
}

void
control_ask_encode(const struct control_ask *a, struct buf *out)
{
	wire_put_u32(out, a->id);
	wire_put_u8(out, a->attached);
	wire_put_str(out, a->body);
}

enum status
control_ask_decode(struct str in, struct control_ask *out)
{
	struct wire w = wire_of(in);
	struct control_ask a;

	a.id = wire_u32(&w);
	a.attached = wire_u8(&w) != 0;
	a.body = wire_str(&w);
	if (!wire_end(&w))
		return ST_SYNTAX;
	*out = a;
	return ST_OK;
}

void
control_answer_encode(const struct control_answer *a, struct buf *out)
{
	wire_put_u32(out, a->id);
	wire_put_u8(out, (uint8_t)a->status);
	wire_put_str(out, a->body);
}

enum status
control_answer_decode(struct str in, struct control_answer *out)
{
	struct wire w = wire_of(in);
	struct control_answer a;
	uint8_t st;

	a.id = wire_u32(&w);
	st = wire_u8(&w);
	a.body = wire_str(&w);
	if (!wire_end(&w) || st >= ST_COUNT)
		return ST_SYNTAX;
	a.status = (enum status)st;
	*out = a;
	return ST_OK;
}

enum status
control_attached(int fd, struct buf *out)
{
	off_t at = 0;
	ssize_t n;
	char *p;

	for (;;) {
		p = buf_reserve(out, CONTROL_INLINE);
		if (!p)
			return ST_LIMIT;
		n = pread(fd, p, CONTROL_INLINE, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ST_IO;
		if (n == 0)
			return ST_OK;
		buf_commit(out, (size_t)n);
		at += n;
	}
}
