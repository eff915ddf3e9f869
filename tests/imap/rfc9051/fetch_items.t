# RFC 9051 6.4.5: the items whose values are short, and the macros
@covers  RFC9051-6.4.5-1  RFC9051-6.4.9-1
@own-world
@account alice  INBOX < three.mbox

C: a1 SELECT INBOX
S~ ...
S: a1 OK [READ-WRITE] ...
C: a2 FETCH 1 FAST
S: * 1 FETCH (FLAGS (\Recent) INTERNALDATE " 5-Jan-2026 09:00:00 +0000" RFC822.SIZE 162)
S: a2 OK ...
C: a3 FETCH 2 ALL
S: * 2 FETCH (FLAGS (\Recent) INTERNALDATE " 5-Jan-2026 09:00:00 +0000" RFC822.SIZE 264 ENVELOPE ("Mon, 05 Jan 2026 10:10:00 +0100" "Second" (("Bert" NIL "bert" "example.com")) (("Bert" NIL "bert" "example.com")) (("Bert" NIL "bert" "example.com")) ((NIL NIL "alice" "example.org")) ((NIL NIL "carl" "example.com")) NIL "<one@example.com>" "<two@example.com>"))
S: a3 OK ...
C: a4 FETCH 3 FULL
S: * 3 FETCH (FLAGS (\Recent) INTERNALDATE " 5-Jan-2026 09:00:00 +0000" RFC822.SIZE 318 ENVELOPE ("Mon, 05 Jan 2026 10:20:00 +0100" "Third" (("Carl" NIL "carl" "example.com")) (("Carl" NIL "carl" "example.com")) (("Carl" NIL "carl" "example.com")) ((NIL NIL "alice" "example.org")) NIL NIL NIL "<three@example.com>") BODY (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 11 0)("TEXT" "HTML" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 17 0) "ALTERNATIVE"))
S: a4 OK ...
C: a5 FETCH 3 BODYSTRUCTURE
S: * 3 FETCH (BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 11 0 NIL NIL NIL NIL)("TEXT" "HTML" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 17 0 NIL NIL NIL NIL) "ALTERNATIVE" ("boundary" "b") NIL NIL NIL))
S: a5 OK ...
C: a6 FETCH 1:* (UID RFC822.SIZE)
S: * 1 FETCH (UID 1 RFC822.SIZE 162)
S: * 2 FETCH (UID 2 RFC822.SIZE 264)
S: * 3 FETCH (UID 3 RFC822.SIZE 318)
S: a6 OK ...
C: a7 FETCH 2,1,2:3 uid
S: * 1 FETCH (UID 1)
S: * 2 FETCH (UID 2)
S: * 3 FETCH (UID 3)
S: a7 OK ...
C: a8 FETCH *:2 (FLAGS)
S: * 2 FETCH (FLAGS (\Recent))
S: * 3 FETCH (FLAGS (\Recent))
S: a8 OK ...
C: a9 FETCH 1 (INTERNALDATE internaldate UID)
S: * 1 FETCH (INTERNALDATE " 5-Jan-2026 09:00:00 +0000" INTERNALDATE " 5-Jan-2026 09:00:00 +0000" UID 1)
S: a9 OK ...
# UID FETCH tells the UID, once.
C: b1 UID FETCH 2:* (FLAGS)
S: * 2 FETCH (UID 2 FLAGS (\Recent))
S: * 3 FETCH (UID 3 FLAGS (\Recent))
S: b1 OK ...
C: b2 UID FETCH 2 (UID FLAGS UID)
S: * 2 FETCH (UID 2 FLAGS (\Recent))
S: b2 OK ...
C: b3 UID FETCH 9:* UID
S: * 3 FETCH (UID 3)
S: b3 OK ...
C: b4 UID FETCH 7 (FLAGS)
S: b4 OK ...
C: b5 UID FETCH 1 ENVELOPE
S: * 1 FETCH (UID 1 ENVELOPE ("Mon, 05 Jan 2026 10:00:00 +0100" "First" (("Anna" NIL "anna" "example.com")) (("Anna" NIL "anna" "example.com")) (("Anna" NIL "anna" "example.com")) ((NIL NIL "alice" "example.org")) NIL NIL NIL "<one@example.com>"))
S: b5 OK ...
