/*
 * The unique-ids that a former POP3 server gave to messages (RFC 1939 UIDL),
 * found again by the messages' headers: then no POP3 client downloads
 * everything once more after a migration.
 */
#ifndef CLI_UIDLS_H
#define CLI_UIDLS_H

#include "cli/mail_server.h"

struct uidls;

/*
 * Logs in and asks for the header of each message (TOP). `tell` is called for
 * progress. `why` gets a sentence.
 */
enum status uidls_load(const struct mail_server *m,
    void (*tell)(void *ctx, uint64_t done), void *ctx, struct uidls **out,
    struct buf *why) MUST_CHECK;
void uidls_free(struct uidls **u);

size_t uidls_count(const struct uidls *u);
/*
 * The unique-id of a message with that header, "" when the server had none.
 * Of several messages with one header each is given once, in their order.
 */
struct str uidls_take(struct uidls *u, struct str header);

#endif
