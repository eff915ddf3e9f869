# RFC 4978: what is said; that it is deflated, tests/live/compress_test.py shows
@covers  RFC4978-3-1  RFC4978-3-2  RFC4978-3-3
@own-world
@account alice  INBOX < three.mbox
@login

S~ * OK ...
C: a1 LOGIN alice "${password}"
S: a1 OK [CAPABILITY ...
C: a1b CAPABILITY
S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ COMPRESS=DEFLATE ...
S: a1b OK ...
C: a2 COMPRESS
S: a2 BAD ...
C: a3 COMPRESS ZSTD
S: a3 NO [CANNOT] DEFLATE is the only algorithm
C: a4 COMPRESS deflate
S: a4 OK Compression begins behind this line
C: a5 COMPRESS DEFLATE
S: a5 NO [COMPRESSIONACTIVE] The connection is compressed already
C: a6 UNAUTHENTICATE
S: a6 NO [CANNOT] Not on a compressed connection
C: a7 STATUS INBOX (MESSAGES)
S: * STATUS INBOX (MESSAGES 3)
S: a7 OK ...
