# RFC 3463 3.3: a full mailbox is a transient failure, others get the mail
@covers  RFC3463-3.3-1
@account alice
@account bert
@quota 300
@connection 2 imap bert

C> LHLO a
C> MAIL FROM:<a@example.com>
C> RCPT TO:<bert@example.org>
C> RCPT TO:<alice@example.org>
C> DATA
C> Subject: one
C> 
C> .................................................................................................................................
C: .
S~ ...
S: 354 ...
S: 452 4.2.2 <bert@example.org> The mailbox is full
S: 250 2.1.5 <alice@example.org> Delivered
2C: a1 STATUS INBOX (MESSAGES)
2S: * STATUS INBOX (MESSAGES 0)
2S: a1 OK ...
