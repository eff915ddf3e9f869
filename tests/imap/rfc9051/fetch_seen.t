# RFC 9051 6.4.5: reading a body sets \Seen and tells it; PEEK and EXAMINE do not
@covers  RFC9051-2.3.2-1  RFC9051-6.4.5-2
@account alice  INBOX < three.mbox

C: a1 SELECT INBOX
S~ ...
S: a1 OK [READ-WRITE] ...
2C: b1 SELECT INBOX
2S~ ...
2S: b1 OK [READ-WRITE] ...
C: a2 FETCH 1 BODY.PEEK[TEXT]
S: * 1 FETCH (BODY[TEXT] {}
	The first message.
S>)
S: a2 OK ...
C: a3 FETCH 1 RFC822.HEADER
S: * 1 FETCH (RFC822.HEADER {}
	From: Anna <anna@example.com>
	To: alice@example.org
	Subject: First
	Date: Mon, 05 Jan 2026 10:00:00 +0100
	Message-ID: <one@example.com>
	
S>)
S: a3 OK ...
C: a4 FETCH 1 FLAGS
S: * 1 FETCH (FLAGS (\Recent))
S: a4 OK ...
C: a5 FETCH 1 BODY[TEXT]
S: * 1 FETCH (BODY[TEXT] {}
	The first message.
S> FLAGS (\Recent \Seen))
S: a5 OK ...
# It has it now: no change, no FLAGS.
C: a6 FETCH 1 BODY[TEXT]<0.3>
S: * 1 FETCH (BODY[TEXT]<0> {}
	The\
S>)
S: a6 OK ...
# FLAGS that are asked for stand where they were asked for, and are the new ones.
C: a7 FETCH 1:2 (FLAGS BODY[HEADER.FIELDS (Subject)])
S: * 1 FETCH (FLAGS (\Recent \Seen) BODY[HEADER.FIELDS (Subject)] {}
	Subject: First
	
S>)
S: * 2 FETCH (FLAGS (\Recent \Seen) BODY[HEADER.FIELDS (Subject)] {}
	Subject: Second
	
S>)
S: a7 OK ...
C: a8 UID FETCH 3 BINARY[1]<0.5>
S: * 3 FETCH (UID 3 BINARY[1]<0> ~{}
	Plain\
S> FLAGS (\Recent \Seen))
S: a8 OK ...
2C: b2 NOOP
2S: * 1 FETCH (FLAGS (\Seen))
2S: * 2 FETCH (FLAGS (\Seen))
2S: * 3 FETCH (FLAGS (\Seen))
2S: b2 OK ...
C: a9 STORE 1:3 -FLAGS.SILENT (\Seen)
S: a9 OK ...
2C: b3 CLOSE
2S: b3 OK ...
2C: b4 EXAMINE INBOX
2S~ ...
2S: b4 OK [READ-ONLY] ...
2C: b5 FETCH 1 BODY[TEXT]
2S: * 1 FETCH (BODY[TEXT] {}
	The first message.
S>)
2S: b5 OK ...
2C: b6 FETCH 1 FLAGS
2S: * 1 FETCH (FLAGS ())
2S: b6 OK ...
C: c1 FETCH 1 BINARY.SIZE[1]
S: * 1 FETCH (BINARY.SIZE[1] 20)
S: c1 OK ...
C: c2 FETCH 1 FLAGS
S: * 1 FETCH (FLAGS (\Recent))
S: c2 OK ...
