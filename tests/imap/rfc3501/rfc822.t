# RFC 3501 6.4.5: RFC822, RFC822.HEADER, RFC822.TEXT
@covers  RFC3501-6.4.5-1
@account alice  INBOX < three.mbox

C: a1 SELECT INBOX
S~ ...
S: a1 OK [READ-WRITE] ...
C: a2 FETCH 1 RFC822.HEADER
S: * 1 FETCH (RFC822.HEADER {}
	From: Anna <anna@example.com>
	To: alice@example.org
	Subject: First
	Date: Mon, 05 Jan 2026 10:00:00 +0100
	Message-ID: <one@example.com>
	
S>)
S: a2 OK ...
C: a3 FETCH 1 RFC822
S: * 1 FETCH (RFC822 {}
	From: Anna <anna@example.com>
	To: alice@example.org
	Subject: First
	Date: Mon, 05 Jan 2026 10:00:00 +0100
	Message-ID: <one@example.com>

	The first message.
S> FLAGS (\Recent \Seen))
S: a3 OK ...
C: a4 FETCH 2 (RFC822.TEXT UID)
S: * 2 FETCH (RFC822.TEXT {}
	The second message
	has two lines.
S> UID 2 FLAGS (\Recent \Seen))
S: a4 OK ...
C: a5 UID FETCH 2 (RFC822.TEXT RFC822.SIZE)
S: * 2 FETCH (UID 2 RFC822.TEXT {}
	The second message
	has two lines.
S> RFC822.SIZE 264)
S: a5 OK ...
