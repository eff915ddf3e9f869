# RFC 3030: chunks, of which the last one is answered for each recipient
@covers  RFC3030-2-1
@account alice
@account bert
@connection 2 pop3 alice

C> LHLO a
C> MAIL FROM:<a@example.com>
C> RCPT TO:<alice@example.org>
C: RCPT TO:<bert@example.org>
S~ ...
S: 250 2.1.5 <bert@example.org> Recipient ok
C= BDAT 15\r\nSubject: x\r\n\r\n.
S: 250 2.0.0 Chunk taken
C: DATA
S: 503 5.5.1 BDAT was used: go on with it
C: RCPT TO:<bert@example.org>
S: 503 5.5.1 MAIL comes first
C= BDAT 4\r\n\r\n.\r
S: 250 2.0.0 Chunk taken
C= BDAT 1\r\n\n
S: 250 2.0.0 Chunk taken
C: BDAT 0 LAST
S: 250 2.1.5 <alice@example.org> Delivered
S: 250 2.1.5 <bert@example.org> Delivered
2C: RETR 1
2S: +OK ...
2S~ ...
2S: Subject: x
2S: 
2S: ..
2S: ..
2S: .
C> MAIL FROM:<a@example.com>
C> RCPT TO:<nobody@example.org>
C> BDAT 6 LAST
C> QUIT
C: NOOP
S: 250 2.1.0 Sender ok
S: 550 5.1.1 <nobody@example.org> There is no such mailbox here
S: 503 5.5.1 No recipient was accepted
S: 250 2.0.0 Ok
C: BDAT x
S: 501 5.5.4 BDAT needs a size
-- closed
