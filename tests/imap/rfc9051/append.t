# RFC 9051 6.3.12: APPEND with flags and date, byte for byte
@covers  RFC9051-2.3.1.1-1  RFC9051-6.3.12-1  RFC9051-6.3.12-3
@own-world
@account alice  INBOX  Archive

C: a1 APPEND INBOX {}
	Subject: one

	Hello
S: a1 OK [APPENDUID ${v} 1] ...
C: a2 APPEND INBOX (\Seen Work \Flagged) " 9-Feb-2024 10:11:12 -0330" {+}
	Subject: two

	Line
	without end\
S: a2 OK [APPENDUID ${v} 2] ...
C: a3 APPEND Archive () {}
	Subject: three
	
S: a3 OK [APPENDUID ${w} 1] ...
C: a4 SELECT INBOX
S~ ...
S: a4 OK [READ-WRITE] ...
C: a5 FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])
S: * 1 FETCH (UID 1 FLAGS (\Recent) INTERNALDATE " 5-Jan-2026 09:00:00 +0000" RFC822.SIZE 23 BODY[] {}
	Subject: one

	Hello
S>)
S: * 2 FETCH (UID 2 FLAGS (\Recent \Flagged \Seen Work) INTERNALDATE " 9-Feb-2024 10:11:12 -0330" RFC822.SIZE 33 BODY[] {}
	Subject: two

	Line
	without end\
S>)
S: a5 OK ...
# The session that shows the mailbox is told.
C: a6 APPEND INBOX (\Draft) {}
	Subject: four

	x
S: * 3 EXISTS
S: * 3 RECENT
S: a6 OK [APPENDUID ${v} 3] ...
2C: b1 SELECT INBOX
2S~ ...
2S: b1 OK [READ-WRITE] ...
C: a7 APPEND {}
	Archive\
C> "01-Mar-2024 00:00:00 +0000" {}
	Subject: five

	y
S: a7 OK [APPENDUID ${w} 2] ...
2C: b2 NOOP
2S: b2 OK ...
C: a8 APPEND "inbox" (\Answered) {+}
	Subject: six

	z
S: * 4 EXISTS
S: * 4 RECENT
S: a8 OK [APPENDUID ${v} 4] ...
2C: b3 NOOP
2S: * 4 EXISTS
2S: * 0 RECENT
2S: b3 OK ...
C: a9 STATUS Archive (MESSAGES UIDNEXT)
S: * STATUS Archive (MESSAGES 2 UIDNEXT 3)
S: a9 OK ...
# literal8 (RFC 3516 4.4), and the UTF8 form (RFC 6855 4).
C: c1 APPEND INBOX ~{}
	Subject: seven

	z
S: * 5 EXISTS
S: * 5 RECENT
S: c1 OK [APPENDUID ${v} 5] ...
C: c2 APPEND INBOX (\Seen) UTF8 (~{}
	Subject: Grüße

	z
C>)
S: * 6 EXISTS
S: * 6 RECENT
S: c2 OK [APPENDUID ${v} 6] ...
C: c3 FETCH 5:6 (FLAGS BODY.PEEK[])
S: * 5 FETCH (FLAGS (\Recent) BODY[] {}
	Subject: seven

	z
S>)
S: * 6 FETCH (FLAGS (\Recent \Seen) BODY[] {}
	Subject: Grüße

	z
S>)
S: c3 OK ...
