# RFC 3516 4: parts decoded, as literal8; an encoding nobody knows is refused
@covers  RFC9051-7.5.2-1
@account alice  INBOX < parts.mbox

C: a1 SELECT INBOX
S~ ...
S: a1 OK [READ-WRITE] ...
C: a2 FETCH 1 (BINARY.PEEK[1] BINARY.PEEK[2.1] BINARY.PEEK[2.2])
S: * 1 FETCH (BINARY[1] ~{}
	The first part.\
S> BINARY[2.1] ~{}
	Grüße, one line that is broken.\
S> BINARY[2.2] ~{}
	<b>Hello</b>
S>)
S: a2 OK ...
C: a3 FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2.1] BINARY.SIZE[2.2] BINARY.SIZE[3])
S: * 1 FETCH (BINARY.SIZE[1] 15 BINARY.SIZE[2.1] 33 BINARY.SIZE[2.2] 14 BINARY.SIZE[3] 5)
S: a3 OK ...
C: a4 FETCH 2 BINARY.PEEK[1]<8.100>
S: * 2 FETCH (BINARY[1]<8> ~{}
	world!
S>)
S: a4 OK ...
C: a5 FETCH 2 BINARY.PEEK[1]<20.1>
S: * 2 FETCH (BINARY[1]<20> ~{}
S>)
S: a5 OK ...
C: a6 FETCH 2 (BINARY.PEEK[1]<0.5> BINARY.PEEK[1]<5.1>)
S: * 2 FETCH (BINARY[1]<0> ~{}
	Hello\
S> BINARY[1]<5> ~{}
	,\
S>)
S: a6 OK ...
C: a7 FETCH 1 BINARY.PEEK[9]
S: * 1 FETCH (BINARY[9] NIL)
S: a7 OK ...
C: a8 FETCH 1 (UID BINARY.PEEK[4] FLAGS)
S: * 1 FETCH (UID 1 FLAGS (\Recent))
S: a8 NO [UNKNOWN-CTE] ...
C: a9 FETCH 1 BINARY.SIZE[4]
S: a9 NO [UNKNOWN-CTE] ...
C: b1 FETCH 1:2 BINARY.PEEK[4]
S: * 2 FETCH (BINARY[4] NIL)
S: b1 NO [UNKNOWN-CTE] ...
# What holds other parts is not encoded.
C: b2 FETCH 1 BINARY.PEEK[5]
S: * 1 FETCH (BINARY[5] ~{}
	Subject: Plain inside

	Only a text.\
S>)
S: b2 OK ...
C: b3 FETCH 3 (BINARY.PEEK[] BINARY.SIZE[])
S: * 3 FETCH (BINARY[] ~{}
	From: Carl <carl@example.com>
	Subject: Empty
	Message-ID: <empty@example.com>
	
S> BINARY.SIZE[] 82)
S: b3 OK ...
C: b4 UID FETCH 2 BINARY[1]
S: * 2 FETCH (UID 2 BINARY[1] ~{}
	Hello,
	world!
S> FLAGS (\Recent \Seen))
S: b4 OK ...
C: b5 UID FETCH 2 BINARY[1]
S: * 2 FETCH (UID 2 BINARY[1] ~{}
	Hello,
	world!
S>)
S: b5 OK ...
