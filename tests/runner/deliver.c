/*
 * What LMTP asks, answered as auth and the workers do it (P4): an address is
 * an account's, perhaps with a detail; a message is decoded anew for each of
 * its recipients.
 */
#include <fcntl.h>
#include <unistd.h>

#include "store/incoming.h"
#include "world_int.h"

struct delivery {
	struct change change;
	struct viewer viewer;
	struct origin origin;
	struct incoming *message;
};

void
delivery_free(struct delivery **d)
{
	if (*d)
		incoming_free(&(*d)->message);
	free(*d);
	*d = NULL;
}

void
world_ask_recipient(
    struct world *w, struct connection *c, const struct question *q)
{
	struct str domain = q->recipient, detail, local;
	struct recipient to = {0};
	struct answer a = {.id = q->id, .status = ST_NOT_FOUND};
	size_t i;

	local = str_cut(&domain, '@');
	detail = local;
	local = str_cut(&detail, '+');
	if (str_eq(local, S("busy")))
		a.status = ST_BUSY;
	if (str_eq(local, S("off")))
		a.status = ST_DENIED;
	for (i = 0; i < w->n_accounts; i++)
		if (str_eqi(local, w->accounts[i].name) &&
		    str_eqi(domain, S("example.org"))) {
			to = (struct recipient){w->accounts[i].id,
			    w->accounts[i].address, detail, 0};
			a.status = ST_OK;
			a.recipient = &to;
		}
	world_tell_answer(c, &a);
}

static enum status
copy_message(const struct incoming *from, struct incoming **out)
{
	struct incoming *in = (struct incoming *)(uintptr_t)from;
	int fd = fcntl(incoming_fd(in), F_DUPFD_CLOEXEC, 0);
	enum status st;
	struct buf text;

	ASSERT(fd >= 0);
	buf_init(&text, 1 << 26);
	incoming_encode(in, &text);
	st = incoming_decode(buf_str(&text), fd, out);
	buf_release(&text);
	return st;
}

void
world_ask_deliver(
    struct world *w, struct connection *c, const struct question *q)
{
	const struct deliver_ask *ask = &q->deliver;
	struct answer a = {.id = q->id, .status = ST_NOT_FOUND};
	struct delivery *d = mem_zalloc(sizeof(*d));
	struct account *account = NULL;
	struct asked *asked;
	size_t i;

	for (i = 0; i < w->n_accounts; i++)
		if (str_eq(w->accounts[i].id, ask->to->account))
			account = w->accounts[i].account;
	ASSERT(account);
	a.status = copy_message(ask->message, &d->message);
	if (a.status != ST_OK) {
		delivery_free(&d);
		world_tell_answer(c, &a);
		return;
	}
	incoming_set_prefix(d->message, ask->trace);
	d->viewer = (struct viewer){ask->to->address, RIGHT_ALL};
	d->origin = (struct origin){.person = ask->return_path,
	    .protocol = S("lmtp"),
	    .peer = w->peer.address};
	d->change = (struct change){.kind = CHANGE_DELIVER,
	    .viewer = &d->viewer,
	    .origin = &d->origin,
	    .name = ask->to->detail,
	    .messages = &d->message,
	    .n_messages = 1};
	asked = world_asked(w, c, q->id);
	asked->delivery = d;
	store_submit(w->store, account, &d->change, asked->ask);
}
