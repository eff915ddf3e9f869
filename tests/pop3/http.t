# What does not speak POP3 is sent away
@account alice
@login

C> GET / HTTP/1.1
C> Host: x
C> Accept: y
C> A: b
C: C: d
S: +OK mx.test Mailstead ready
S: -ERR There is no such command
S: -ERR There is no such command
S: -ERR There is no such command
S: -ERR There is no such command
S: -ERR There is no such command
S: -ERR Too many bad commands
-- closed
