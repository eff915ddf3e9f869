# RFC 6856: UTF8 before the login only; LANG at any time
@covers  RFC6856-2.1-1  RFC6856-3.2-1
@account alice
@login

C: UTF8
S: +OK mx.test Mailstead ready
S: +OK UTF8 enabled
C: LANG
S: +OK Languages follow
S: en English
S: i-default English
S: .
C: LANG en
S: +OK en This is English
C: LANG i-default
S: +OK i-default This is English
C: LANG *
S: +OK en This is English
C: LANG tlh
S: -ERR There is no such language here
C: USER älice
S: +OK Now the password
C: PASS ${password}
S: -ERR [AUTH] The name or the password is wrong
C: USER alice
S: +OK Now the password
C: PASS ${password}
S: +OK 0 messages (0 octets)
C: UTF8
S: -ERR Not in this state
C: LANG en
S: +OK en This is English
