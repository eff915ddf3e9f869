# The server goes down: said, and nothing is removed; a revoked login ends
@covers  RFC1939-6-2
@account alice  INBOX < three.mbox
@connection 2 pop3 alice

C: DELE 1
S: +OK Deleted at QUIT
-- drain
S: -ERR [SYS/TEMP] The server is going down
-- closed
2C: STAT
2S: +OK 3 ${all}
-- revoke 2
2S: -ERR [AUTH] The login is no longer valid
-- closed 2
