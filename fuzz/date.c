/* What is read can be written and read again. */
#include "base/date.h"
#include "fuzz.h"

static void
round_trip(struct date d)
{
	struct date again;
	struct buf b;

	/* Times beyond four digits of a year come from a zone at the edge. */
	if (date_civil(d).year < 0 || date_civil(d).year > 9999)
		return;
	buf_init(&b, 200);
	date_write_imap(d, &b);
	ASSERT(date_parse_imap(buf_str(&b), &again) == ST_OK);
	ASSERT(again.ms == d.ms - d.ms % 1000 && again.zone == d.zone);
	buf_clear(&b);
	date_write_rfc5322(d, &b);
	ASSERT(date_parse_rfc5322(buf_str(&b), &again) == ST_OK);
	buf_clear(&b);
	date_write_iso(d, &b);
	ASSERT(date_parse_human(buf_str(&b), d, &again) == ST_OK);
	ASSERT(again.ms == d.ms - d.ms % 1000);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_str(data, size);
	struct date now = {1700000000000, 60}, d;
	int64_t days;

	if (date_parse_rfc5322(in, &d) == ST_OK)
		round_trip(d);
	if (date_parse_imap(in, &d) == ST_OK)
		round_trip(d);
	if (date_parse_human(in, now, &d) == ST_OK && d.ms % 1000 == 0)
		round_trip(d);
	if (date_parse_imap_day(in, &days) == ST_OK)
		round_trip((struct date){days * 86400000, 0});
	return 0;
}
