# RFC 1939 7: TOP sends the header, an empty line, and so many lines
@covers  RFC1939-7-1
@account alice  INBOX < three.mbox
@connection 2 imap alice

C: TOP 2 1
S: +OK The top follows
S: From: Bert <bert@example.com>
S: To: alice@example.org
S: Cc: carl@example.com
S: Subject: Second
S: Date: Mon, 05 Jan 2026 10:10:00 +0100
S: Message-ID: <two@example.com>
S: In-Reply-To: <one@example.com>
S: References: <one@example.com>
S: 
S: The second message
S: .
C: TOP 1 0
S: +OK The top follows
S~ ...
S: Message-ID: <one@example.com>
S: 
S: .
C: TOP 2 99
S~ ...
S: The second message
S: has two lines.
S: .
C: TOP 1
S: -ERR The arguments are not valid
C: TOP 1 x
S: -ERR Not a number of lines
C: TOP 1 -1
S: -ERR Not a number of lines
C: QUIT
S: +OK Goodbye
# RFC 1939 7: it has not been read by that
2C: a1 STATUS INBOX (UNSEEN)
2S: * STATUS INBOX (UNSEEN 3)
2S: a1 OK ...
