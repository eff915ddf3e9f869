# RFC 1939 7: USER and PASS; nobody learns which of the two is wrong
@covers  RFC1939-4-1  RFC2449-8-1
@account alice  INBOX < three.mbox
@login

C: NOOP
S: +OK mx.test Mailstead ready
S: -ERR Not in this state
C: PASS ${password}
S: -ERR First the name: USER
C: USER alice
S: +OK Now the password
C: PASS wrong
S: -ERR [AUTH] The name or the password is wrong
C: USER nobody
S: +OK Now the password
C: PASS ${password}
S: -ERR [AUTH] The name or the password is wrong
C: USER
S: -ERR The arguments are not valid
C: user alice
S: +OK Now the password
C: pass ${password}
S: +OK 3 messages (${all} octets)
C: STAT
S: +OK 3 ${all}
C: USER alice
S: -ERR Not in this state
C: UTF8
S: -ERR Not in this state
C: QUIT
S: +OK Goodbye
-- closed
