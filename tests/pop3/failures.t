# Five wrong passwords, then the connection ends
@account alice
@login

C> USER alice
C> PASS 1
C> USER alice
C> PASS 2
C> USER alice
C> PASS 3
C> USER alice
C> PASS 4
C> USER alice
C: PASS 5
S: +OK mx.test Mailstead ready
S: +OK Now the password
S: -ERR [AUTH] The name or the password is wrong
S: +OK Now the password
S: -ERR [AUTH] The name or the password is wrong
S: +OK Now the password
S: -ERR [AUTH] The name or the password is wrong
S: +OK Now the password
S: -ERR [AUTH] The name or the password is wrong
S: +OK Now the password
S: -ERR [AUTH] The name or the password is wrong
S: -ERR [AUTH] Too many failed logins
-- closed
