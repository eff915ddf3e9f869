/*
 * Opening an account whose end may have been unclean: the database, what the
 * packs hold beyond it (S3), the epoch (S22).
 */
#ifndef STORE_RECOVER_INT_H
#define STORE_RECOVER_INT_H

#include "store/account_int.h"

/*
 * Stands in the folder of an account that comes from a backup, or whose
 * mail.db is being rebuilt, until its numbers have been raised (S22).
 */
#define RECREATED_MARK "recreated"

/* a->dir_fd is open; opens mail.db and the packs and loads the account. */
enum status recover_account(struct account *a) MUST_CHECK;

#endif
