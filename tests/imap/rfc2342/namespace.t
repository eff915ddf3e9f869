# RFC 2342 5: NAMESPACE
@account alice  INBOX

C: a1 NAMESPACE
S: * NAMESPACE (("" "/")) NIL NIL
S: a1 OK ...
C: a2 NAMESPACE x
S: a2 BAD ...
