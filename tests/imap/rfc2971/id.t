# RFC 2971: ID, with and without fields
@covers  RFC2971-3.1-1
@account alice  INBOX

C: a1 ID NIL
S: * ID ("name" "Mailstead")
S: a1 OK ...
C: a2 ID ("name" "Test" "version" NIL)
S: * ID ("name" "Mailstead")
S: a2 OK ...
C: a3 ID ()
S: * ID ("name" "Mailstead")
S: a3 OK ...
C: a4 ID
S: a4 BAD ...
C: a5 ID ("name")
S: a5 BAD ...
