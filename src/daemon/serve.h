/* `mailstead serve [-c FILE] [-d DATA] [-o KEY=VALUE]...` */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include "daemon/config.h"

#define DEFAULT_DATA "/var/lib/mailstead"
#define DEFAULT_FILE "/etc/mailstead.conf"

/* argv[0] is "serve". The exit status: 0 done, 1 not done, 2 usage. */
int serve_main(int argc, char **argv);

/*
 * The settings of a command line: `file` and `data` may be NULL. Used by all
 * verbs, so that they all find the same DATA. *why_out as config_load says.
 */
enum status serve_settings(const char *file, const char *data,
    char *const *overrides, size_t n, struct config **out,
    const char **why_out) MUST_CHECK;

#endif
