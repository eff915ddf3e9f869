# A client that never says LHLO has as long as one that never logs in
@account alice

C: NOOP
S: 220 mx.test LMTP ready
S: 250 2.0.0 Ok
-- clock +59s
C: NOOP
S: 250 2.0.0 Ok
-- clock +2s
S: 421 4.4.2 Too slow
-- closed
