/*
 * The supervisor: `mailstead serve`. Opens listeners, owns DATA, starts its
 * children and starts them again, reloads at SIGHUP and drains at SIGTERM.
 */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

#include "daemon/config.h"

/* Takes the config over; runs until told to end; the exit status. */
int supervisor_main(struct config *config);

#endif
