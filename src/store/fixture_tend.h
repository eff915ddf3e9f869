/* For x_test.c files of store/: a keeper beside the fixture's store. */
#ifndef STORE_FIXTURE_TEND_H
#define STORE_FIXTURE_TEND_H

#include "store/fixture.h"
#include "store/tender.h"

/* Time passes, and the keeper sees it pass. */
static inline void
fixture_pass(struct fixture *f, struct timeline *t, int64_t ms)
{
	while (ms > 0) {
		int64_t n = ms < 600000 ? ms : 600000;

		f->wall += n;
		f->mono += n;
		timeline_tick(t, f->wall, f->mono);
		ms -= n;
	}
}

static inline struct tender_config
fixture_tender(struct fixture *f, const struct timeline *t, int64_t retention)
{
	return (struct tender_config){
	    .root = str_from(f->root),
	    .account = S("anna"),
	    .clock = &f->clock,
	    .random = &f->random,
	    .times = t,
	    .retention = retention,
	    .thorough = true,
	};
}

/* One whole run over the account. */
static inline struct tender_report
fixture_tend_with(struct fixture *f, const struct tender_config *cfg)
{
	struct tender *k;
	struct tender_report report;
	const struct tend *piece;
	enum tender_next next;

	assert_ok(tender_open(cfg, &k));
	while ((next = tender_step(k, &piece)) != TENDER_DONE) {
		struct tended done = {0};

		assert_int_not_equal(next, TENDER_LATER);
		if (next == TENDER_ASK) {
			enum status st =
			    store_tend_do(f->store, f->a, piece, &done);

			tender_answered(k, st, &done);
		}
	}
	assert_ok(tender_status(k));
	report = *tender_report(k);
	tender_close(&k);
	return report;
}

static inline struct tender_report
fixture_tend(struct fixture *f, const struct timeline *t, int64_t retention)
{
	struct tender_config cfg = fixture_tender(f, t, retention);

	return fixture_tend_with(f, &cfg);
}

#endif
