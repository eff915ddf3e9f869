#include "daemon/child.h"

const struct role_def *const role_defs[ROLES] = {
    [ROLE_SYNC] = &role_sync,
};
