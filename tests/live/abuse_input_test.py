#!/usr/bin/env python3
"""Bad input on the built server: each gets an exact protocol error, and a neighbour notices nothing."""
import os
import random
import re
import socket

from abuse import ANNA, Abused, Raw
from harness import PATIENCE, main

WAYS = ('plain', 'tls', 'starttls')
TOO_BIG = b'BAD [TOOBIG] Larger than this server takes'


def overlong_lines():
    with Abused() as s, s.undisturbed() as neighbour:
        for way in WAYS:
            with Raw(s, 'imap', way) as c:
                c.send(b'a NOOP ' + b'x' * 1_000_000)
                neighbour.check()
                assert c.ask(b'') == b'a ' + TOO_BIG
                assert c.ask('b NOOP') == b'b OK NOOP completed'
                c.login(ANNA)
                c.send(b'c NOOP ' + b'x' * 5_000_000)
                neighbour.check()
                assert c.ask(b'') == b'c ' + TOO_BIG
                assert c.ask('d NOOP') == b'd OK NOOP completed'
            with Raw(s, 'pop3', way) as c:
                c.send(b'x' * 1_000_000)
                assert c.ask(b'') == b'-ERR The line is too long'
                assert c.ask('NOOP').startswith(b'-ERR')
                c.login(ANNA)
                c.send(b'x' * 1_000_000)
                assert c.ask(b'') == b'-ERR The line is too long'
                assert c.ask('NOOP') == b'+OK Nothing done'
        with Raw(s, 'lmtp') as c:
            c.send(b'NOOP ' + b'x' * 5_000_000)
            neighbour.check()
            assert c.ask(b'') == b'500 5.5.2 The line is too long'
            assert c.ask('NOOP') == b'250 2.0.0 Ok'


def lines_at_their_limit():
    """The longest that is taken, and one byte more."""
    with Abused() as s, s.undisturbed():
        with Raw(s, 'imap', 'tls', ANNA) as c:
            for more, answer in ((0, b'NO [NONEXISTENT] There is no such mailbox'), (1, TOO_BIG)):
                got = c.ask(b'a EXAMINE "' + b'x' * (65536 - len(b'a EXAMINE ""') + more) + b'"')
                assert got == b'a ' + answer, got
        with Raw(s, 'lmtp') as c:
            assert c.ask(b'NOOP ' + b'x' * 2041) == b'250 2.0.0 Ok'
            assert c.ask(b'NOOP ' + b'x' * 2042) == b'500 5.5.2 The line is too long'


def literals():
    with Abused() as s, s.undisturbed() as neighbour:
        for way in WAYS:
            with Raw(s, 'imap', way) as c:
                # Synchronising: refused before a byte of it is sent.
                assert c.ask('a LOGIN {4097}') == b'a ' + TOO_BIG
                assert c.ask('b LOGIN {99999999999999999999}').startswith(b'b BAD')
                assert c.ask('c LOGIN {18446744073709551615}') == b'c ' + TOO_BIG
                # Not: passed over, and the next command is found.
                c.send(b'd LOGIN {3000000+}\r\n' + b'd LOGOUT\r\n' * 300_000)
                assert c.ask(b' x') == b'd ' + TOO_BIG
                assert c.ask('e NOOP') == b'e OK NOOP completed'
            with Raw(s, 'imap', way, ANNA) as c:
                assert c.ask('a SELECT {262145}') == b'a ' + TOO_BIG
                c.send(b'b SELECT {3000000+}\r\n' + b'b LOGOUT\r\n' * 300_000)
                neighbour.check()
                assert c.ask(b'') == b'b ' + TOO_BIG
                # A mailbox' name is no literal8; a message may be one.
                assert c.ask('c SELECT ~{5}') == b'+ OK'
                assert c.ask('INBOX').startswith(b'c BAD')
                assert c.ask('d APPEND INBOX {104857601}') == b'd NO [TOOBIG] Over a limit of this server'
                assert c.ask('e APPEND INBOX ~{104857601}') == b'e NO [TOOBIG] Over a limit of this server'
                # Announced together more than a command may hold: five literals of the largest size.
                for i in range(5):
                    got = c.ask('f SEARCH SUBJECT {262144}' if i == 0 else ' SUBJECT {262144}')
                    if got != b'+ OK':
                        break
                    c.send(b'x' * 262144)
                assert got.startswith(b'f BAD'), got
                assert c.ask('g NOOP') == b'g OK NOOP completed'
        with Raw(s, 'imap', 'tls', ANNA) as c:
            c.send(b'a APPEND INBOX {104857601+}\r\n')
            piece = b'x' * 1048576
            for _ in range(100):
                c.send(piece)
            assert c.ask(b'y') == b'a NO [TOOBIG] Over a limit of this server'
            assert c.ask('b STATUS INBOX (MESSAGES)') == b'* STATUS INBOX (MESSAGES 0)'


def chunks():
    """BDAT: sizes that are none, chunks without a recipient, and more than a message may have."""
    with Abused(options=['limit.message=1M']) as s, s.undisturbed():
        for size in ('x', '-1', '', '99999999999999999999', '5 LAST x', '1e3'):
            with Raw(s, 'lmtp') as c:
                c.say('LHLO x')
                c.until(b'250 ')
                assert c.ask('BDAT ' + size) == b'501 5.5.4 BDAT needs a size', size
                assert c.closed() == b''
        with Raw(s, 'lmtp') as c:
            c.say('LHLO x')
            c.until(b'250 ')
            c.send(b'BDAT 3000000\r\n' + b'QUIT\r\n' * 500_000)
            assert c.line() == b'503 5.5.1 No recipient was accepted'
            assert c.ask('MAIL FROM:<a@b.test>').startswith(b'250')
            assert c.ask(f'RCPT TO:<{ANNA}>').startswith(b'250')
            for last in ('', ' LAST'):
                c.send(b'BDAT 1500000%s\r\n' % last.encode() + b'x' * 1_500_000)
                got = c.line()
            assert got == b'552 5.3.4 <%s> The message is too large' % ANNA.encode(), got
            assert c.ask('NOOP') == b'250 2.0.0 Ok'
        with Raw(s, 'lmtp') as c:
            # A line without an end, then one in the message: both are bounded by the message alone.
            c.say('LHLO x')
            c.until(b'250 ')
            assert c.ask('MAIL FROM:<a@b.test>').startswith(b'250')
            assert c.ask(f'RCPT TO:<{ANNA}>').startswith(b'250')
            assert c.ask('DATA').startswith(b'354')
            c.send(b'X-Long: ' + b'y' * 500_000 + b'\r\n\r\n' + b'z' * 500_000 + b'\r\n.\r\n')
            assert c.line() == b'250 2.1.5 <%s> Delivered' % ANNA.encode()
        with s.anna() as c:
            c.select('INBOX')
            c.command('FETCH', '1 BODY.PEEK[TEXT]')
            assert c.replies == [b'1 FETCH (BODY[TEXT] {500002}\r\n' + b'z' * 500_000 + b'\r\n)'], c.replies


def nesting():
    deep = 20_000
    asked = {
        'SEARCH': b'SEARCH ' + b'(' * deep + b'ALL' + b')' * deep,
        'SEARCH open': b'SEARCH ' + b'(' * deep,
        'NOT': b'SEARCH ' + b'NOT ' * 15_000 + b'ALL',
        'OR': b'SEARCH ' + b'OR ' * 15_000 + b'ALL ALL',
        'FETCH': b'FETCH 1 ' + b'(' * deep + b'UID' + b')' * deep,
        'STORE': b'STORE 1 FLAGS ' + b'(' * deep + b'\\Seen' + b')' * deep,
        'LIST': b'LIST ' + b'(' * deep + b')' * deep + b' "" *',
        'LIST many': b'LIST "" ' + b'(' * deep + b'*' + b')' * deep,
        'STATUS': b'STATUS INBOX ' + b'(' * deep + b'MESSAGES' + b')' * deep,
        'ID': b'ID ' + b'(' * deep + b'"name" "x"' + b')' * deep,
        'ENABLE': b'ENABLE ' + b'(' * deep,
        'APPEND': b'APPEND INBOX ' + b'(' * deep + b' {5}',
        'CREATE': b'CREATE x ' + b'(' * deep + b'USE' + b')' * deep,
        'SELECT': b'SELECT INBOX ' + b'(' * deep + b'CONDSTORE' + b')' * deep,
        'literals': b'SEARCH ' + b'((((((((((' * 20 + b'SUBJECT {1}',
        'section': b'FETCH 1 BODY[' + b'1.' * 20_000 + b'1]',
    }
    deeply = b'Nested too deeply'
    why = {'SEARCH': deeply, 'SEARCH open': deeply, 'NOT': deeply, 'OR': deeply, 'literals': deeply,
           'FETCH': b'Unknown fetch item', 'LIST': b'No such selection option', 'STATUS': b'No such STATUS item',
           'section': b'Section too deep'}
    with Abused() as s, s.undisturbed():
        s.deliver(ANNA, b'Subject: x\r\n\r\nx\r\n')
        for way in WAYS[:2]:
            with Raw(s, 'imap', way) as c:
                got = c.ask(b'a ID ' + b'(' * 8000)
                assert got.startswith(b'a BAD'), got
            with Raw(s, 'imap', way, ANNA) as c:
                c.say('s SELECT INBOX')
                c.until(b's ')
                for n, (name, command) in enumerate(asked.items()):
                    got = c.ask(b'n%d ' % n + command)
                    if name == 'literals':
                        assert got == b'+ OK'
                        got = c.ask(b'x' + b')' * 200)
                    assert got == b'n%d BAD ' % n + why.get(name, b'The arguments are not valid'), (name, got[:200])
                assert c.ask('x NOOP') == b'x OK NOOP completed'


def nul_and_eight_bits():
    """Garbage at every stage; the sequence is fixed by its seed. What is answered are lines of the protocol."""
    random.seed(7)
    noise = bytes(random.randrange(256) for _ in range(4000))
    with Abused() as s, s.undisturbed() as neighbour:
        for way in WAYS:
            for protocol, good in (('imap', re.compile(rb'(\* BYE|[^ ]+ (BAD|NO|OK)|\* BAD|\+) ?')), ('pop3', re.compile(rb'-ERR'))):
                for login in (None, ANNA):
                    for junk in (b'\0' * 100 + b'\r\n', b'\xff\xfe\r\n' * 3, noise + b'\r\n', b'\0\r\n\n\r\r\n',
                                 b'GET / HTTP/1.1\r\nHost: x\r\n\r\n'):
                        with Raw(s, protocol, way, login) as c:
                            c.send(junk)
                            c.sock.shutdown(socket.SHUT_WR)
                            for x in c.closed().split(b'\r\n'):
                                assert not x or good.match(x), (protocol, junk[:20], x)
            neighbour.check()
        with Raw(s, 'imap') as c:
            assert c.ask(b'a LOGIN "x\0y" z').startswith(b'a BAD')
            assert c.ask(b'b LOGIN {3+}\r\nx\0y z').startswith(b'b BAD')
        with Raw(s, 'imap', 'tls', ANNA) as c:
            assert c.ask(b'a CREATE "x\0y"').startswith(b'a BAD')
            assert c.ask(b'b CREATE {3+}\r\nx\0y').startswith(b'b BAD')
            assert c.ask(b'c APPEND INBOX {3+}\r\nx\0y') == \
                b'c NO [CANNOT] A NUL in a message: only a literal8 may hold it'
            assert c.ask(b'd APPEND INBOX ~{3+}\r\nx\0y').startswith(b'd OK [APPENDUID ')
        with Raw(s, 'lmtp') as c:
            assert c.ask(b'\0\xff') == b'500 5.5.1 There is no such command'
            c.say(b'LHLO x\0y')
            assert c.line() == b'501 5.5.4 That is not a name'
            c.say('LHLO x')
            c.until(b'250 ')
            assert c.ask(b'MAIL FROM:<a\0@b.test>') == b'553 5.1.7 That is not an address'
            assert c.ask(b'MAIL FROM:<a@b.test>').startswith(b'250')
            assert c.ask(b'RCPT TO:<\xff\xfe@example.test>') == b'553 5.1.3 That is not an address'
            assert c.ask(f'RCPT TO:<{ANNA}>').startswith(b'250')
            assert c.ask('DATA').startswith(b'354')
            assert c.ask(b'Subject: x\r\n\r\nx\0y\r\n.').startswith(b'554 5.6.0')
            assert c.ask('NOOP') == b'250 2.0.0 Ok'


def half_closed():
    """All answers of what was pipelined come, then the connection ends."""
    with Abused() as s, s.undisturbed():
        mail = b'Subject: half\r\n\r\n' + b'x' * 300_000 + b'\r\n'
        for way in WAYS:
            with Raw(s, 'imap', way, ANNA) as c:
                c.send(b'a SELECT INBOX\r\nb APPEND INBOX {%d+}\r\n%s\r\nc NOOP\r\nd FETCH * (UID BODY.PEEK[])\r\n'
                       b'e STORE * +FLAGS.SILENT (\\Deleted)\r\nf EXPUNGE\r\ng LOGOUT\r\n' % (len(mail), mail))
                c.sock.shutdown(socket.SHUT_WR)
                got = c.closed()
                tags = re.findall(rb'^([a-g]) (OK|NO|BAD)', got, re.M)
                assert tags == [(t, b'OK') for t in (b'a', b'b', b'c', b'd', b'e', b'f', b'g')], got[-500:]
                assert mail in got
            # Without LOGOUT, and in the middle of a command.
            with Raw(s, 'imap', way) as c:
                c.send(b'a NOOP\r\nb CAPABILITY\r\nc NO')
                c.sock.shutdown(socket.SHUT_WR)
                assert re.findall(rb'^([a-c]) (OK|NO|BAD)', c.closed(), re.M) == [(b'a', b'OK'), (b'b', b'OK')]
            # Login and more in one piece.
            with Raw(s, 'imap', way) as c:
                c.send(f'a LOGIN {ANNA} {s.passwords[ANNA]}\r\nb SELECT INBOX\r\nc IDLE\r\n'.encode())
                c.sock.shutdown(socket.SHUT_WR)
                assert re.findall(rb'^([a-c]) (OK|NO|BAD)|^(\+)', c.closed(), re.M) == \
                    [(b'a', b'OK', b''), (b'b', b'OK', b''), (b'', b'', b'+')]
            with Raw(s, 'pop3', way) as c:
                c.send(f'USER {ANNA}\r\nPASS {s.passwords[ANNA]}\r\nSTAT\r\nLIST\r\nQUIT\r\n'.encode())
                c.sock.shutdown(socket.SHUT_WR)
                got = c.closed().split(b'\r\n')
                assert [x[:3] for x in got] == [b'+OK'] * 4 + [b'.', b'+OK', b''], got
        with Raw(s, 'lmtp') as c:
            c.send(b'LHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<%s>\r\nRCPT TO:<nobody@example.test>\r\nDATA\r\n'
                   % ANNA.encode() + b'Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n')
            c.sock.shutdown(socket.SHUT_WR)
            got = [x[:4] for x in c.closed().split(b'\r\n') if x[3:4] != b'-']
            assert got == [b'250 ', b'250 ', b'250 ', b'550 ', b'354 ', b'250 ', b'221 ', b''], got


def tls_garbage():
    random.seed(8)
    noise = [b'GET / HTTP/1.0\r\n\r\n', b'\0' * 500, bytes(random.randrange(256) for _ in range(20_000)),
             # A record of a handshake of the largest length, one of a length that is not allowed, an alert.
             b'\x16\x03\x01\xff\xff' + b'\x01' * 66_000, b'\x16\x03\x01\x40\x00\x01\x00\xff\xff' + b'a' * 17_000,
             b'\x15\x03\x01\x00\x02\x02\x28', b'\x80\x2e\x01\x00\x02' + b'x' * 44, b'a NOOP\r\n' * 3]
    with Abused() as s, s.undisturbed() as neighbour:
        for protocol in ('imaps', 'pop3s'):
            for junk in noise:
                # Nothing of the protocol is said in the clear: at most an alert of TLS, then the end.
                with socket.create_connection(('127.0.0.1', s.ports[protocol]), PATIENCE) as c:
                    try:
                        c.sendall(junk)
                        c.shutdown(socket.SHUT_WR)
                        got = b''.join(iter(lambda: c.recv(4096), b''))
                    except (ConnectionError, OSError) as e:
                        assert not isinstance(e, TimeoutError)
                        got = b''
                    assert got == b'' or got[:2] == b'\x15\x03', got[:40]
        for protocol, start in (('imap', b'a STARTTLS'), ('pop3', b'STLS')):
            for junk in noise:
                with Raw(s, protocol) as c:
                    assert b'OK' in c.ask(start)
                    try:
                        c.send(junk)
                        c.sock.shutdown(socket.SHUT_WR)
                    except OSError:
                        pass
                    got = c.closed()
                    assert got == b'' or got[:2] == b'\x15\x03', got[:40]
        # In a connection that was fine: garbage between two records ends it alone.
        with Raw(s, 'imap', 'tls', ANNA) as c, Raw(s, 'imap', 'tls', ANNA) as other:
            fd = os.dup(c.sock.fileno())
            os.write(fd, b'\x17\x03\x03\x00\x20' + b'z' * 32)
            os.close(fd)
            assert c.closed() == b''
            assert other.ask('a NOOP') == b'a OK NOOP completed'
        neighbour.check()


def names_of_mailboxes():
    with Abused() as s, s.undisturbed():
        with Raw(s, 'imap', 'tls', ANNA) as c:
            def answer(text):
                c.say(text)
                return c.until(b'a ')[-1]

            cannot, none = b'a NO [CANNOT] That cannot be', b'a NO [NONEXISTENT] There is no such mailbox'
            for n in [*range(1, 32), 127]:
                name = b'x%cy' % n
                assert answer(b'a CREATE {3+}\r\n' + name) == cannot, n
                if n in (10, 13):
                    continue  # no quoted string can hold them
                assert answer(b'a CREATE "%s"' % name) == cannot, n
                assert answer(b'a RENAME INBOX "%s"' % name) == cannot, n
                assert answer(b'a SUBSCRIBE "%s"' % name) == cannot, n
                assert answer(b'a STATUS "%s" (MESSAGES)' % name) == none, n
                assert answer(b'a COPY 1 "%s"' % name).startswith(b'a BAD [CLIENTBUG]'), n
            # In modified UTF-7: a tab, NEL, a line separator, a half of a pair, unfinished, not its only form, NUL.
            for coded in (b'&AAk-', b'&AIU-', b'&ICg-'):
                assert answer(b'a CREATE "x%sy"' % coded) == cannot, coded
            for coded in (b'&2D0-', b'&AOQ', b'&AGE-', b'&AOQ-&', b'&AAA-', b'&****-', b'\xff', b'\xc0\xaf', b'\xed\xa0\x80'):
                assert answer(b'a CREATE "x%sy"' % coded) == b'a BAD The mailbox name is not well encoded', coded
            for bad in (b'', b'/', b'//x', b'x//y', b'/x'):
                assert answer(b'a CREATE "%s"' % bad) == cannot, bad
            # A name is no path.
            assert answer(b'a CREATE "../../x"') == b'a OK CREATE completed'
            assert answer(b'a DELETE "../../x"') == b'a OK DELETE completed'
            assert answer(b'a CREATE "%s"' % (b'n' * 1025)) == b'a NO [LIMIT] Over a limit of this server'
            assert answer(b'a CREATE "%s"' % (b'n' * 1024)).startswith(b'a OK')
            assert answer(b'a RENAME "%s" "%s"' % (b'n' * 1024, b'm' * 1025)) == \
                b'a NO [LIMIT] Over a limit of this server'
            assert answer(b'a DELETE "%s"' % (b'n' * 1024)).startswith(b'a OK')
            assert answer(b'a CREATE "%s"' % b'/'.join([b'd'] * 65)) == b'a NO [LIMIT] Over a limit of this server'
            assert answer(b'a CREATE "%s"' % b'/'.join([b'd'] * 64)).startswith(b'a OK')
            assert answer(b'a RENAME "d" "e/f"') == b'a NO [LIMIT] Over a limit of this server'
            c.say('b LIST "" "d/%"')
            assert c.until(b'b ') == [b'* LIST (\\HasChildren) "/" d/d', b'b OK LIST completed']


def uids_of_another_time():
    """A client that has cached UIDs of a mailbox that was deleted, and made again under its name."""
    with Abused() as s, s.undisturbed():
        with s.anna() as c:
            c.command('CREATE', 'Box')
            for i in range(3):
                c.command('APPEND', 'Box', b'Subject: old\r\n\r\nold\r\n')
            c.select('Box')
            old = c.uidvalidity
            c.command('CLOSE')
            c.command('DELETE', 'Box')
            c.command('CREATE', 'Box')
            c.command('APPEND', 'Box', b'Subject: new\r\n\r\nnew\r\n')
            c.select('Box')
            assert c.uidvalidity > old, (old, c.uidvalidity)
            # UIDs that are not there are no error, and touch nothing (RFC 9051 6.4.9).
            c.command('UID FETCH', '2:3 (FLAGS)')
            assert c.replies == [], c.replies
            c.command('UID STORE', '2:3 FLAGS (\\Deleted)')
            c.command('UID EXPUNGE', '2:3')
            assert c.told() == [(1, frozenset())]
            for bad in ('0', '4294967296', '1:', ':1', '1,,2', '*:*:*', '-1', '1:2:3', '$x'):
                with Raw(s, 'imap', 'plain', ANNA) as r:
                    r.say('s SELECT Box')
                    r.until(b's ')
                    assert r.ask(f'a UID FETCH {bad} FLAGS').startswith(b'a BAD'), bad
                    assert r.ask(f'b FETCH {bad} FLAGS').startswith(b'b BAD'), bad
        with Raw(s, 'imap', 'plain', ANNA) as r:
            # QRESYNC is not announced: its parameter is refused, not half understood.
            assert r.ask(f'a SELECT Box (QRESYNC ({old} 1 1:3))').startswith(b'a BAD')


def flags_and_keywords():
    """S41: 64 flags on a message, 1,000 keywords in a mailbox; over it nothing is stored in part."""
    limit = b'a NO [LIMIT] Over a limit of this server'
    with Abused() as s, s.undisturbed():
        s.deliver(ANNA, b'Subject: x\r\n\r\nx\r\n')
        with Raw(s, 'imap', 'tls', ANNA) as c:
            c.say('s SELECT INBOX')
            c.until(b's ')

            def answer(text):
                c.say(text)
                return c.until(b'a ')

            def words(a, b):
                return ' '.join(f'k{i}' for i in range(a, b))

            got = answer(f'a STORE 1 FLAGS ({words(0, 65)})')
            assert got[-1] == limit, got[-1]
            assert answer('a FETCH 1 FLAGS')[0] == b'* 1 FETCH (FLAGS (\\Recent))'
            got = answer(f'a APPEND INBOX ({words(0, 65)}) {{1+}}\r\nx')
            assert got[-1] == limit, got[-1]
            for i in range(0, 1000, 50):
                assert answer(f'a STORE 1 FLAGS ({words(i, i + 50)})')[-1].startswith(b'a OK'), i
            before = answer('a FETCH 1 FLAGS')[0]
            for text in ('STORE 1 FLAGS (k1 k1000)', 'STORE 1 +FLAGS (k1000)', 'APPEND INBOX (k1000) {1+}\r\nx'):
                assert answer('a ' + text)[-1] == limit, text
            assert answer('a FETCH 1 FLAGS')[0] == before
            assert answer('a STATUS INBOX (MESSAGES)')[0] == b'* STATUS INBOX (MESSAGES 1)'
            # One that is known may go on.
            assert answer('a STORE 1 FLAGS (k0 k999)')[-1].startswith(b'a OK')
            assert answer('a STORE 1 FLAGS (%s)' % ('w' * 2000))[-1] == b'a NO [CANNOT] That cannot be'


def too_much_of_nothing():
    """Commands without a login, wrong passwords, unknown commands: a number of each, then a goodbye."""
    with Abused(options=['limit.address=1000']) as s, s.undisturbed():
        for way in WAYS[:2]:
            with Raw(s, 'imap', way) as c:
                c.send(b'a NOOP\r\n' * 200)
                got = c.closed().split(b'\r\n')
                assert got.count(b'a OK NOOP completed') == 60, len(got)
                assert got[-2] == b'* BYE Too many commands without a login', got[-3:]
            with Raw(s, 'imap', way) as c:
                c.send(b'x y\r\n' * 200)
                got = c.closed().split(b'\r\n')
                assert got[:-1] == [b'x BAD Unknown command'] * 5 + [b'* BYE Too many bad commands'], got
            with Raw(s, 'imap', way, ANNA) as c:
                c.send(b'x y\r\n' * 200)
                got = c.closed().split(b'\r\n')
                assert got[:-1] == [b'x BAD Unknown command'] * 50 + [b'* BYE Too many bad commands'], got
            with Raw(s, 'pop3', way) as c:
                c.send(b'NOPE\r\n' * 200)
                got = c.closed().split(b'\r\n')
                assert len(got) == 7 and got[5] == b'-ERR Too many bad commands', got
        with Raw(s, 'lmtp') as c:
            c.send(b'NOPE\r\n' * 200)
            assert c.closed().split(b'\r\n')[4:-1] == [b'500 5.5.1 There is no such command',
                                                      b'421 4.7.0 Too many unknown commands']


if __name__ == '__main__':
    main([overlong_lines, lines_at_their_limit, literals, chunks, nesting, nul_and_eight_bits, half_closed, tls_garbage,
          names_of_mailboxes, uids_of_another_time, flags_and_keywords, too_much_of_nothing])
