# What a restore brings, and what its undo takes, is told at once: to who looks
# at the folder while it waits, to others when they ask
@account alice  INBOX < three.mbox  Kunden < three.mbox  Kunden/2025 < three.mbox

C: a1 SUBSCRIBE Kunden/2025
S: a1 OK ...
C: a2 SELECT Kunden
S~ ...
S: a2 OK ...
2C: b1 EXAMINE Kunden
2S~ ...
2S: b1 OK ...
3C: c1 STATUS Kunden/2025 (UIDVALIDITY UIDNEXT)
3S: * STATUS Kunden/2025 (UIDNEXT 4 UIDVALIDITY ${v})
3S: c1 OK ...
-- clock +10m

# A folder with its subscription goes, a message of another, and flags change
3C: c2 UNSUBSCRIBE Kunden/2025
3S: c2 OK ...
3C: c3 DELETE Kunden/2025
3S: c3 OK ...
3C: c4 SELECT Kunden
3S~ ...
3S: c4 OK ...
3C: c5 STORE 2 FLAGS (\Deleted)
3S: * 2 FETCH (FLAGS (\Deleted))
3S: c5 OK ...
3C: c6 EXPUNGE
3S: * 2 EXPUNGE
3S: c6 OK ...
3C: c7 STORE 1:2 FLAGS (\Seen)
3S: * 1 FETCH (FLAGS (\Seen))
3S: * 2 FETCH (FLAGS (\Seen))
3S: c7 OK ...
3C: c8 UNSELECT
3S: c8 OK ...
3C: c9 LIST "" "*" RETURN (SUBSCRIBED)
3S: * LIST (\HasNoChildren) "/" INBOX
3S: * LIST (\HasNoChildren) "/" Kunden
3S: c9 OK ...
2C: b2 NOOP
2S: * 2 EXPUNGE
2S: * 1 FETCH (FLAGS (\Seen))
2S: * 2 FETCH (FLAGS (\Seen))
2S: b2 OK ...
C: a3 IDLE
S: + idling
S: * 2 EXPUNGE
S: * 1 FETCH (FLAGS (\Recent \Seen))
S: * 2 FETCH (FLAGS (\Recent \Seen))

# The one that idles hears of it, the others when they say something
-- restore 9m Kunden flags
S: * 3 EXISTS
S: * 3 RECENT
S: * 1 FETCH (FLAGS (\Recent))
S: * 2 FETCH (FLAGS (\Recent))
2C: b3 NOOP
2S: * 3 EXISTS
2S: * 0 RECENT
2S: * 1 FETCH (FLAGS ())
2S: * 2 FETCH (FLAGS ())
2S: b3 OK ...
2C: b4 FETCH 3 (UID FLAGS)
2S: * 3 FETCH (UID 4 FLAGS ())
2S: b4 OK ...
3C: d1 LIST "" "*" RETURN (SUBSCRIBED)
3S: * LIST (\HasNoChildren) "/" INBOX
3S: * LIST (\HasChildren) "/" Kunden
3S: * LIST (\HasNoChildren \Subscribed) "/" Kunden/2025
3S: d1 OK ...
3C: d2 SELECT Kunden/2025
3S~ * FLAGS ...
3S~ * OK [PERMANENTFLAGS ...
3S~ * 3 EXISTS
3S~ * 3 RECENT
3S~ * OK [UNSEEN 1] ...
3S~ * OK [UIDVALIDITY ${v}] ...
3S~ * OK [UIDNEXT 4] ...
3S: d2 OK ...

# Once more, and nobody hears anything
-- restore 9m Kunden flags
2C: b5 NOOP
2S: b5 OK ...

# The undo takes all of it, under the eyes of those who look
-- undo
S: * 3 EXPUNGE
S: * 1 FETCH (FLAGS (\Recent \Seen))
S: * 2 FETCH (FLAGS (\Recent \Seen))
2C: b6 FETCH 3 UID
2S: * 3 FETCH (UID 4)
2S: * 1 FETCH (FLAGS (\Seen))
2S: * 2 FETCH (FLAGS (\Seen))
2S: b6 OK ...
2C: b7 NOOP
2S: * 3 EXPUNGE
2S: b7 OK ...
3S: * BYE The selected mailbox was deleted, or has new UIDs
C: DONE
S: a3 OK ...
C: a4 LIST "" "*" RETURN (SUBSCRIBED)
S: * LIST (\HasNoChildren) "/" INBOX
S: * LIST (\HasNoChildren) "/" Kunden
S: a4 OK ...
