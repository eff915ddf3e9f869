/* sd_notify(3) without its library: one datagram to $NOTIFY_SOCKET. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

/* Reads the variable and takes it out of the environment. */
void notify_init(void);
/* "READY=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1" */
void notify(const char *state);
/* RELOADING=1 needs the time (sd_notify(3)). */
void notify_reloading(void);

#endif
