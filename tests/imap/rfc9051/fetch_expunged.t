# RFC 9051 7.5.1: what another session expunged stays readable to who still shows it
@covers  RFC9051-7.5.1-1
@account alice  INBOX < three.mbox

C: a1 SELECT INBOX
S~ ...
S: a1 OK [READ-WRITE] ...
2C: b1 SELECT INBOX
2S~ ...
2S: b1 OK [READ-WRITE] ...
2C: b2 STORE 2 +FLAGS.SILENT (\Deleted)
2S: b2 OK ...
2C: b3 EXPUNGE
2S: * 2 EXPUNGE
2S: b3 OK ...
C: a2 FETCH 2:3 (UID BODY.PEEK[TEXT])
S: * 2 FETCH (UID 2 BODY[TEXT] {}
	The second message
	has two lines.
S>)
S: * 3 FETCH (UID 3 BODY[TEXT] {}
	--b
	Content-Type: text/plain

	Plain text.
	--b
	Content-Type: text/html

	<p>HTML text.</p>
	--b--
S>)
S: a2 OK ...
C: a3 FETCH 1:3 (UID BODY[HEADER.FIELDS (Subject)])
S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (Subject)] {}
	Subject: First
	
S> FLAGS (\Recent \Seen))
S: * 2 FETCH (UID 2 BODY[HEADER.FIELDS (Subject)] {}
	Subject: Second
	
S>)
S: * 3 FETCH (UID 3 BODY[HEADER.FIELDS (Subject)] {}
	Subject: Third
	
S> FLAGS (\Recent \Seen))
S: a3 OK ...
C: a4 SEARCH SUBJECT Second
S: * SEARCH 2
S: a4 OK ...
C: a5 NOOP
S: * 2 EXPUNGE
S: a5 OK ...
C: a6 FETCH 1:* UID
S: * 1 FETCH (UID 1)
S: * 2 FETCH (UID 3)
S: a6 OK ...
