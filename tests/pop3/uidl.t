# RFC 1939 7: UIDL stays the same over sessions and moves; two copies in INBOX
# are told apart
@covers  RFC1939-7-2
@account alice  INBOX < three.mbox  Other
@connection 2 imap alice
@connection 3 pop3 alice
@connection 4 pop3 alice

C: UIDL
S: +OK Unique ids follow
S: 1 ${one}
S: 2 ${two}
S: 3 ${three}
S: .
C: UIDL 2
S: +OK 2 ${two}
C: DELE 2
S: +OK Deleted at QUIT
C: UIDL
S: +OK Unique ids follow
S: 1 ${one}
S: 3 ${three}
S: .
C: UIDL 9
S: -ERR There is no such message
2C: a1 SELECT INBOX
2S~ ...
2S: a1 OK ...
2C: a3 MOVE 1 Other
2S~ ...
2S: a3 OK ...
2C: a4 SELECT Other
2S~ ...
2S: a4 OK ...
2C: a5 COPY 1 INBOX
2S: a5 OK ...
2C: a6 COPY 1 INBOX
2S: a6 OK ...
3C: UIDL
3S: +OK Unique ids follow
3S: 1 ${two}
3S: 2 ${three}
3S: 3 ${one}
3S: 4 ${one}.5
3S: .
-- reopen
4C: UIDL 3
4S: +OK 3 ${one}
