# RFC 5321 4.1.1.4: only CRLF . CRLF ends a message
@covers  RFC5321-4.1.1.4-1
@account alice
@connection 2 imap alice

C> LHLO a
C> MAIL FROM:<a@example.com>
C> RCPT TO:<alice@example.org>
C: DATA
S~ ...
S: 354 ...
C= Subject: x\r\n\r\none\n.\nMAIL FROM:<evil@example.com>\r\n
C= two\n.\r\nthree\r.\r\nfour\r\n.\nfive\r\n.\rsix\r\n
C= seven\r\n\r.\r\r\n
C= .\r\n
S: 250 2.1.5 <alice@example.org> Delivered
C: NOOP
S: 250 2.0.0 Ok
2C: a1 STATUS INBOX (MESSAGES)
2S: * STATUS INBOX (MESSAGES 1)
2S: a1 OK ...
