/* Private to sandbox*.c. */
#ifndef DAEMON_SANDBOX_INT_H
#define DAEMON_SANDBOX_INT_H

#include "daemon/sandbox.h"

bool sandbox_opens_data(enum role r);
bool sandbox_syscalls(enum role r) MUST_CHECK;
bool sandbox_files(enum role r, const char *data) MUST_CHECK;

#endif
