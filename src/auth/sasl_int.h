#ifndef AUTH_SASL_INT_H
#define AUTH_SASL_INT_H

#include "auth/sasl.h"

/* A prepared copy in the arena; false when there is none or it is empty. */
bool sasl_prepare(struct sasl *s, struct str in, struct str *out) MUST_CHECK;

enum sasl_next sasl_scram_first(struct sasl *s, struct str in) MUST_CHECK;
enum sasl_next sasl_scram_final(struct sasl *s, struct str in) MUST_CHECK;

#endif
