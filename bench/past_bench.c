/*
 * What the past costs: states of it, restores, and the bytes of history.
 *
 *	build/past_bench [FOLDER [MESSAGES]]
 *
 * makes a store in a new folder below FOLDER (/tmp) and prints its figures.
 */
#include "store_rig.h"

#include <sys/stat.h>

#include "store/past.h"
#include "store/restore.h"

enum { AT_ONCE = 500, CHANGES = 200000, FOLDER = 10000, ROUNDS = 5 };

static int64_t wall = INT64_C(1790000000000);

static int64_t
bench_wall(void *ctx UNUSED)
{
	return wall;
}

static uint64_t
mailbox(const char *name)
{
	const struct mailbox *m;

	must(mailbox_find(account, NULL, str_from(name), &m), name);
	return m->id;
}

static uint64_t
now(void)
{
	struct account_usage u;

	account_usage(account, &u);
	return u.modseq;
}

static void
fill(const char *name, size_t n)
{
	struct change c = {
	    .kind = CHANGE_CREATE, .origin = &origin, .name = str_from(name)};
	struct incoming *in[AT_ONCE];

	ask(&c, "create");
	c.kind = CHANGE_APPEND;
	c.mailbox = mailbox(name);
	c.messages = in;
	c.n_messages = AT_ONCE;
	for (size_t i = 0; i < n; i += AT_ONCE) {
		for (size_t k = 0; k < AT_ONCE; k++) {
			in[k] = incoming_new(-1, 1 << 20);
			must(incoming_write(in[k],
				 S("Subject: one of many\r\n\r\nHello\r\n")),
			    "write");
			must(incoming_finish(in[k]), "finish");
		}
		ask(&c, "append");
		for (size_t k = 0; k < AT_ONCE; k++)
			incoming_free(&in[k]);
		arena_reset(&arena);
	}
}

/* Bytes of one of the account's files once the WAL is in the database. */
static int64_t
file_bytes(const char *file)
{
	struct buf path;
	struct stat sb;

	buf_init(&path, 4096);
	buf_addf(&path, "%s/accounts/an/anna/%s", root, file);
	if (stat(path.p, &sb) != 0)
		must(ST_IO, path.p);
	buf_release(&path);
	return sb.st_size;
}

/* Flags of one message after the other, over three days. */
static void
single_flags(uint64_t box, uint32_t n_messages)
{
	struct change c[AT_ONCE];
	uint64_t x = 1;

	for (size_t i = 0; i < CHANGES; i += AT_ONCE) {
		n_answers = 0;
		wall += 3LL * 86400 * 1000 * AT_ONCE / CHANGES;
		for (size_t k = 0; k < AT_ONCE; k++) {
			uint32_t uid;

			x = x * UINT64_C(6364136223846793005) + 1;
			uid = 1 + (uint32_t)(x >> 33) % n_messages;
			c[k] = (struct change){.kind = CHANGE_FLAGS,
			    .origin = &origin,
			    .mailbox = box,
			    .op = x >> 32 & 1 ? FLAGS_ADD : FLAGS_REMOVE,
			    .flags = {.bits = 1u << (x >> 40) % 5}};
			uidset_add(&c[k].uids, uid, uid);
			store_submit(store, account, &c[k], k);
		}
		while (store_run(store) || n_answers < AT_ONCE)
			;
		for (size_t k = 0; k < AT_ONCE; k++)
			uidset_release(&c[k].uids);
	}
}

static void
past_state(uint64_t box, uint64_t at)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct past_state s;
		double wall_ms = ms(CLOCK_MONOTONIC);
		double cpu = ms(CLOCK_PROCESS_CPUTIME_ID);

		must(past_mailbox(account, box, at, &arena, &s), "past");
		printf("  state of %zu messages, %d changes ago: %.1f ms, "
		       "%.1f CPU\n",
		    s.n, CHANGES, ms(CLOCK_MONOTONIC) - wall_ms,
		    ms(CLOCK_PROCESS_CPUTIME_ID) - cpu);
		arena_reset(&arena);
	}
}

static void
bulk_flags(uint64_t box, uint32_t n_messages)
{
	int64_t before;

	close_store();
	before = file_bytes("mail.db");
	open_store();
	for (uint32_t i = 0; i < n_messages; i += FOLDER) {
		struct change c = {.kind = CHANGE_FLAGS,
		    .origin = &origin,
		    .mailbox = box,
		    .op = FLAGS_ADD,
		    .flags = {.bits = FLAG_SEEN | FLAG_ANSWERED}};

		uidset_add(&c.uids, i + 1, i + FOLDER);
		ask(&c, "flags");
		uidset_release(&c.uids);
		arena_reset(&arena);
	}
	close_store();
	printf("history of flags in bulk: %.2f bytes a message\n",
	    (double)(file_bytes("mail.db") - before) / n_messages);
	open_store();
}

static void
delete_and_restore(const char *name)
{
	struct change c = {
	    .kind = CHANGE_DELETE, .origin = &origin, .mailbox = mailbox(name)};
	uint64_t at = now();
	int64_t pack;
	double wall_ms = ms(CLOCK_MONOTONIC), cpu;

	ask(&c, "delete");
	printf("delete %s: %.0f ms\n", name, ms(CLOCK_MONOTONIC) - wall_ms);
	close_store();
	open_store();
	pack = file_bytes("pack-000001");
	c = (struct change){.kind = CHANGE_RESTORE,
	    .origin = &origin,
	    .name = str_from(name),
	    .at = at};
	wall_ms = ms(CLOCK_MONOTONIC);
	cpu = ms(CLOCK_PROCESS_CPUTIME_ID);
	ask(&c, "restore");
	printf("restore %s: %u messages in %.0f ms, %.0f CPU, durable; "
	       "the pack grew by %lld bytes\n",
	    name, done.brought.kept, ms(CLOCK_MONOTONIC) - wall_ms,
	    ms(CLOCK_PROCESS_CPUTIME_ID) - cpu,
	    (long long)(file_bytes("pack-000001") - pack));
}

static void
expunge_and_restore(uint64_t box)
{
	struct change c = {.kind = CHANGE_EXPUNGE,
	    .origin = &origin,
	    .mailbox = box,
	    .forced = true};
	uint64_t at = now();
	double wall_ms;

	uidset_add(&c.uids, 1, FOLDER);
	ask(&c, "expunge");
	uidset_release(&c.uids);
	c = (struct change){
	    .kind = CHANGE_UNDO, .origin = &origin, .first = at + 1};
	c.last = c.first;
	wall_ms = ms(CLOCK_MONOTONIC);
	ask(&c, "undo");
	printf("undo an expunge: %u messages in %.0f ms\n", done.brought.fresh,
	    ms(CLOCK_MONOTONIC) - wall_ms);
}

int
main(int argc, char **argv)
{
	uint32_t n = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100000;
	const struct clock clock = {bench_wall, clock_system.mono_ms, NULL};
	int64_t before;
	uint64_t at;

	make_store(argc > 1 ? argv[1] : "/tmp", &clock);
	fill("big", n);
	fill("ten thousand", FOLDER);
	at = now();
	close_store();
	before = file_bytes("mail.db");
	open_store();
	single_flags(mailbox("big"), n);
	close_store();
	printf("history of a single flag change: %.1f bytes\n",
	    (double)(file_bytes("mail.db") - before) / CHANGES);
	open_store();
	past_state(mailbox("big"), at);
	bulk_flags(mailbox("big"), n);
	delete_and_restore("ten thousand");
	delete_and_restore("big");
	expunge_and_restore(mailbox("big"));
	remove_store();
	return 0;
}
