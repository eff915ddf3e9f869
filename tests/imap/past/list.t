# LIST shows the past to who asks for it by name, and to nobody else
@account alice  INBOX  Kunden/A  Trash
@past

-- clock +20h
-- reopen
C: a1 LIST "" "*"
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasChildren) "/" Kunden
S: * LIST (\HasNoChildren) "/" Kunden/A
S: * LIST (\HasNoChildren) "/" Trash
S: a1 OK ...
C: a2 LIST "" "%"
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasChildren) "/" Kunden
S: * LIST (\HasNoChildren) "/" Trash
S: a2 OK ...
C: a3 LSUB "" "*"
S: a3 OK ...
C: a4 LIST (SUBSCRIBED) "" "Past/*"
S: a4 OK ...

# Midnights since which the account was there
C: b1 LIST "" "Past/%"
S: * LIST (\HasChildren \Noselect) "/" Past/2026-01-06
S: b1 OK ...
C: b2 LIST "Past/" "%/%"
S: * LIST (\HasNoChildren) "/" Past/2026-01-06/INBOX
S: * LIST (\HasChildren) "/" Past/2026-01-06/Kunden
S: * LIST (\HasNoChildren) "/" Past/2026-01-06/Trash
S: b2 OK ...
C: b3 LIST "" "Past"
S: * LIST (\HasChildren \Noselect) "/" Past
S: b3 OK ...

# Any moment by its name, with its counts
C: c1 DELETE Kunden/A
S: c1 OK ...
C: c2 LIST "" "Past/2026-01-05T12:30/*" RETURN (STATUS (MESSAGES))
S: * LIST (\HasNoChildren) "/" Past/2026-01-05T12:30/INBOX
S: * STATUS Past/2026-01-05T12:30/INBOX (MESSAGES 0)
S: * LIST (\HasChildren) "/" Past/2026-01-05T12:30/Kunden
S: * STATUS Past/2026-01-05T12:30/Kunden (MESSAGES 0)
S: * LIST (\HasNoChildren) "/" Past/2026-01-05T12:30/Kunden/A
S: * STATUS Past/2026-01-05T12:30/Kunden/A (MESSAGES 0)
S: * LIST (\HasNoChildren) "/" Past/2026-01-05T12:30/Trash
S: * STATUS Past/2026-01-05T12:30/Trash (MESSAGES 0)
S: c2 OK ...
C: c3 LIST "" "Past/2026-01-05T10:30:00+01:00/%"
S: * LIST (\HasNoChildren) "/" Past/2026-01-05T10:30:00+01:00/INBOX
S: * LIST (\HasChildren) "/" Past/2026-01-05T10:30:00+01:00/Kunden
S: * LIST (\HasNoChildren) "/" Past/2026-01-05T10:30:00+01:00/Trash
S: c3 OK ...

# Before the account, ahead of now, no time at all
C: d1 LIST "" ("Past/2026-01-01/%" "Past/2027-01-01/%" "Past/yesterday/%")
S: d1 OK ...
C: d2 SELECT Past/2026-01-01/INBOX
S: d2 NO [NONEXISTENT] ...
C: d3 STATUS Past/2027-01-01/INBOX (MESSAGES)
S: d3 NO [NONEXISTENT] ...
C: d4 SELECT Past/2026-01-06
S: d4 NO [NONEXISTENT] ...

# Nothing can be made or changed there
C: e1 CREATE Past/2026-01-06/Neu
S: e1 NO [CANNOT] The past cannot be changed, only copied from
C: e2 CREATE Past
S: e2 NO [CANNOT] ...
C: e3 DELETE Past/2026-01-06/INBOX
S: e3 NO [CANNOT] ...
C: e4 RENAME Past/2026-01-06/Kunden Kunden2
S: e4 NO [CANNOT] ...
C: e5 RENAME Trash Past/Trash
S: e5 NO [CANNOT] ...
C: e6 SUBSCRIBE Past/2026-01-06/INBOX
S: e6 NO [CANNOT] ...
C: e7 APPEND Past/2026-01-06/INBOX {10}
S: e7 NO [CANNOT] ...
