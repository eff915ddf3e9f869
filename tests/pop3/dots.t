# RFC 1939 3: a line that begins with a dot is sent with another one
@covers  RFC1939-3-3
@account alice  INBOX < dots.mbox

C: RETR 1
S~ ...
S: Message-ID: <dots@example.com>
S: 
S: ..
S: ...
S: ..x
S: x.
S: 
S: ..
S: .
