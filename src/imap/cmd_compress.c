/* RFC 4978:  compress = "COMPRESS" SP algorithm */
#include "imap/session.h"

struct compress_args {
	struct str algorithm;
};

static bool
compress_parse(struct imap_parse *p, void *args)
{
	struct compress_args *a = args;

	return parse_sp(p) && parse_atom(p, &a->algorithm) && parse_crlf(p);
}

static enum imap_step
compress_run(struct imap_call *call)
{
	const struct compress_args *a = call->args;

	if (!str_eqi(a->algorithm, S("DEFLATE"))) {
		call->status = ST_CANNOT;
		call->text = S("DEFLATE is the only algorithm");
	} else if (call->s->compressed) {
		call->status = ST_CANNOT;
		call->code = S("COMPRESSIONACTIVE");
		call->text = S("The connection is compressed already");
	} else {
		call->compress = true;
		call->text = S("Compression begins behind this line");
	}
	return IMAP_DONE;
}

const struct imap_cmd imap_cmd_compress = {
    .name = "COMPRESS",
    .rfc = "RFC 4978",
    .capability = "COMPRESS=DEFLATE",
    .states = IMAP_LOGGED_IN,
    .flags = IMAP_NO_NEWS,
    .args_size = sizeof(struct compress_args),
    .parse = compress_parse,
    .run = compress_run,
};
