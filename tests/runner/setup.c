/* A world's accounts with their mail, and what happens to it meanwhile. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mail.h"
#include "scram.h"
#include "store/incoming.h"
#include "store/mailbox.h"
#include "world_int.h"

static const struct origin origin = {.person = STR_INIT("setup"),
    .credential = STR_INIT("setup"),
    .protocol = STR_INIT("cli")};

static enum status
change(struct world *w, const struct known *k, struct change *c,
    struct changed *out)
{
	struct viewer viewer = {k->address, RIGHT_ALL};

	c->viewer = &viewer;
	c->origin = &origin;
	return store_do(w->store, k->account, c, &w->arena, out);
}

/* Only INBOX, whatever a new account is given. */
static const char *
only_inbox(struct world *w, const struct known *k)
{
	struct viewer viewer = {k->address, RIGHT_ALL};
	const struct mailbox *box;
	struct changed done;
	size_t n, i;

	for (;;) {
		struct change c = {.kind = CHANGE_SUBSCRIBE};

		box = account_mailboxes(k->account, &viewer, &n);
		for (i = 0; i < n; i++)
			if (box[i].subscribed)
				break;
		if (i < n) {
			c.name = arena_str(&w->arena, box[i].name);
		} else {
			for (i = n; i-- > 0;)
				if (!str_eq(box[i].name, S("INBOX")))
					break;
			if (i == SIZE_MAX)
				return NULL;
			c.kind = CHANGE_DELETE;
			c.mailbox = box[i].id;
		}
		if (change(w, k, &c, &done) != ST_OK)
			return "A standard mailbox cannot be deleted";
	}
}

struct loading {
	struct world *w;
	const struct known *account;
	uint64_t mailbox;
};

static bool
append(void *ctx, struct str mail)
{
	struct loading *l = ctx;
	struct incoming *in =
	    incoming_new(memfd_create("mail", MFD_CLOEXEC), 1 << 26);
	struct change c = {.kind = CHANGE_APPEND,
	    .mailbox = l->mailbox,
	    .messages = &in,
	    .n_messages = 1};
	struct changed done;
	enum status st = incoming_write(in, mail);

	if (st == ST_OK)
		st = incoming_finish(in);
	if (st == ST_OK)
		st = change(l->w, l->account, &c, &done);
	incoming_free(&in);
	return st == ST_OK;
}

static const char *
mailboxes(
    struct world *w, const struct known *k, struct str rest, const char *data)
{
	struct viewer viewer = {k->address, RIGHT_ALL};
	const struct mailbox *box;
	struct loading load = {.w = w, .account = k};
	struct changed done;
	struct str word;

	while ((word = mail_cut_word(&rest)).n > 0) {
		struct change c = {.kind = CHANGE_CREATE, .name = word};

		if (str_eq(word, S("<"))) {
			word = mail_cut_word(&rest);
			if (!mail_read_mbox(
				arena_printf(&w->arena, "%s/" STR_FMT, data,
				    STR_ARG(word))
				    .p,
				append, &load))
				return "A mailbox file cannot be loaded";
			continue;
		}
		if (!str_eq(word, S("INBOX")) &&
		    change(w, k, &c, &done) != ST_OK)
			return "A mailbox cannot be made";
		if (mailbox_find(k->account, &viewer, word, &box) != ST_OK)
			return "A mailbox is not there";
		load.mailbox = box->id;
	}
	return NULL;
}

const char *
world_account(struct world *w, struct str text, const char *data)
{
	struct str rest = text;
	struct known *k = VEC_ADD(w, accounts);
	const char *error;
	char *id;

	k->name = arena_str(&w->arena, mail_cut_word(&rest));
	k->address =
	    arena_printf(&w->arena, STR_FMT "@example.org", STR_ARG(k->name));
	id = arena_z(&w->arena, S("aaaaaaaaaaaaaaaaaaaaaaaaaa"));
	if (k->name.n == 0 || k->name.n > 26)
		return "Not a name of an account";
	memcpy(id, k->name.p, k->name.n);
	k->id = str_of(id, 26);
	if (store_create_account(w->store, k->id, &origin) != ST_OK ||
	    store_account(w->store, k->id, &k->account) != ST_OK)
		return "The account cannot be made";
	error = only_inbox(w, k);
	return error ? error : mailboxes(w, k, rest, data);
}

static const char *
set_quota(struct world *w, uint64_t n)
{
	struct change c = {.kind = CHANGE_QUOTA, .quota = n};
	struct changed done;

	if (w->n_accounts == 0 ||
	    change(w, &w->accounts[w->n_accounts - 1], &c, &done) != ST_OK)
		return "The quota cannot be set";
	return NULL;
}

/* "2 imap bert": the second connection is bert's, by IMAP. */
static const char *
set_connection(struct world *w, struct str text)
{
	struct connection *c;
	struct str name;
	uint32_t n;
	size_t i;

	if (!str_to_u32(mail_cut_word(&text), &n) || n < 1 || n > CONNECTIONS)
		return "Not a connection";
	c = &w->connections[n - 1];
	c->protocol = world_protocol(mail_cut_word(&text));
	if (!c->protocol)
		return "There is no such protocol";
	name = mail_cut_word(&text);
	for (i = 0; i < w->n_accounts; i++)
		if (str_eq(w->accounts[i].name, name))
			c->account = i;
	return NULL;
}

static const char *
set_cleartext(struct world *w, struct str text)
{
	static const struct str words[] = {
	    [CLEARTEXT_NEVER] = STR_INIT("never"),
	    [CLEARTEXT_LOOPBACK] = STR_INIT("loopback"),
	    [CLEARTEXT_ALWAYS] = STR_INIT("always"),
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(str_trim(text), words[i])) {
			w->config.cleartext = (enum cleartext)i;
			return NULL;
		}
	return "cleartext never, loopback or always";
}

const char *
world_option(struct world *w, struct str text)
{
	struct str word = mail_cut_word(&text);
	uint64_t n;

	if (str_eq(word, S("own-world")))
		return NULL; /* where else? */
	if (str_eq(word, S("login")))
		w->before_login = true;
	else if (str_eq(word, S("remote")))
		w->peer = (struct peer){.address = S("192.0.2.7")};
	else if (str_eq(word, S("peer")))
		w->peer.address = arena_str(&w->arena, str_trim(text));
	else if (str_eq(word, S("starttls")))
		w->config.starttls = true;
	else if (str_eq(word, S("scram")))
		w->config.scram = true;
	else if (str_eq(word, S("past")))
		w->past = true;
	else if (str_eq(word, S("cleartext")))
		return set_cleartext(w, text);
	else if (str_eq(word, S("connection")))
		return set_connection(w, text);
	else if (str_eq(word, S("max-message")) && str_to_size(text, &n))
		w->config.max_message = n;
	else if (str_eq(word, S("quota")) && str_to_size(text, &n))
		return set_quota(w, n);
	else
		return "No such option";
	return NULL;
}

static void
pass_time(struct world *w, int64_t ms)
{
	size_t i;

	w->wall_ms += ms;
	w->mono_ms += ms;
	for (i = 0; i < CONNECTIONS; i++) {
		struct connection *c = &w->connections[i];

		if (!c->session || c->wants.deadline > w->mono_ms)
			continue;
		c->machine->event(
		    c->session, &(struct event){.kind = EVENT_TIMER});
		c->wants.bits |= WANT_AGAIN;
	}
	world_settle(w);
}

/* What comes next is opened anew, on the store as it is on the disk. */
static void
reopen(struct world *w)
{
	size_t i;

	for (i = 0; i < CONNECTIONS; i++) {
		struct connection *c = &w->connections[i];

		if (c->session)
			c->machine->close(c->session);
		world_auth_end(c);
		buf_release(&c->in);
		buf_release(&c->out);
		buf_release(&c->said);
		*c = (struct connection){
		    .protocol = c->protocol, .account = c->account};
	}
	world_settle(w);
	for (i = 0; i < w->n_accounts; i++)
		account_unref(&w->accounts[i].account);
	store_close(&w->store);
	world_open_store(w);
	for (i = 0; i < w->n_accounts; i++) {
		enum status st = store_account(
		    w->store, w->accounts[i].id, &w->accounts[i].account);

		ASSERT(st == ST_OK);
	}
}

static void
tell(struct world *w, uint32_t n, enum event_kind kind)
{
	struct connection *c = world_connection(w, n);

	if (!c->session)
		return;
	if (kind == EVENT_SECURED) {
		c->tls = (struct tls_facts){.on = true,
		    .version = S("TLSv1.3"),
		    .exporter = S(RUNNER_BINDING)};
		c->machine->event(
		    c->session, &(struct event){.kind = kind, .tls = &c->tls});
		c->wants.bits |= WANT_AGAIN;
		world_settle(w);
		return;
	}
	c->machine->event(c->session, &(struct event){.kind = kind});
	c->wants.bits |= WANT_AGAIN;
	world_settle(w);
}

const char *
world_directive(struct world *w, struct str text)
{
	static const struct {
		struct str word;
		enum event_kind kind;
	} events[] = {
	    {STR_INIT("drain"), EVENT_DRAIN},
	    {STR_INIT("revoke"), EVENT_REVOKED},
	    {STR_INIT("eof"), EVENT_EOF},
	    {STR_INIT("tls"), EVENT_SECURED},
	};
	struct str word = mail_cut_word(&text);
	const char *error;
	uint32_t n = 1;
	uint64_t s;
	size_t i;

	if (str_eq(word, S("clock"))) {
		text = str_trim(text);
		if (!str_starts(text, S("+")) ||
		    !str_to_seconds(str_from_pos(text, 1), &s))
			return "The clock goes on: clock +1h";
		pass_time(w, (int64_t)s * 1000);
		return NULL;
	}
	if (str_eq(word, S("reopen"))) {
		reopen(w);
		return NULL;
	}
	if (world_past(w, word, text, &error))
		return error;
	text = str_trim(text);
	if (text.n > 0 && (!str_to_u32(text, &n) || n < 1 || n > CONNECTIONS))
		return "Not a connection";
	if (str_eq(word, S("closed")))
		return world_connection(w, n)->session
		    ? "The connection is not closed"
		    : NULL;
	for (i = 0; i < ARRAY_LEN(events); i++)
		if (str_eq(word, events[i].word)) {
			tell(w, n, events[i].kind);
			return NULL;
		}
	return "No such directive";
}
