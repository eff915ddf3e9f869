# RFC 2449 5: CAPA before and after the login
@covers  RFC2449-5-1
@account alice
@login
@connection 2 pop3 alice

C: CAPA
S: +OK mx.test Mailstead ready
S: +OK Capabilities follow
S: TOP
S: UIDL
S: PIPELINING
S: RESP-CODES
S: AUTH-RESP-CODE
S: USER
S: SASL PLAIN
S: EXPIRE NEVER
S: LOGIN-DELAY 0
S: UTF8 USER
S: LANG
S: IMPLEMENTATION Mailstead
S: .
C: CAPA all
S: -ERR The arguments are not valid
C: USER alice
S: +OK Now the password
C: PASS secret
S: +OK 0 messages (0 octets)
C: CAPA
S: +OK Capabilities follow
S: TOP
S: UIDL
S: PIPELINING
S: RESP-CODES
S: AUTH-RESP-CODE
S: USER
S: SASL PLAIN
S: EXPIRE NEVER
S: LOGIN-DELAY 0
S: UTF8 USER
S: LANG
S: IMPLEMENTATION Mailstead
S: .
C: APOP alice c4c9334bac560ecc979e58001b3e22fb
S: -ERR There is no such command
C: LIST
S: +OK 0 messages (0 octets)
S: .
C: UIDL
S: +OK Unique ids follow
S: .
C: STAT
S: +OK 0 0
