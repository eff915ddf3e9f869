# RFC 1939 5, 6: DELE and RSET; QUIT alone removes; RETR makes \Seen at QUIT
@covers  RFC1939-5-2  RFC1939-6-1
@account alice  INBOX < three.mbox
@connection 2 imap alice
@connection 3 pop3 alice

C: DELE 2
S: +OK Deleted at QUIT
C: DELE 2
S: -ERR The message is deleted
C: RETR 2
S: -ERR The message is deleted
C: LIST 2
S: -ERR The message is deleted
C: TOP 2 0
S: -ERR The message is deleted
C: UIDL 2
S: -ERR The message is deleted
C: STAT
S: +OK 2 ${size}
C: LIST
S: +OK 2 messages (${size} octets)
S: 1 ${one}
S: 3 ${three}
S: .
C: RSET
S: +OK Nothing is deleted
C: STAT
S: +OK 3 ${all}
C: DELE 1
S: +OK Deleted at QUIT
C: RETR 3
S~ ...
S: .
C: NOOP
S: +OK Nothing done
2C: a1 STATUS INBOX (MESSAGES UNSEEN)
2S: * STATUS INBOX (MESSAGES 3 UNSEEN 3)
2S: a1 OK ...
C: QUIT
S: +OK Goodbye
2C: a2 STATUS INBOX (MESSAGES UNSEEN)
2S: * STATUS INBOX (MESSAGES 2 UNSEEN 1)
2S: a2 OK ...
2C: a3 SELECT INBOX
2S~ ...
2S: a3 OK ...
2C: a4 UID FETCH 1:* (FLAGS)
2S: * 1 FETCH (UID 2 FLAGS (...
2S: * 2 FETCH (UID 3 FLAGS (\Recent \Seen))
2S: a4 OK ...
-- closed 1
-- reopen
3C: STAT
3S: +OK 2 ${left}
