# RFC 5802 3, RFC 7677: SCRAM-SHA-256, and with the channel bound by tls-exporter (RFC 9266)
@covers  RFC9051-6.2.1-1  RFC9051-6.2.2-3  RFC7677-3-1  RFC9266-4-1
@account alice  INBOX
@login
@scram
@starttls

C: a1 CAPABILITY
S: * OK ...
S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR STARTTLS AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN
S: a1 OK ...
# Nobody proves what he does not know.
C: a2 AUTHENTICATE SCRAM-SHA-256 ${scram-first:mallory}
S: + ${m}
C: ${scram-final:mallory:m}
S: a2 NO [AUTHENTICATIONFAILED] ...
C: a3 AUTHENTICATE SCRAM-SHA-256 ${scram-first:alice}
S: + ${a}
C: ${scram-final:bob:a}
S: a3 NO [AUTHENTICATIONFAILED] ...
C: a4 AUTHENTICATE SCRAM-SHA-256 ${scram-first:alice}
S: + ${b}
C: *
S: a4 BAD ...
# No binding without TLS.
C: a5 AUTHENTICATE SCRAM-SHA-256-PLUS ${scram-first-plus:alice}
S: a5 NO ...
C: a6 STARTTLS
S: a6 OK ...
-- tls
C: b1 CAPABILITY
S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN
S: b1 OK ...
# A proof for a channel that is not bound is none for one that is.
C: b2 AUTHENTICATE SCRAM-SHA-256-PLUS ${scram-first-plus:alice}
S: + ${c}
C: ${scram-final:alice:c}
S: b2 NO [AUTHENTICATIONFAILED] ...
C: b3 AUTHENTICATE SCRAM-SHA-256-PLUS ${scram-first-plus:alice}
S: + ${d}
C: ${scram-final-plus:alice:d}
# The server proves itself, too.
S: + ${scram-server-plus:alice:d}
C:
S: b3 OK [CAPABILITY ...
C: b4 SELECT INBOX
S~ ...
S: b4 OK ...
