# RFC 2342 5: NAMESPACE
@covers  RFC9051-6.3.10-1
@account alice  INBOX

C: a1 NAMESPACE
S: * NAMESPACE (("" "/")) NIL NIL
S: a1 OK ...
C: a2 NAMESPACE x
S: a2 BAD ...
