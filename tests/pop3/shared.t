# No lock: the maildrop is as it was at the login, others go on; what they
# remove meanwhile stays readable, and DELE of it succeeds
@account alice  INBOX < three.mbox
@connection 2 imap alice
@connection 3 pop3 alice

C: STAT
S: +OK 3 ${all}
3C: DELE 1
3S: +OK Deleted at QUIT
3C: DELE 3
3S: +OK Deleted at QUIT
3C: QUIT
3S: +OK Goodbye
-- closed 3
2C: a1 STATUS INBOX (MESSAGES)
2S: * STATUS INBOX (MESSAGES 1)
2S: a1 OK ...
C: STAT
S: +OK 3 ${all}
C: RETR 1
S~ ...
S: The first message.
S: .
C: DELE 1
S: +OK Deleted at QUIT
C: DELE 2
S: +OK Deleted at QUIT
C: QUIT
S: +OK Goodbye
-- closed
2C: a2 STATUS INBOX (MESSAGES)
2S: * STATUS INBOX (MESSAGES 0)
2S: a2 OK ...
