# RFC 5034 4: AUTH PLAIN with and without an initial response; cancelling
@covers  RFC5034-4-1
@account alice  INBOX < three.mbox
@login

C: AUTH PLAIN
S: +OK mx.test Mailstead ready
S: + 
C: *
S: -ERR Cancelled
C: AUTH PLAIN
S: + 
C: not base64
S: -ERR Cancelled
C: AUTH
S: +OK Mechanisms follow
S: PLAIN
S: .
C: AUTH SCRAM-SHA-256
S: -ERR There is no such mechanism
C: AUTH PLAIN !
S: -ERR Not base64
C: AUTH PLAIN =
S: -ERR The exchange is malformed
C: AUTH plain AGFsaWNlAHdyb25n
S: -ERR [AUTH] The name or the password is wrong
C: AUTH PLAIN
S: + 
C: ${plain:alice}
S: +OK 3 messages (${all} octets)
C: STAT
S: +OK 3 ${all}
