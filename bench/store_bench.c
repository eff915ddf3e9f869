/*
 * What the store costs, without protocols or processes:
 *
 *	build/store_bench [FOLDER [MESSAGES]]
 *
 * makes a store in a new folder below FOLDER (/tmp) and prints a line per
 * figure: wall time and CPU time (user and system) of each operation.
 */
#include "store_rig.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "store/message.h"
#include "store/view.h"

enum { SINGLE = 2000, BATCH = 500, BIG = 34 * 1024 * 1024, PART = 64 * 1024 };

static const struct viewer viewer = {STR_INIT("anna@example.org"), RIGHT_ALL};
static uint64_t inbox;

static double wall_then, cpu_then;

static void
begin(void)
{
	wall_then = ms(CLOCK_MONOTONIC);
	cpu_then = ms(CLOCK_PROCESS_CPUTIME_ID);
}

static void
end(const char *what, size_t n)
{
	double wall = ms(CLOCK_MONOTONIC) - wall_then;
	double cpu = ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_then;

	printf("%-34s %8zu times  %9.2f us  %9.2f us CPU  %9.0f/s\n", what, n,
	    wall * 1e3 / (double)n, cpu * 1e3 / (double)n,
	    (double)n * 1e3 / wall);
}

static struct incoming *
message(size_t i)
{
	struct incoming *in = incoming_new(-1, 1 << 20);
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b,
	    "Received: from mx.example.net (mx.example.net [192.0.2.1])\r\n"
	    "\tby mail.example.org with ESMTPS id %zu;\r\n"
	    "\tMon, 2 Mar 2026 10:00:00 +0000\r\n"
	    "From: \"Sender %zu\" <sender%zu@example.net>\r\n"
	    "To: Anna <anna@example.org>, Bert <bert@example.org>\r\n"
	    "Subject: Message number %zu about the plan\r\n"
	    "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\n"
	    "Message-ID: <%zu@example.net>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n\r\n",
	    i, i, i % 100, i, i);
	while (b.n < 4000)
		buf_addf(&b, "Line %zu of the message with some words.\r\n",
		    b.n * i);
	must(incoming_write(in, buf_str(&b)), "write");
	must(incoming_finish(in), "finish");
	buf_release(&b);
	return in;
}

static void
append(struct incoming **in, size_t n, enum change_kind kind)
{
	struct change c = {
	    .kind = kind,
	    .origin = &origin,
	    .mailbox = inbox,
	    .messages = in,
	    .n_messages = n,
	};

	ask(&c, "append");
	arena_reset(&arena);
}

static void
parsing(void)
{
	begin();
	for (size_t i = 0; i < SINGLE; i++) {
		struct incoming *in = message(i);

		incoming_free(&in);
	}
	end("receive, 4 KB (no store)", SINGLE);
}

static void
deliveries(void)
{
	begin();
	for (size_t i = 0; i < SINGLE; i++) {
		struct incoming *in = message(i);

		append(&in, 1, CHANGE_DELIVER);
		incoming_free(&in);
	}
	end("deliver, 4 KB, each its own turn", SINGLE);
}

/* As many as wait for one turn: what a busy account costs. */
static void
grouped(size_t n, size_t at_once)
{
	struct incoming *in[BATCH];

	begin();
	for (size_t i = 0; i < n; i += at_once) {
		struct change c = {.kind = CHANGE_DELIVER, .origin = &origin};

		n_answers = 0;
		for (size_t k = 0; k < at_once; k++) {
			in[k] = message(i + k);
			c.messages = &in[k];
			c.n_messages = 1;
			store_submit(store, account, &c, k);
		}
		while (store_run(store) || n_answers < at_once)
			;
		for (size_t k = 0; k < at_once; k++)
			incoming_free(&in[k]);
	}
	end(at_once == 50 ? "deliver, 50 a turn" : "deliver, 500 a turn", n);
}

static size_t bytes;

static bool
see(void *ctx UNUSED, size_t i UNUSED, const struct message *m, struct str s)
{
	bytes += s.n + m->size;
	return true;
}

static void
walks(void)
{
	struct view *v;
	struct message m;
	uint64_t *ids;
	uint32_t n;

	begin();
	must(view_open(account, &viewer, inbox, &v), "open");
	end("open the mailbox, per message", view_count(v));
	n = view_count(v);
	ids = mem_alloc(n * sizeof(*ids));
	for (uint32_t i = 0; i < n; i++) {
		struct entry e;

		view_entry(v, i + 1, &e);
		ids[i] = e.message;
	}
	for (int round = 0; round < 2; round++) {
		begin();
		message_reading(account);
		must(message_walk(account, ids, n, see, NULL), "walk");
		message_read_done(account);
		end(round ? "walk summaries, again" : "walk summaries", n);
	}
	message_reading(account);
	begin();
	for (uint32_t i = 0; i < n; i++)
		must(message_get(account, ids[i], &m), "get");
	end("message_get", n);
	message_read_done(account);
	begin();
	for (uint32_t i = 0; i < n; i += 50) {
		struct buf b;

		buf_init(&b, 1 << 20);
		must(message_read(account, ids[i], 0, 1 << 20, &b), "read");
		bytes += b.n;
		buf_release(&b);
	}
	end("read 4 KB", n / 50);
	free(ids);
	view_close(&v);
}

static void
flags(uint32_t n)
{
	struct change c = {.kind = CHANGE_FLAGS,
	    .origin = &origin,
	    .mailbox = inbox,
	    .op = FLAGS_ADD,
	    .flags = {.bits = FLAG_SEEN}};
	struct view *v;
	struct view_news news;
	struct arena a = ARENA_INIT;

	must(view_open(account, &viewer, inbox, &v), "open");
	begin();
	for (uint32_t i = 0; i < 1000; i++) {
		uidset_add(&c.uids, i + 1, i + 1);
		ask(&c, "flags");
		uidset_release(&c.uids);
		view_sync(v, true, &a, &news);
		arena_reset(&a);
		arena_reset(&arena);
	}
	end("flags of one, and sync a view", 1000);
	begin();
	for (uint32_t i = 0; i < 1000; i++)
		view_sync(v, true, &a, &news);
	end("sync a view, nothing new", 1000);
	begin();
	for (uint32_t i = 0; i < n; i += 10000) {
		uidset_add(&c.uids, i + 1, i + 10000);
		ask(&c, "flags");
		uidset_release(&c.uids);
		arena_reset(&arena);
	}
	end("flags, 10,000 a turn", n);
	begin();
	view_sync(v, true, &a, &news);
	end("sync a view, all changed", n);
	view_close(&v);
	arena_release(&a);
}

static void
big(void)
{
	/* As a worker does it: a file that can be linked (S6). */
	int fd = open(root, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct incoming *in = incoming_new(fd, BIG);
	struct rusage before, after;
	struct view *v;
	struct entry e;
	struct buf b;
	char line[78];

	getrusage(RUSAGE_SELF, &before);
	begin();
	must(incoming_write(in, S("Subject: big\r\n\r\n")), "write");
	for (size_t n = 16; n + 78 <= BIG; n += 78) {
		uint64_t x = n * UINT64_C(0x9e3779b97f4a7c15);

		for (size_t i = 0; i < 76; i++) {
			x = x * UINT64_C(6364136223846793005) + 1;
			line[i] = (char)('A' + (x >> 33) % 26);
		}
		line[76] = '\r';
		line[77] = '\n';
		must(incoming_write(in, str_of(line, 78)), "write");
	}
	must(incoming_finish(in), "finish");
	end("receive 34 MB", 1);
	begin();
	append(&in, 1, CHANGE_APPEND);
	end("append it", 1);
	incoming_free(&in);
	getrusage(RUSAGE_SELF, &after);
	printf("%-34s %8ld KiB\n", "memory grew by",
	    after.ru_maxrss - before.ru_maxrss);
	must(view_open(account, &viewer, inbox, &v), "open");
	view_entry(v, view_count(v), &e);
	buf_init(&b, PART);
	begin();
	for (uint64_t i = 0; i < 100; i++) {
		buf_clear(&b);
		must(message_read(account, e.message,
			 (i * 77777777) % (BIG - PART - 100), PART, &b),
		    "part");
	}
	end("64 KiB out of 34 MB", 100);
	buf_release(&b);
	view_close(&v);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
	const struct mailbox *m;

	make_store(argc > 1 ? argv[1] : "/tmp", &clock_system);
	must(mailbox_find(account, &viewer, S("INBOX"), &m), "INBOX");
	inbox = m->id;
	parsing();
	deliveries();
	grouped(SINGLE, 50);
	grouped(n - 2 * SINGLE, BATCH);
	walks();
	flags((uint32_t)n);
	big();
	account_unref(&account);
	begin();
	store_close(&store);
	end("close", 1);
	begin();
	open_store();
	end("open the account", 1);
	remove_store();
	return bytes == 0;
}
