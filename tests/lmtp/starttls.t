# RFC 3207: off loopback TLS may begin; what was before it is forgotten
@covers  RFC3207-4.2-1
@account alice
@remote
@starttls
@connection 2 pop3 alice

C: LHLO a
S: 220 mx.test LMTP ready
S: 250-mx.test
S: 250-STARTTLS
S~ ...
S: 250 ENHANCEDSTATUSCODES
C: MAIL FROM:<a@example.com>
S: 250 2.1.0 Sender ok
C: STARTTLS
S: 220 2.0.0 Begin TLS
-- tls
C: MAIL FROM:<a@example.com>
S: 503 5.5.1 LHLO comes first
C: LHLO a
S! 250-STARTTLS
S~ ...
S: 250 ENHANCEDSTATUSCODES
C: STARTTLS
S: 502 5.5.1 TLS cannot begin here
C> MAIL FROM:<a@example.com> SMTPUTF8
C> RCPT TO:<alice@example.org>
C> DATA
C> 
C> x
C: .
S~ ...
S: 354 ...
S: 250 2.1.5 <alice@example.org> Delivered
2C: TOP 1 0
2S~ ...
2S: 	by mx.test (Mailstead) with UTF8LMTPS
2S: 	for <alice@example.org>; Mon, 05 Jan 2026 09:00:00 +0000
2S: 
2S: .
