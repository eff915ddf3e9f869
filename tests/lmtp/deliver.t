# RFC 2033 4.2: one answer for each recipient; Return-Path and Received in front
@covers  RFC2033-4.2-1  RFC5321-4.4-1
@account alice
@account bert  INBOX  Lists
@connection 2 pop3 alice
@connection 3 imap bert

C: LHLO client.test
S: 220 mx.test LMTP ready
S: 250-mx.test
S: 250-SIZE 1048576
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-PIPELINING
S: 250-CHUNKING
S: 250 ENHANCEDSTATUSCODES
C: MAIL FROM:<anna@example.com> SIZE=100 BODY=8BITMIME
S: 250 2.1.0 Sender ok
C: RCPT TO:<alice@example.org>
S: 250 2.1.5 <alice@example.org> Recipient ok
C: RCPT TO:<nobody@example.org>
S: 550 5.1.1 <nobody@example.org> There is no such mailbox here
C: RCPT TO:<bert+lists@example.org>
S: 250 2.1.5 <bert+lists@example.org> Recipient ok
C: RCPT TO:<bert+Lists@example.org>
S: 250 2.1.5 <bert+Lists@example.org> Recipient ok
C: DATA
S: 354 ...
C> Subject: Hello
C> 
C> ..stuffed
C: .
S: 250 2.1.5 <alice@example.org> Delivered
S: 250 2.1.5 <bert+lists@example.org> Delivered
S: 250 2.1.5 <bert+Lists@example.org> Delivered
2C: RETR 1
2S: +OK ${n} octets
2S: Return-Path: <anna@example.com>
2S: Delivered-To: alice@example.org
2S: Received: from client.test ([127.0.0.1])
2S: 	by mx.test (Mailstead) with LMTP
2S: 	for <alice@example.org>; Mon, 05 Jan 2026 09:00:00 +0000
2S: Subject: Hello
2S: 
2S: ..stuffed
2S: .
3C: a1 STATUS Lists (MESSAGES)
3S: * STATUS Lists (MESSAGES 1)
3S: a1 OK ...
3C: a2 STATUS INBOX (MESSAGES)
3S: * STATUS INBOX (MESSAGES 1)
3S: a2 OK ...
C: QUIT
S: 221 2.0.0 Bye
-- closed
