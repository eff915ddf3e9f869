# RFC 6856 2.1: without UTF8 no header with bytes above 127 is sent, but a surrogate of it
@covers  RFC6856-2.1-2
@account alice  INBOX
@connection 2 imap alice
@login

2C: a1 LOGIN alice ${password}
2S: * OK ...
2S: a1 OK ...
2C: a2 APPEND INBOX {+}
    From: Jörg <joerg@müller.example>
    Subject: Grüße aus Köln
    .X: y

    Körper
    .
2S: a2 OK ...
C> USER alice
C: PASS ${password}
S: +OK mx.test Mailstead ready
S: +OK Now the password
S: +OK 1 messages (86 octets)
C: RETR 1
S: +OK 139 octets
S: From: =?utf-8?B?SsO2cmc=?= <joerg@xn--mller-kva.example>
S: Subject: =?utf-8?B?R3LDvMOfZQ==?= aus =?utf-8?B?S8O2bG4=?=
S: ..X: y
S:
S: Körper
S: ..
S: .
C: TOP 1 0
S: +OK The top follows
S: From: =?utf-8?B?SsO2cmc=?= <joerg@xn--mller-kva.example>
S: Subject: =?utf-8?B?R3LDvMOfZQ==?= aus =?utf-8?B?S8O2bG4=?=
S: ..X: y
S:
S: .
C: TOP 1 1
S: +OK The top follows
S: From: =?utf-8?B?SsO2cmc=?= <joerg@xn--mller-kva.example>
S: Subject: =?utf-8?B?R3LDvMOfZQ==?= aus =?utf-8?B?S8O2bG4=?=
S: ..X: y
S:
S: Körper
S: .
# With UTF8 it is what is stored.
3C> UTF8
3C> USER alice
3C: PASS ${password}
3S: +OK mx.test Mailstead ready
3S: +OK UTF8 enabled
3S: +OK Now the password
3S: +OK 1 messages (86 octets)
3C: RETR 1
3S: +OK 86 octets
3S: From: Jörg <joerg@müller.example>
3S: Subject: Grüße aus Köln
3S: ..X: y
3S:
3S: Körper
3S: ..
3S: .
