# RFC 1939 3: after ten minutes of silence it closes, says and removes nothing
@covers  RFC1939-3-2
@account alice  INBOX < three.mbox
@connection 2 imap alice

C: DELE 1
S: +OK Deleted at QUIT
-- clock +9m
C: NOOP
S: +OK Nothing done
-- clock +9m
C: NOOP
S: +OK Nothing done
-- clock +11m
-- closed
2C: a1 STATUS INBOX (MESSAGES)
2S: * STATUS INBOX (MESSAGES 3)
2S: a1 OK ...
