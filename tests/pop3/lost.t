# RFC 1939 6: a connection that ends without QUIT removes nothing
@covers  RFC1939-6-2
@account alice  INBOX < three.mbox
@connection 2 imap alice

C: DELE 1
S: +OK Deleted at QUIT
C: RETR 2
S~ ...
S: .
-- eof
-- closed
2C: a1 STATUS INBOX (MESSAGES UNSEEN)
2S: * STATUS INBOX (MESSAGES 3 UNSEEN 3)
2S: a1 OK ...
