# RFC 2449 6.6: commands that come before the answers; the login, too
@covers  RFC2449-6.6-1
@account alice  INBOX < three.mbox
@login

C> USER alice
C> PASS ${password}
C> STAT
C> DELE 1
C: QUIT
S: +OK mx.test Mailstead ready
S: +OK Now the password
S: +OK 3 messages (${all} octets)
S: +OK 3 ${all}
S: +OK Deleted at QUIT
S: +OK Goodbye
-- closed
