# RFC 5034 with RFC 7677: AUTH SCRAM-SHA-256, with and without an initial response
@covers  RFC7677-3-1
@account alice  INBOX < three.mbox
@login
@scram

C: AUTH SCRAM-SHA-256
S: +OK ...
S: + ...
C: ${scram-first:alice}
S: + ${a}
C: ${scram-final:alice:a}
S: + ${scram-server:alice:a}
C:
S: +OK 3 messages ...
C: QUIT
S: +OK ...
2C: AUTH SCRAM-SHA-256 ${scram-first:alice}
2S: +OK ...
2S: + ${b}
2C: ${scram-final:bob:b}
2S: -ERR [AUTH] ...
2C: AUTH SCRAM-SHA-256-PLUS ${scram-first-plus:alice}
2S: -ERR ...
