# RFC 9051 6.4.5.1: <partial> cuts, and a start behind the end gives ""
@covers  RFC9051-6.4.5.1-2
@account alice  INBOX < three.mbox

C: a1 EXAMINE INBOX
S~ ...
S: a1 OK [READ-ONLY] ...
C: a2 FETCH 1 BODY[TEXT]<0.5>
S: * 1 FETCH (BODY[TEXT]<0> {}
	The f\
S>)
S: a2 OK ...
C: a3 FETCH 1 BODY[TEXT]<4.5>
S: * 1 FETCH (BODY[TEXT]<4> {}
	first\
S>)
S: a3 OK ...
C: a4 FETCH 1 BODY[TEXT]<16.4000000000>
S: * 1 FETCH (BODY[TEXT]<16> {}
	e.
S>)
S: a4 OK ...
C: a5 FETCH 1 BODY[TEXT]<20.1>
S: * 1 FETCH (BODY[TEXT]<20> {}
S>)
S: a5 OK ...
C: a7 FETCH 1 (BODY[]<0.4> BODY.PEEK[HEADER]<6.4> BODY[HEADER.FIELDS (Subject)]<9.5>)
S: * 1 FETCH (BODY[]<0> {}
	From\
S> BODY[HEADER]<6> {}
	Anna\
S> BODY[HEADER.FIELDS (Subject)]<9> {}
	First\
S>)
S: a7 OK ...
C: a8 FETCH 3 (BODY[1]<6.100> BODY[3]<0.1>)
S: * 3 FETCH (BODY[1]<6> {}
	text.\
S> BODY[3]<0> NIL)
S: a8 OK ...
