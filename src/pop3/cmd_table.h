/* The rows of cmd_table.c, by the file they are in. */
#ifndef POP3_CMD_TABLE_H
#define POP3_CMD_TABLE_H

#include "pop3/session.h"

/* auth.c */
enum pop3_step pop3_auth(struct pop3 *s, struct buf *out);
/* login.c */
enum pop3_step pop3_user(struct pop3 *s, struct buf *out);
enum pop3_step pop3_pass(struct pop3 *s, struct buf *out);
enum pop3_step pop3_login_result(struct pop3 *s, struct buf *out);
/* capa.c */
enum pop3_step pop3_capa(struct pop3 *s, struct buf *out);
enum pop3_step pop3_lang(struct pop3 *s, struct buf *out);
enum pop3_step pop3_stls(struct pop3 *s, struct buf *out);
enum pop3_step pop3_utf8(struct pop3 *s, struct buf *out);
void pop3_write_mechanisms(const struct pop3 *s, struct buf *out,
    const char *before, const char *after);
/* list.c */
enum pop3_step pop3_list(struct pop3 *s, struct buf *out);
enum pop3_step pop3_stat(struct pop3 *s, struct buf *out);
enum pop3_step pop3_uidl(struct pop3 *s, struct buf *out);
/* retr.c */
enum pop3_step pop3_retr(struct pop3 *s, struct buf *out);
enum pop3_step pop3_top(struct pop3 *s, struct buf *out);
/* update.c */
enum pop3_step pop3_dele(struct pop3 *s, struct buf *out);
enum pop3_step pop3_noop(struct pop3 *s, struct buf *out);
enum pop3_step pop3_rset(struct pop3 *s, struct buf *out);
enum pop3_step pop3_quit(struct pop3 *s, struct buf *out);

#endif
