#ifndef AUTH_ADMIN_INT_H
#define AUTH_ADMIN_INT_H

#include "auth/admin.h"
#include "auth/record.h"

/* One request being run. */
struct admin_call {
	const struct admin *ad;
	struct str request;
	struct arena *arena;
	struct buf *answer;
	struct str why; /* when it fails; else the status says it */
};

typedef enum status admin_fn(struct admin_call *call);

/* admin.c */
enum status admin_fail(struct admin_call *call, enum status st, const char *fmt,
    ...) PRINTF(3, 4) MUST_CHECK;
/* The normal form of a field that must be there. */
enum status admin_address(
    struct admin_call *call, const char *key, struct str *out) MUST_CHECK;
enum status admin_domain(struct admin_call *call, struct str *out) MUST_CHECK;
enum status admin_account(struct admin_call *call, const char *key,
    struct directory_account *out) MUST_CHECK;
void admin_revoke(struct admin_call *call, struct str account, struct str cred);
/* The sessions that a credential opened, wherever it may have opened any. */
enum status admin_revoke_credential(
    struct admin_call *call, const struct credential *cred) MUST_CHECK;

/* admin_password.c: adds a password; generated unless `chosen` is given.
 * Generated text is left in *shown_out. */
enum status admin_add_password(struct admin_call *call, struct credential *cred,
    const struct str *chosen, struct str *shown_out) MUST_CHECK;

admin_fn admin_domain_add, admin_domain_list, admin_domain_set,
    admin_domain_remove, admin_account_begin, admin_account_ready,
    admin_account_find, admin_account_show, admin_account_list,
    admin_account_set, admin_account_remove, admin_account_restore,
    admin_password_set, admin_app_add, admin_app_list, admin_app_revoke,
    admin_suspend, admin_resume;

#endif
