# RFC 9051 6.4.5.1: every form of a section
@covers  RFC9051-6.4.5.1-1
@account alice  INBOX < parts.mbox

C: a1 EXAMINE INBOX
S~ ...
S: a1 OK [READ-ONLY] ...
C: a2 FETCH 1 BODY[HEADER]
S: * 1 FETCH (BODY[HEADER] {}
	Received: from a.example.com by b.example.com;
		Mon, 05 Jan 2026 10:00:00 +0100
	From: Anna <anna@example.com>
	To: alice@example.org, =?utf-8?q?J=C3=BCrgen?= <j@example.org>
	Subject: Parts
	Date: Mon, 05 Jan 2026 10:00:00 +0100
	Message-ID: <parts@example.com>
	MIME-Version: 1.0
	Content-Type: multipart/mixed; boundary="mix"
	
S>)
S: a2 OK ...
C: a3 FETCH 1 BODY[TEXT]
S: * 1 FETCH (BODY[TEXT] {}
	The preamble is no part.
	--mix
	Content-Type: text/plain; charset=us-ascii

	The first part.
	--mix
	Content-Type: message/rfc822
	Content-Description: a message

	From: Bert <bert@example.com>
	Subject: Inside
	MIME-Version: 1.0
	Content-Type: multipart/alternative; boundary="alt"

	--alt
	Content-Type: text/plain; charset=utf-8
	Content-Transfer-Encoding: quoted-printable

	Gr=C3=BC=C3=9Fe, one line that is =
	broken.
	--alt
	Content-Type: text/html; charset=utf-8
	Content-Transfer-Encoding: base64

	PGI+SGVsbG88L2I+DQo=
	--alt--

	--mix
	Content-Type: application/octet-stream; name="zeros.bin"
	Content-Disposition: attachment; filename="zeros.bin"
	Content-Transfer-Encoding: base64

	AAECAwQ=
	--mix
	Content-Type: application/x-odd
	Content-Transfer-Encoding: x-odd

	????
	--mix
	Content-Type: message/rfc822

	Subject: Plain inside

	Only a text.
	--mix--
	The epilogue is no part.
S>)
S: a3 OK ...
C: a4 FETCH 1 body.peek[1]
S: * 1 FETCH (BODY[1] {}
	The first part.\
S>)
S: a4 OK ...
C: a5 FETCH 1 (BODY[1.MIME] BODY[2.mime])
S: * 1 FETCH (BODY[1.MIME] {}
	Content-Type: text/plain; charset=us-ascii
	
S> BODY[2.MIME] {}
	Content-Type: message/rfc822
	Content-Description: a message
	
S>)
S: a5 OK ...
C: a6 FETCH 1 BODY[2]
S: * 1 FETCH (BODY[2] {}
	From: Bert <bert@example.com>
	Subject: Inside
	MIME-Version: 1.0
	Content-Type: multipart/alternative; boundary="alt"

	--alt
	Content-Type: text/plain; charset=utf-8
	Content-Transfer-Encoding: quoted-printable

	Gr=C3=BC=C3=9Fe, one line that is =
	broken.
	--alt
	Content-Type: text/html; charset=utf-8
	Content-Transfer-Encoding: base64

	PGI+SGVsbG88L2I+DQo=
	--alt--
S>)
S: a6 OK ...
C: a7 FETCH 1 BODY[2.HEADER]
S: * 1 FETCH (BODY[2.HEADER] {}
	From: Bert <bert@example.com>
	Subject: Inside
	MIME-Version: 1.0
	Content-Type: multipart/alternative; boundary="alt"
	
S>)
S: a7 OK ...
C: a8 FETCH 1 BODY[2.TEXT]
S: * 1 FETCH (BODY[2.TEXT] {}
	--alt
	Content-Type: text/plain; charset=utf-8
	Content-Transfer-Encoding: quoted-printable

	Gr=C3=BC=C3=9Fe, one line that is =
	broken.
	--alt
	Content-Type: text/html; charset=utf-8
	Content-Transfer-Encoding: base64

	PGI+SGVsbG88L2I+DQo=
	--alt--
S>)
S: a8 OK ...
C: a9 FETCH 1 (BODY[2.1] BODY[2.2] BODY[2.1.MIME])
S: * 1 FETCH (BODY[2.1] {}
	Gr=C3=BC=C3=9Fe, one line that is =
	broken.\
S> BODY[2.2] {}
	PGI+SGVsbG88L2I+DQo=\
S> BODY[2.1.MIME] {}
	Content-Type: text/plain; charset=utf-8
	Content-Transfer-Encoding: quoted-printable
	
S>)
S: a9 OK ...
C: b1 FETCH 1 (BODY[3] BODY[4] BODY[5.1] BODY[5.TEXT] BODY[5.HEADER])
S: * 1 FETCH (BODY[3] {}
	AAECAwQ=\
S> BODY[4] {}
	????\
S> BODY[5.1] {}
	Only a text.\
S> BODY[5.TEXT] {}
	Only a text.\
S> BODY[5.HEADER] {}
	Subject: Plain inside
	
S>)
S: b1 OK ...
C: b2 FETCH 1 BODY[HEADER.FIELDS (From "to" Nothing)]
S: * 1 FETCH (BODY[HEADER.FIELDS (From to Nothing)] {}
	From: Anna <anna@example.com>
	To: alice@example.org, =?utf-8?q?J=C3=BCrgen?= <j@example.org>
	
S>)
S: b2 OK ...
C: b3 FETCH 1 BODY[HEADER.FIELDS.NOT (From To Received Content-Type)]
S: * 1 FETCH (BODY[HEADER.FIELDS.NOT (From To Received Content-Type)] {}
	Subject: Parts
	Date: Mon, 05 Jan 2026 10:00:00 +0100
	Message-ID: <parts@example.com>
	MIME-Version: 1.0
	
S>)
S: b3 OK ...
C: b4 FETCH 1 (BODY[2.HEADER.FIELDS (Subject)] BODY[5.HEADER.FIELDS.NOT (subject)])
S: * 1 FETCH (BODY[2.HEADER.FIELDS (Subject)] {}
	Subject: Inside
	
S> BODY[5.HEADER.FIELDS.NOT (subject)] {}
	
S>)
S: b4 OK ...
C: b5 FETCH 1 BODY[HEADER.FIELDS (X-None)]
S: * 1 FETCH (BODY[HEADER.FIELDS (X-None)] {}
	
S>)
S: b5 OK ...
# What is not there is NIL.
C: b6 FETCH 1 (BODY[6] BODY[1.1] BODY[1.HEADER] BODY[3.TEXT] BODY[2.3] BODY[2.1.1] BODY[1.HEADER.FIELDS (From)])
S: * 1 FETCH (BODY[6] NIL BODY[1.1] NIL BODY[1.HEADER] NIL BODY[3.TEXT] NIL BODY[2.3] NIL BODY[2.1.1] NIL BODY[1.HEADER.FIELDS (From)] NIL)
S: b6 OK ...
# A message that is not multipart has one part.
C: b7 FETCH 2 (BODY[1] BODY[1.MIME] BODY[2] BODY[1.1])
S: * 2 FETCH (BODY[1] {}
	SGVsbG8sDQp3b3JsZCENCg==
S> BODY[1.MIME] {}
	From: Bert <bert@example.com>
	To: alice@example.org
	Subject: Not multipart
	Date: Mon, 05 Jan 2026 10:10:00 +0100
	Message-ID: <single@example.com>
	Content-Type: text/plain
	Content-Transfer-Encoding: base64
	
S> BODY[2] NIL BODY[1.1] NIL)
S: b7 OK ...
# A text that is empty is "", and not NIL.
C: b8 FETCH 3 (BODY[] BODY[HEADER] BODY[TEXT] BODY[1])
S: * 3 FETCH (BODY[] {}
	From: Carl <carl@example.com>
	Subject: Empty
	Message-ID: <empty@example.com>
	
S> BODY[HEADER] {}
	From: Carl <carl@example.com>
	Subject: Empty
	Message-ID: <empty@example.com>
	
S> BODY[TEXT] {}
S> BODY[1] {}
S>)
S: b8 OK ...
# The same item twice is told twice, several items in their order.
C: b9 UID FETCH 2 (BODY[TEXT] FLAGS BODY[TEXT] RFC822.SIZE)
S: * 2 FETCH (UID 2 BODY[TEXT] {}
	SGVsbG8sDQp3b3JsZCENCg==
S> FLAGS (\Recent) BODY[TEXT] {}
	SGVsbG8sDQp3b3JsZCENCg==
S> RFC822.SIZE 240)
S: b9 OK ...
C: c1 FETCH 1 BODYSTRUCTURE
S: * 1 FETCH (BODYSTRUCTURE (("TEXT" "PLAIN" ("charset" "us-ascii") NIL NIL "7BIT" 15 0 NIL NIL NIL NIL)("MESSAGE" "RFC822" NIL NIL "a message" "7BIT" 378 (NIL "Inside" (("Bert" NIL "bert" "example.com")) (("Bert" NIL "bert" "example.com")) (("Bert" NIL "bert" "example.com")) NIL NIL NIL NIL NIL) (("TEXT" "PLAIN" ("charset" "utf-8") NIL NIL "QUOTED-PRINTABLE" 44 1 NIL NIL NIL NIL)("TEXT" "HTML" ("charset" "utf-8") NIL NIL "BASE64" 20 0 NIL NIL NIL NIL) "ALTERNATIVE" ("boundary" "alt") NIL NIL NIL) 17 NIL NIL NIL NIL)("APPLICATION" "OCTET-STREAM" ("name" "zeros.bin") NIL NIL "BASE64" 8 NIL ("ATTACHMENT" ("filename" "zeros.bin")) NIL NIL)("APPLICATION" "X-ODD" NIL NIL NIL "X-ODD" 4 NIL NIL NIL NIL)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 37 (NIL "Plain inside" NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 12 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL) "MIXED" ("boundary" "mix") NIL NIL NIL))
S: c1 OK ...
