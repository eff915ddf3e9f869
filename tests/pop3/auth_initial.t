# RFC 5034 4: the initial response alone is a login
@covers  RFC5034-4-1
@account alice  INBOX < three.mbox
@login

C: AUTH PLAIN ${plain:alice}
S: +OK mx.test Mailstead ready
S: +OK 3 messages (${all} octets)
