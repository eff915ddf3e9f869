# RFC 1939 5: RETR sends octets as STAT and LIST count them
@covers  RFC1939-5-1
@account alice  INBOX < three.mbox

C: STAT
S: +OK 3 ${all}
C: LIST
S: +OK 3 messages (${all} octets)
S: 1 ${one}
S: 2 ${two}
S: 3 ${three}
S: .
C: LIST 2
S: +OK 2 ${two}
C: RETR 1
S: +OK ${one} octets
S: From: Anna <anna@example.com>
S: To: alice@example.org
S: Subject: First
S: Date: Mon, 05 Jan 2026 10:00:00 +0100
S: Message-ID: <one@example.com>
S: 
S: The first message.
S: .
C: RETR 4
S: -ERR There is no such message
C: RETR 0
S: -ERR There is no such message
C: RETR one
S: -ERR Not the number of a message
C: RETR
S: -ERR The arguments are not valid
