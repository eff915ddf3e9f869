# Commands of one letter case, spaces, and arguments nobody wants
@covers  RFC1939-3-1
@account alice  INBOX < three.mbox

C: noop
S: +OK Nothing done
C: NOOP 
S: +OK Nothing done
C: NOOP x
S: -ERR The arguments are not valid
C: LIST 1 2
S: -ERR The arguments are not valid
C: DELE 4294967296
S: -ERR Not the number of a message
C: DELE -1
S: -ERR Not the number of a message
C: 
S: -ERR There is no such command
C: XYZZY
S: -ERR There is no such command
