/* Pieces that date.c, date_mail.c and date_human.c share. */
#ifndef BASE_DATE_INT_H
#define BASE_DATE_INT_H

#include "base/date.h"

/* Takes least..most digits off *s. */
bool date_number(struct str *s, size_t least, size_t most, int *out);
bool date_skip(struct str *s, char c);
bool date_offset(struct str *s, bool colon, int32_t *zone);
bool date_clock(struct str *s, struct civil *c); /* 02:44:25 */

#endif
