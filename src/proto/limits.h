/*
 * Every limit a peer can meet, with its reason.
 */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

enum {
	/* Before login: commands are short, and nobody is known yet. */
	LIMIT_LOGIN_LINE = 8 * 1024,    /* SASL responses can be long */
	LIMIT_LOGIN_LITERAL = 4 * 1024, /* user name and password */
	LIMIT_LOGIN_COMMANDS = 60,      /* commands without a login */
	LIMIT_LOGIN_BAD = 5,            /* unknown commands: HTTP at the door */
	LIMIT_LOGIN_FAILURES = 5,       /* wrong passwords in one connection */
	LIMIT_LOGIN_MS = 60 * 1000,     /* until logged in */

	/* After login. */
	LIMIT_LINE = 64 * 1024,         /* RFC 7162 advises 8,000 at least */
	LIMIT_COMMAND = 1024 * 1024,    /* all of a command but APPEND's body */
	LIMIT_LITERAL = 256 * 1024,     /* a literal that is not a message */
	LIMIT_NESTING = 64,             /* parentheses and NOT/OR in SEARCH */
	LIMIT_BAD_COMMANDS = 50,        /* in a row, then BYE */
	LIMIT_IDLE_MS = 30 * 60 * 1000, /* RFC 9051 5.4 */
	LIMIT_POP3_IDLE_MS = 10 * 60 * 1000, /* RFC 1939 3 */
	LIMIT_LMTP_IDLE_MS = 5 * 60 * 1000,  /* RFC 5321 4.5.3.2 */

	/* LMTP. */
	LIMIT_SMTP_LINE = 2048,  /* RFC 5321 4.5.3.1: 512, parameters */
	LIMIT_RECIPIENTS = 1000, /* RFC 5321 4.5.3.1.8: at least 100 */
	LIMIT_RECEIVED = 100,    /* hops: beyond it is a loop */
};

#endif
