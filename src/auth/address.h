/*
 * Mail addresses as this server compares them: local part in lower case (no
 * two of our accounts differ by case) and NFC, quotes that change nothing
 * removed. A domain is kept as its A-labels (RFC 5890), in which all the world
 * can write it: müller.example and xn--mller-kva.example are one domain.
 */
#ifndef AUTH_ADDRESS_H
#define AUTH_ADDRESS_H

#include "base/arena.h"

enum { ADDRESS_LOCAL_MAX = 64, ADDRESS_DOMAIN_MAX = 255 }; /* RFC 5321 4.5.3 */

/* ST_INVALID when it is none. The result lives in the arena. */
enum status address_normal(
    struct str in, struct arena *a, struct str *out) MUST_CHECK;
enum status domain_normal(
    struct str in, struct arena *a, struct str *out) MUST_CHECK;

/* Of a normal one, for people: müller.example. */
struct str domain_readable(struct str domain, struct arena *a);
struct str address_readable(struct str address, struct arena *a);

/* Of a normal address. */
struct str address_local(struct str address);
struct str address_domain(struct str address);

/*
 * anna+shop@example.org -> anna@example.org and shop (RFC 5233); false when
 * there is no detail.
 */
bool address_detail(struct str address, struct arena *a, struct str *base_out,
    struct str *detail_out) MUST_CHECK;

#endif
