# RFC 9051 6.3.9: LIST, references and wildcards
@covers  RFC9051-5.1-1  RFC9051-6.3.9-1  RFC9051-6.3.9.5-1
@account alice  INBOX  a/b/c  ab  "a b"

C: a1 LIST "" ""
S: * LIST (\Noselect) "/" ""
S: a1 OK ...
C: a2 LIST "" %
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasChildren) "/" a
S: * LIST (\HasNoChildren) "/" "a b"
S: * LIST (\HasNoChildren) "/" ab
S: a2 OK ...
C: a3 LIST "a/" "*"
S: * LIST (\HasChildren) "/" a/b
S: * LIST (\HasNoChildren) "/" a/b/c
S: a3 OK ...
C: a4 LIST "" "inbox"
S: * LIST (\HasNoChildren) "/" INBOX
S: a4 OK ...
C: a5 LIST "" "%/%"
S: * LIST (\HasChildren) "/" a/b
S: a5 OK ...
C: a6 LIST "" nowhere
S: a6 OK ...
C: a7 LIST "" *%*%*%*%*%*%*%*%*%*%*%*%*%*%*%*%*%y
S: a7 OK ...
C: a8 LIST ""
S: a8 BAD ...
C: a9 LIST (BOGUS) "" "*"
S: a9 BAD ...
C: b1 LIST "" "in*"
S: * LIST (\HasNoChildren) "/" INBOX
S: b1 OK ...
C: b2 LIST "" ("i%" "a b")
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasNoChildren) "/" "a b"
S: b2 OK ...
C: b3 LIST "" "inboxes*"
S: b3 OK ...
