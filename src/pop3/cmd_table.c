#include "pop3/cmd_table.h"

enum { BOTH = POP3_AUTHORIZATION | POP3_TRANSACTION };

static const struct pop3_cmd cmds[] = {
    /* name, states, least and most arguments, rest, run */
    {STR_INIT("AUTH"), POP3_AUTHORIZATION, 0, 2, false, pop3_auth},
    {STR_INIT("CAPA"), BOTH, 0, 0, false, pop3_capa},
    {STR_INIT("DELE"), POP3_TRANSACTION, 1, 1, false, pop3_dele},
    {STR_INIT("LANG"), BOTH, 0, 1, false, pop3_lang},
    {STR_INIT("LIST"), POP3_TRANSACTION, 0, 1, false, pop3_list},
    {STR_INIT("NOOP"), POP3_TRANSACTION, 0, 0, false, pop3_noop},
    {STR_INIT("PASS"), POP3_AUTHORIZATION, 1, 1, true, pop3_pass},
    {STR_INIT("QUIT"), BOTH, 0, 0, false, pop3_quit},
    {STR_INIT("RETR"), POP3_TRANSACTION, 1, 1, false, pop3_retr},
    {STR_INIT("RSET"), POP3_TRANSACTION, 0, 0, false, pop3_rset},
    {STR_INIT("STAT"), POP3_TRANSACTION, 0, 0, false, pop3_stat},
    {STR_INIT("STLS"), POP3_AUTHORIZATION, 0, 0, false, pop3_stls},
    {STR_INIT("TOP"), POP3_TRANSACTION, 2, 2, false, pop3_top},
    {STR_INIT("UIDL"), POP3_TRANSACTION, 0, 1, false, pop3_uidl},
    {STR_INIT("USER"), POP3_AUTHORIZATION, 1, 1, true, pop3_user},
    {STR_INIT("UTF8"), POP3_AUTHORIZATION, 0, 0, false, pop3_utf8},
};

const struct pop3_cmd *
pop3_cmd_find(struct str name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(cmds); i++)
		if (str_eqi(cmds[i].name, name))
			return &cmds[i];
	return NULL;
}
