# RFC 7888, RFC 9051 4.3: literals, waited for and not
@covers  RFC9051-2.2.1-2  RFC9051-4.3-1  RFC7888-5-1
@account alice  INBOX

# The block of a literal ends with CRLF, which is no name.
C: a1 STATUS {}
    INBOX
C> (MESSAGES)
S: a1 NO ...
C: a2 STATUS {5}
S: + OK
C: INBOX (MESSAGES)
S: * STATUS INBOX (MESSAGES 0)
S: a2 OK ...
C: a3 STATUS {5+}
C: INBOX (MESSAGES)
S: * STATUS INBOX (MESSAGES 0)
S: a3 OK ...
# One that is too large is refused before it is sent; the session goes on.
C: a4 STATUS {262145}
S: a4 BAD [TOOBIG] ...
C: a5 NOOP
S: a5 OK ...
# What is not a command gets no literal.
C: a6 XYZZY {5}
S: a6 BAD ...
C: a7 XYZZY {5+}
C: INBOX
S: a7 BAD ...
C: a8 NOOP
S: a8 OK ...
C: a9 STATUS ~{5}
S: + OK
C: INBOX (MESSAGES)
S: a9 BAD ...
