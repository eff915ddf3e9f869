# RFC 9051 6.3.4, 6.3.5: a mailbox of the same name is another one
@covers  RFC9051-6.3.4-3
@account alice  INBOX  Work < three.mbox

C: a1 STATUS Work (UIDVALIDITY UIDNEXT)
S: * STATUS Work (UIDNEXT 4 UIDVALIDITY ${first})
S: a1 OK ...
C: a2 DELETE Work
S: a2 OK ...
C: a3 CREATE Work
S: a3 OK ...
C: a4 STATUS Work (UIDVALIDITY UIDNEXT MESSAGES)
S! * STATUS Work (MESSAGES 0 UIDNEXT 1 UIDVALIDITY ${first})
S~ * STATUS Work (MESSAGES 0 UIDNEXT 1 UIDVALIDITY ${second})
S: a4 OK ...
# After RENAME it is the same one; who takes its old name is another.
C: a5 RENAME Work Old
S: a5 OK ...
C: a6 CREATE Work
S: a6 OK ...
C: a7 STATUS Old (UIDVALIDITY)
S: * STATUS Old (UIDVALIDITY ${second})
S: a7 OK ...
C: a8 STATUS Work (UIDVALIDITY)
S! * STATUS Work (UIDVALIDITY ${first})
S! * STATUS Work (UIDVALIDITY ${second})
S~ * STATUS Work (UIDVALIDITY ${third})
S: a8 OK ...
