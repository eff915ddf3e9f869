/*
 * The world of transcripts as a server that runs: the same world.h as
 * world.c, over TCP or TLS. LIVE holds the ports ("imap=1143 imaps=1993"),
 * LIVE_TLS is set to begin with TLS, LIVE_DATA names the server's folder and
 * MAILSTEAD the program that makes the accounts. What needs a world of its
 * own (a clock, a quota, a crash) is not played here: world_cannot says so.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/vec.h"
#include "grammar.h"
#include "mail.h"
#include "world.h"

enum { CONNECTIONS = 9, PATIENCE_MS = 120 * 1000, QUIET_MS = 50 };

#define PASSWORD "secret of transcripts"
#define DOMAIN   "@example.org"

struct link {
	int fd; /* -1: closed */
	SSL *ssl;
	struct buf said;
	bool opened;
};

struct world {
	struct str protocol;
	struct str *accounts; /* addresses */
	size_t n_accounts, cap_accounts;
	struct link links[CONNECTIONS];
	bool before_login;
	unsigned tag;
	SSL_CTX *tls;
	struct arena arena;
};

const char *
world_cannot(enum step_kind kind, struct str text)
{
	if (kind == STEP_OPTION && !str_eq(text, S("login")))
		return "it has settings";
	if (kind == STEP_DIRECTIVE && !str_starts(text, S("closed")))
		return "it has events";
	return NULL;
}

bool
world_is_live(void)
{
	return true;
}

void
world_shuffle(struct world *w UNUSED, uint64_t seed UNUSED)
{
}

const char *
world_option(struct world *w, struct str text UNUSED)
{
	w->before_login = true;
	return NULL;
}

const char *
world_password(void)
{
	return PASSWORD;
}

struct world *
world_new(struct str protocol)
{
	struct world *w;
	size_t i;

	if (!grammar_of(protocol))
		return NULL;
	w = mem_zalloc(sizeof(*w));
	w->protocol = arena_str(&w->arena, protocol);
	for (i = 0; i < CONNECTIONS; i++)
		w->links[i].fd = -1;
	if (getenv("LIVE_TLS")) {
		w->tls = SSL_CTX_new(TLS_client_method());
		ASSERT(w->tls);
	}
	return w;
}

/* --- bytes --- */

static void
link_close(struct link *l)
{
	if (l->ssl)
		SSL_free(l->ssl);
	l->ssl = NULL;
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
}

/* False: nothing more came in that time, or will. */
static bool
link_read(struct link *l, int ms)
{
	struct pollfd p = {.fd = l->fd, .events = POLLIN};
	char *to;
	int n;

	if (l->fd < 0)
		return false;
	if (!(l->ssl && SSL_pending(l->ssl)) && poll(&p, 1, ms) != 1)
		return false;
	to = buf_reserve(&l->said, 65536);
	ASSERT(to);
	n = l->ssl ? SSL_read(l->ssl, to, 65536)
		   : (int)recv(l->fd, to, 65536, 0);
	if (n <= 0) {
		link_close(l);
		return false;
	}
	buf_commit(&l->said, (size_t)n);
	return true;
}

static bool
link_write(struct link *l, struct str s)
{
	while (s.n > 0 && l->fd >= 0) {
		int n = l->ssl ? SSL_write(l->ssl, s.p, (int)s.n)
			       : (int)send(l->fd, s.p, s.n, MSG_NOSIGNAL);

		if (n <= 0)
			link_close(l);
		else
			s = str_from_pos(s, (size_t)n);
	}
	return l->fd >= 0;
}

static bool
port_of(struct str protocol, bool tls, uint32_t *out)
{
	struct str rest = str_from(getenv("LIVE")), word, name;

	while (rest.n > 0) {
		word = str_cut(&rest, ' ');
		name = str_cut(&word, '=');
		if (tls && str_ends(name, S("s")))
			name.n--;
		else if (tls)
			continue;
		if (str_eq(name, protocol))
			return str_to_u32(word, out);
	}
	return false;
}

static bool
link_connect(struct world *w, struct link *l, bool tls)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	uint32_t port = 0;

	if (!port_of(w->protocol, tls, &port))
		return false;
	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	buf_init(&l->said, 1 << 26);
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(l->fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		link_close(l);
		return false;
	}
	if (tls) {
		l->ssl = SSL_new(w->tls);
		SSL_set_fd(l->ssl, l->fd);
		if (SSL_connect(l->ssl) != 1)
			link_close(l);
	}
	return l->fd >= 0;
}

/* --- answers --- */

/* The answer behind `skip` bytes; waits for it so long. */
static bool
answer(struct link *l, size_t skip, int ms, struct str *out, size_t *n_out)
{
	size_t n;

	while ((n = grammar_cut(str_from_pos(buf_str(&l->said), skip))) == 0)
		if (!link_read(l, ms))
			return false;
	*n_out = n;
	*out = str_of(l->said.p + skip, n);
	if (str_ends(*out, S("\r\n")))
		out->n -= 2;
	return true;
}

/* Says a line and forgets all up to what begins with `until`. */
static bool
ask(struct link *l, struct str line, struct str until)
{
	struct str got;
	bool last;
	size_t n;

	if (!link_write(l, line))
		return false;
	do {
		if (!answer(l, 0, PATIENCE_MS, &got, &n))
			return false;
		last = str_starts(got, until);
		if (str_starts(got, S("-ERR")))
			return false;
		buf_consume(&l->said, n);
	} while (!last);
	return true;
}

static bool
log_in(struct world *w, struct link *l, struct str address)
{
	struct str text;

	if (str_eq(w->protocol, S("pop3")))
		return ask(l,
			   arena_printf(&w->arena, "USER " STR_FMT "\r\n",
			       STR_ARG(address)),
			   S("+OK")) &&
		    ask(l, S(""), S("+OK")) &&
		    ask(l, S("PASS " PASSWORD "\r\n"), S("+OK"));
	text = arena_printf(&w->arena,
	    "login LOGIN " STR_FMT " \"" PASSWORD "\"\r\n", STR_ARG(address));
	return ask(l, text, S("login OK"));
}

static struct link *
link_of(struct world *w, unsigned n)
{
	struct link *l = &w->links[n - 1];
	bool lmtp = str_eq(w->protocol, S("lmtp"));

	ASSERT(n >= 1 && n <= CONNECTIONS && w->n_accounts > 0);
	if (l->opened)
		return l;
	l->opened = true;
	if (!link_connect(w, l, w->tls && !lmtp) ||
	    (!w->before_login && !lmtp && !log_in(w, l, w->accounts[0])))
		fprintf(stderr, "The server does not let us in\n");
	return l;
}

bool
world_send(
    struct world *w, unsigned connection, struct str bytes, size_t piece UNUSED)
{
	struct link *l = link_of(w, connection);
	size_t n, literal = 0, skip = 0, seen, answer_n;
	struct str said;
	bool waits;

	while (bytes.n > 0) {
		for (seen = 0; answer(l, seen, 0, &said, &answer_n);)
			seen += answer_n;
		n = skip +
		    script_announcement(
			str_from_pos(bytes, skip), &waits, &literal);
		if (!link_write(l, str_first(bytes, n)))
			return false;
		bytes = str_from_pos(bytes, n);
		skip = 0;
		if (!waits || bytes.n == 0)
			continue;
		for (;;) {
			if (!answer(l, seen, PATIENCE_MS, &said, &answer_n) ||
			    !str_starts(said, S("*")))
				break;
			seen += answer_n;
		}
		if (seen + answer_n > l->said.n || !str_starts(said, S("+")))
			return true;
		memmove(l->said.p + seen, l->said.p + seen + answer_n,
		    l->said.n - seen - answer_n);
		buf_truncate(&l->said, l->said.n - answer_n);
		skip = min_size(literal, bytes.n);
	}
	return true;
}

bool
world_answer(struct world *w, unsigned connection, bool wait, struct str *out,
    size_t *n_out)
{
	return answer(link_of(w, connection), 0, wait ? PATIENCE_MS : QUIET_MS,
	    out, n_out);
}

const char *
world_check(struct world *w, unsigned connection UNUSED, struct str answer_text)
{
	return grammar_of(w->protocol)(answer_text);
}

void
world_took(struct world *w, unsigned connection, size_t n)
{
	buf_consume(&link_of(w, connection)->said, n);
}

const char *
world_directive(struct world *w, struct str text)
{
	uint32_t n = 1;
	struct link *l;

	(void)str_cut(&text, ' ');
	if (str_trim(text).n > 0 && !str_to_u32(str_trim(text), &n))
		return "Not a connection";
	l = link_of(w, n);
	while (link_read(l, PATIENCE_MS))
		;
	return l->fd < 0 ? NULL : "The connection is not closed";
}

/* --- accounts --- */

/* mailstead VERB... -d DATA, with the password on stdin. */
static bool
command(const char *verb, const char *address)
{
	bool add = strcmp(verb, "add") == 0;
	const char *args[] = {getenv("MAILSTEAD"), "account", verb, address,
	    "-d", getenv("LIVE_DATA"), add ? "--password-stdin" : NULL, NULL};
	int p[2], status = -1;
	ssize_t n;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		(void)dup2(p[0], STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)execv(args[0], (char *const *)(uintptr_t)args);
		_exit(127);
	}
	(void)close(p[0]);
	n = write(p[1], PASSWORD "\n", sizeof(PASSWORD));
	(void)close(p[1]);
	return pid > 0 && n > 0 && waitpid(pid, &status, 0) == pid &&
	    status == 0;
}

struct setup {
	struct world *w;
	struct link *l;
	struct str mailbox;
};

static bool
imap(struct setup *s, struct str text)
{
	struct str tag = arena_printf(&s->w->arena, "t%u", ++s->w->tag);

	return ask(s->l,
	    arena_printf(&s->w->arena, STR_FMT " " STR_FMT "\r\n", STR_ARG(tag),
		STR_ARG(text)),
	    arena_printf(&s->w->arena, STR_FMT " OK", STR_ARG(tag)));
}

static struct str
with_name(struct setup *s, const char *verb, struct str name)
{
	return arena_printf(
	    &s->w->arena, "%s \"" STR_FMT "\"", verb, STR_ARG(name));
}

/* Only INBOX, subscribed to nothing: as in the other world. */
static bool
only_inbox(struct setup *s)
{
	static const char *const standard[] = {
	    "Archive", "Drafts", "Junk", "Sent", "Trash"};
	bool ok = imap(s, with_name(s, "UNSUBSCRIBE", S("INBOX")));
	size_t i;

	for (i = 0; i < ARRAY_LEN(standard); i++) {
		struct str name = str_from(standard[i]);

		ok = ok && imap(s, with_name(s, "UNSUBSCRIBE", name)) &&
		    imap(s, with_name(s, "DELETE", name));
	}
	return ok;
}

static bool
append(void *ctx, struct str mail)
{
	struct setup *s = ctx;

	return imap(s,
	    arena_printf(&s->w->arena,
		"APPEND \"" STR_FMT "\" {%zu+}\r\n" STR_FMT,
		STR_ARG(s->mailbox), mail.n, STR_ARG(mail)));
}

static const char *
fill(struct setup *s, struct str rest, const char *data)
{
	struct str word;

	s->mailbox = S("INBOX");
	while ((word = mail_cut_word(&rest)).n > 0) {
		if (str_eq(word, S("<"))) {
			const char *path;

			word = mail_cut_word(&rest);
			path = arena_printf(
			    &s->w->arena, "%s/" STR_FMT, data, STR_ARG(word))
				   .p;
			if (!mail_read_mbox(path, append, s))
				return "The mail cannot be appended";
			continue;
		}
		s->mailbox = word;
		if (!str_eq(word, S("INBOX")) &&
		    !imap(s, with_name(s, "CREATE", word)))
			return "A mailbox cannot be made";
	}
	return NULL;
}

const char *
world_account(struct world *w, struct str text, const char *data)
{
	struct str rest = text, name = mail_cut_word(&rest), as = w->protocol;
	struct link l = {.fd = -1};
	struct setup s = {.w = w, .l = &l};
	const char *error = NULL;

	name = arena_printf(&w->arena, STR_FMT DOMAIN, STR_ARG(name));
	if (!command("add", name.p))
		return "The account cannot be made";
	*VEC_ADD(w, accounts) = name;
	w->protocol = S("imap");
	if (!link_connect(w, &l, false) || !log_in(w, &l, name) ||
	    !imap(&s, S("ENABLE IMAP4rev2")) || !only_inbox(&s))
		error = "The account cannot be made ready";
	if (!error)
		error = fill(&s, rest, data);
	w->protocol = as;
	link_close(&l);
	buf_release(&l.said);
	return error;
}

void
world_free(struct world **wp)
{
	struct world *w = *wp;
	size_t i;

	for (i = 0; i < CONNECTIONS; i++) {
		link_close(&w->links[i]);
		buf_release(&w->links[i].said);
	}
	for (i = 0; i < w->n_accounts; i++)
		if (!command("remove", w->accounts[i].p))
			fprintf(stderr, "An account cannot be removed\n");
	free(w->accounts);
	if (w->tls)
		SSL_CTX_free(w->tls);
	arena_release(&w->arena);
	free(w);
	*wp = NULL;
}
