# RFC 5321 4.4: who handed the message over
@covers  RFC5321-4.4-1
@account alice
@peer 2001:db8::7
@connection 2 pop3 alice

C> LHLO a
C> MAIL FROM:<>
C> RCPT TO:<"alice"@example.org>
C> RCPT TO:<ALICE@Example.ORG>
C> DATA
C> 
C: .
S~ ...
S: 250 2.1.5 <ALICE@Example.ORG> Delivered
2C: TOP 1 0
2S: +OK The top follows
2S: Return-Path: <>
2S: Delivered-To: alice@example.org
2S: Received: from a ([IPv6:2001:db8::7])
2S: 	by mx.test (Mailstead) with LMTP
2S: 	for <ALICE@Example.ORG>; Mon, 05 Jan 2026 09:00:00 +0000
2S: 
2S: .
