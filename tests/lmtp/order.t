# RFC 2033, RFC 5321: commands out of order and with wrong arguments
@covers  RFC2033-4.2-2  RFC6531-3.4-1
@own-world
@account alice

C: HELO a
S: 220 mx.test LMTP ready
S: 500 5.5.1 This is LMTP: say LHLO
C: EHLO a
S: 500 5.5.1 This is LMTP: say LHLO
C: MAIL FROM:<a@example.com>
S: 503 5.5.1 LHLO comes first
C: LHLO
S: 501 5.5.4 LHLO needs a name
C: LHLO a
S~ ...
S: 250 ENHANCEDSTATUSCODES
C: RCPT TO:<alice@example.org>
S: 503 5.5.1 MAIL comes first
C: DATA
S: 503 5.5.1 MAIL comes first
C: MAIL FROM:<a@example.com
S: 553 5.1.7 That is not an address
C: MAIL FROM: a@example.com
S: 553 5.1.7 That is not an address
C: MAIL a@example.com
S: 501 5.5.4 MAIL needs FROM:<address>
C: MAIL FROM:<a@example.com> SIZE=1048577
S: 552 5.3.4 The message is too large
C: MAIL FROM:<a@example.com> SIZE=x
S: 501 5.5.4 SIZE needs a number
C: MAIL FROM:<a@example.com> BODY=BINARYMIME
S: 504 5.5.4 No such BODY here
C: MAIL FROM:<a@example.com> XYZZY=1
S: 555 5.5.4 No such parameter here
C: MAIL FROM:<ä@example.com>
S: 553 5.1.7 That is not an address
C: MAIL FROM:<ä@example.com> SMTPUTF8
S: 250 2.1.0 Sender ok
C: MAIL FROM:<a@example.com>
S: 503 5.5.1 A transaction is under way: RSET ends it
C: RCPT TO:<>
S: 553 5.1.3 That is not an address
C: RCPT TO:<@relay.example,@b.example:alice@example.org>
S: 250 2.1.5 <alice@example.org> Recipient ok
C: RCPT TO:<alice@example.org> NOTIFY=NEVER
S: 555 5.5.4 RCPT takes no parameters here
C: RCPT TO:<busy@example.org>
S: 450 4.3.2 <busy@example.org> The server is busy, try again
C: RCPT TO:<off@example.org>
S: 550 5.7.1 <off@example.org> This mailbox takes no mail
C: VRFY alice
S: 252 2.5.0 RCPT will tell
C: STARTTLS
S: 502 5.5.1 TLS cannot begin here
C: RSET
S: 250 2.0.0 Forgotten
C: DATA
S: 503 5.5.1 MAIL comes first
C: XYZZY
S: 500 5.5.1 There is no such command
