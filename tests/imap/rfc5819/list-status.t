# RFC 5819: LIST ... RETURN (STATUS (...))
@covers  RFC9051-6.3.9.3-1
@account alice  INBOX < three.mbox  a/b

C: a1 DELETE a
S: a1 OK ...
C: a2 LIST "" "*" RETURN (STATUS (MESSAGES UNSEEN))
S: * LIST (\HasNoChildren) "/" INBOX
S: * STATUS INBOX (MESSAGES 3 UNSEEN 3)
S: * LIST (\HasChildren \Noselect) "/" a
S: * LIST (\HasNoChildren) "/" a/b
S: * STATUS a/b (MESSAGES 0 UNSEEN 0)
S: a2 OK ...
C: a3 LIST "" "*" RETURN (STATUS)
S: a3 BAD ...
