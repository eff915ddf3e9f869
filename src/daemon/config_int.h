#ifndef DAEMON_CONFIG_INT_H
#define DAEMON_CONFIG_INT_H

#include "daemon/config.h"

/* A sentence for the operator; good until the next one. */
const char *config_why(const char *fmt, ...) PRINTF(1, 2);

/* The row of a setting, or NULL. */
const struct option_row *config_row(struct str key);

/* config_value.c: is it text; where that is kept; a value from its text. */
bool config_is_text(const struct option_row *r);
char **config_text(const struct config *c, const struct option_row *r);
enum status config_set_row(struct config *c, const struct option_row *r,
    struct str value, const char **why_out) MUST_CHECK;

/* config_file.c: sets what the file says, and remembers its name. */
enum status config_read(
    struct config *c, const char *file, const char **why_out) MUST_CHECK;

#endif
