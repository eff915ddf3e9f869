#include "daemon/child.h"

const struct role_def *const role_defs[ROLES] = {
    [ROLE_AUTH] = &role_auth,
    [ROLE_DELIVER] = &role_deliver,
    [ROLE_HASH] = &role_hash,
    [ROLE_KEEPER] = &role_keeper,
    [ROLE_LOGIN] = &role_login,
    [ROLE_SYNC] = &role_sync,
    [ROLE_TLS] = &role_tls,
    [ROLE_WORKER] = &role_worker,
};
