/*
 * What LOGIN and AUTHENTICATE share: steps asked of `auth`, and what their
 * outcome means to the client.
 */
#ifndef IMAP_LOGIN_H
#define IMAP_LOGIN_H

#include "imap/session.h"

/* Asks one step; everything in it lives in the call's arena. */
void imap_login_ask(struct imap_call *call, const struct auth_step *step);

/* AUTH_SUCCESS: fills the handover and wants it. */
void imap_login_handover(struct imap_call *call, bool sasl);

/* Anything but AUTH_SUCCESS and AUTH_CHALLENGE: sets status, code, text. */
void imap_login_failed(
    struct imap_call *call, enum status st, const struct auth_reply *reply);

#endif
