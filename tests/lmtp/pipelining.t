# RFC 2920: all of a transaction at once, and the next one behind it
@covers  RFC2920-3.2-1
@account alice
@connection 2 imap alice

C> LHLO a
C> MAIL FROM:<>
C> RCPT TO:<alice@example.org>
C> RCPT TO:<nobody@example.org>
C> DATA
C> Subject: one
C> 
C> .
C> MAIL FROM:<x@example.com>
C> RCPT TO:<nobody@example.org>
C> DATA
C> RSET
C: QUIT
S~ 220 mx.test LMTP ready
S~ ...
S: 250 2.1.0 Sender ok
S: 250 2.1.5 <alice@example.org> Recipient ok
S: 550 5.1.1 <nobody@example.org> There is no such mailbox here
S: 354 ...
S: 250 2.1.5 <alice@example.org> Delivered
S: 250 2.1.0 Sender ok
S: 550 5.1.1 <nobody@example.org> There is no such mailbox here
S: 503 5.5.1 No recipient was accepted
S: 250 2.0.0 Forgotten
S: 221 2.0.0 Bye
-- closed
2C: a1 STATUS INBOX (MESSAGES)
2S: * STATUS INBOX (MESSAGES 1)
2S: a1 OK ...
