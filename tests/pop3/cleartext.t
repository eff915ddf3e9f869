# RFC 2595: no password without TLS from afar; STLS forgets what was before
@covers  RFC2595-4-1
@account alice  INBOX < three.mbox
@login
@remote
@starttls
@scram
@cleartext loopback

C: CAPA
S: +OK mx.test Mailstead ready
S: +OK Capabilities follow
S! USER
S~ STLS
S~ SASL SCRAM-SHA-256
S~ ...
S: .
C: USER alice
S: -ERR Begin TLS first
C: PASS secret
S: -ERR Begin TLS first
C: AUTH PLAIN ${plain:alice}
S: -ERR Begin TLS first
C: STLS
S: +OK Begin TLS now
-- tls
C: CAPA
S: +OK Capabilities follow
S! STLS
S~ USER
S~ SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN
S~ ...
S: .
C: STLS
S: -ERR TLS cannot begin here
C: USER alice
S: +OK Now the password
C: PASS secret
S: +OK 3 messages (${all} octets)
C: STLS
S: -ERR Not in this state
