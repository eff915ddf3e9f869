# RFC 5321 4.5.3.2: five minutes; a server that goes down says so
@covers  RFC5321-4.5.3.2-1
@account alice

C: LHLO a
S: 220 mx.test LMTP ready
S~ ...
S: 250 ENHANCEDSTATUSCODES
-- clock +4m
C: NOOP
S: 250 2.0.0 Ok
-- clock +6m
S: 421 4.4.2 Too slow
-- closed
2C: NOOP
2S: 220 mx.test LMTP ready
2S: 250 2.0.0 Ok
-- drain 2
2S: 421 4.3.2 The server restarts
-- closed 2
