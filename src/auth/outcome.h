/*
 * How a step of an authentication ends: what `auth` tells `login`, and what a
 * session is answered.
 */
#ifndef AUTH_OUTCOME_H
#define AUTH_OUTCOME_H

enum auth_outcome {
	AUTH_CHALLENGE,   /* send data, expect a response */
	AUTH_SUCCESS,     /* wants.HANDOVER follows; data: final text */
	AUTH_FAILED,      /* wrong credentials */
	AUTH_UNAVAILABLE, /* queue full or auth is away */
	AUTH_DISABLED,    /* right password, protocol switched off */
	AUTH_EXPIRED,
	AUTH_BAD, /* the exchange itself is malformed */
	AUTH_NO_MECHANISM,
};

#endif
