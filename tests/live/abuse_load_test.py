#!/usr/bin/env python3
"""Too many, too slow, too large, on the built server: a bounded cost, and a neighbour notices nothing."""
import contextlib
import os
import pathlib
import random
import re
import resource
import select
import socket
import time

from abuse import ANNA, NEIGHBOUR, Abused, Raw
from harness import PATIENCE, Skip, main, memory, roles, until


def trickle(pieces):
    """One byte at a time to each until it closes; name -> what each has said."""
    said = {name: b'' for name in pieces}
    left = {sock.fileno(): (name, sock, iter(data)) for name, (sock, data) in pieces.items()}
    deadline = time.monotonic() + PATIENCE
    while left:
        assert time.monotonic() < deadline, [x[0] for x in left.values()]
        for fd, (name, sock, data) in list(left.items()):
            try:
                sock.send(bytes([next(data, 0x78)]))
                while select.select([sock], [], [], 0)[0]:
                    got = sock.recv(4096)
                    if not got:
                        raise ConnectionError
                    said[name] += got
            except ConnectionError:
                del left[fd]
        time.sleep(0.05)
    return said


# How a TLS handshake begins that has 16 KiB to say.
HELLO = b'\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb\x03\x03'


def slow_writers_without_a_login():
    """limit.login ends them, whatever they are about and however busy they seem."""
    with Abused(options=['limit.login=10s']) as s, s.undisturbed() as neighbour:
        def to(port):
            return socket.create_connection(('127.0.0.1', s.ports[port]), PATIENCE)

        said = trickle({
            'imap': (to('imap'), b'a LOGIN {2000+}\r\n'),
            'imap silent': (to('imap'), b'  '),
            'imap NOOPs': (to('imap'), b'a NOOP\r\n' * 40),
            'imap SASL': (to('imap'), b'a AUTHENTICATE PLAIN\r\n'),
            'pop3': (to('pop3'), b'USER '),
            'lmtp': (to('lmtp'), b'NOOP '),
            'imaps': (to('imaps'), HELLO),
            'pop3s': (to('pop3s'), b''),
            'stls': (to('pop3'), b'STLS\r\n' + HELLO),
        })
        for name in ('imap', 'imap silent', 'imap NOOPs', 'imap SASL'):
            lines = said[name].split(b'\r\n')
            assert lines[-2:] == [b'* BYE No login in time', b''], (name, lines)
        assert re.fullmatch(rb'\+OK [^\n]+\n', said['pop3']), said['pop3']  # RFC 1939 3: no answer
        assert re.fullmatch(rb'220 [^\n]+\n421 4.4.2 Too slow\r\n', said['lmtp']), said['lmtp']
        assert said['imaps'] == said['pop3s'] == b'', said
        assert re.fullmatch(rb'\+OK [^\n]+\n\+OK [^\n]+\n', said['stls']), said['stls']
        neighbour.check()


def slow_writers_with_a_login():
    """One byte a packet, in all protocols at once: all is answered as if it had come in one."""
    with Abused(options=['limit.login=1h']) as s, s.undisturbed():
        mail = b'Subject: slow\r\n\r\nslow\r\n'
        with Raw(s, 'imap', 'plain', ANNA) as i, Raw(s, 'imap', 'tls', ANNA) as t, Raw(s, 'pop3', 'plain', ANNA) as p, \
                Raw(s, 'lmtp') as m:
            say = {i: b'a APPEND INBOX {%d+}\r\n%s\r\nb NOOP\r\n' % (len(mail), mail), t: b'a LIST "" INBOX\r\nb NOOP\r\n',
                   p: b'STAT\r\nNOOP\r\n',
                   m: b'LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nBDAT %d LAST\r\n%s' % (ANNA.encode(), len(mail), mail)}
            for n in range(max(map(len, say.values()))):
                for c, data in say.items():
                    if n < len(data):
                        c.send(data[n:n + 1])
            assert i.line().startswith(b'a OK [APPENDUID ') and i.line() == b'b OK NOOP completed'
            assert t.until(b'b ') == [b'* LIST (\\HasNoChildren) "/" INBOX', b'a OK LIST completed', b'b OK NOOP completed']
            assert (p.line(), p.line()) == (b'+OK 0 0', b'+OK Nothing done')
            m.until(b'250 ENHANCED')
            assert [m.line()[:9] for _ in range(3)] == [b'250 2.1.0', b'250 2.1.5', b'250 2.1.5']


def fill_with_noise(c, n, size):
    random.seed(9)
    noise = random.randbytes(size).hex()[:size].encode()
    for k in range(n):
        c.command('APPEND', 'INBOX', b'Subject: %d\r\n\r\n%s\r\n' % (k, noise))
    return noise


def slow_readers():
    """Twenty that ask for 400 MB each and take nothing: the server holds a buffer of each, not a mailbox."""
    with Abused() as s, s.undisturbed() as neighbour, contextlib.ExitStack() as stack:
        with s.anna() as c:
            noise = fill_with_noise(c, 10, 1_000_000)
        held = [stack.enter_context(Raw(s, 'imap', way, ANNA)) for way in ('plain', 'tls') for _ in range(8)]
        drops = [stack.enter_context(Raw(s, 'pop3', way, ANNA)) for way in ('plain', 'tls') for _ in range(2)]
        before = memory(s)
        for c in held:
            c.say('a EXAMINE INBOX')
            c.say('\r\n'.join(f'b{n} FETCH 1:* BODY.PEEK[]' for n in range(40)))
        for c in drops:
            c.say('\r\n'.join(f'RETR {n}' for n in list(range(1, 11)) * 40))
        for _ in range(3):
            neighbour.check()
        # The sockets are full now; each session may have PROTO_OUT_HIGH and a slice, each relay a record or two.
        grown = memory(s) - before
        assert grown < 20 * 1024, grown
        # Who begins to read gets all of it.
        held[0].until(b'a ')
        whole = b'* 1 FETCH (BODY[] {%d}\r\n' % (1_000_002 + len(b'Subject: 0\r\n\r\n'))
        got = held[0].file.read(len(whole))
        assert got == whole, got
        assert held[0].file.read(14 + 1_000_002) == b'Subject: 0\r\n\r\n' + noise + b'\r\n'
        assert held[0].until(b'b0 ')[-1] == b'b0 OK FETCH completed'
        assert drops[3].line().startswith(b'+OK')
        assert drops[3].file.read(14) == b'Subject: 0\r\n\r\n'


def silence(s, n, ports, say=b''):
    """n connections from addresses of their own, 100 of each, that say nothing, or one word."""
    held = []
    for i in range(n):
        source = ('127.0.%d.%d' % (1 + i // 25000, 1 + i // 100 % 250), 0)
        held.append(socket.create_connection(('127.0.0.1', s.ports[ports[i % len(ports)]]), PATIENCE, source))
        if say:
            held[-1].sendall(say)
    return held


def taken_in(s):
    """Waits until the server has accepted everybody: nobody stands in the queue of a listening socket."""
    ports = set(s.ports.values())

    def waiting():
        with open('/proc/net/tcp') as f:
            rows = [line.split() for line in f][1:]
        return [r for r in rows if r[3] == '0A' and int(r[1].split(':')[1], 16) in ports and int(r[4].split(':')[1], 16)]
    until(lambda: not waiting())


def descriptors(s):
    return sum(len(os.listdir(f'/proc/{pid}/fd')) for (role, _), pid in roles(s).items() if role in ('login', 'tls'))


def silent_connections_make_room():
    """P8: at the limit of descriptors the oldest that said nothing goes; who has something to say is served."""
    with Abused(options=['limit.login=1h'], prefix=['prlimit', '--nofile=1024:1024']) as s, \
            s.undisturbed() as neighbour:
        before = descriptors(s)
        for ports in (('imap',), ('imaps',), ('imap', 'pop3', 'imaps', 'pop3s')):
            # He is older than the whole crowd, and has begun to talk.
            with Raw(s, 'imap') as slow, Raw(s, 'pop3', 'tls') as slow_tls:
                assert slow.ask('a NOOP') == b'a OK NOOP completed'
                held = silence(s, 1200, ports)
                # The first has been told, or was in the middle of a handshake.
                first = held[0]
                got = b''.join(iter(lambda: first.recv(4096), b''))
                assert got == b'' if ports == ('imaps',) else \
                    re.fullmatch(rb'\* OK [^\n]+\n\* BYE \[LIMIT\] Too many connections\r\n', got), got
                taken_in(s)
                slow.login(NEIGHBOUR)
                slow_tls.login(NEIGHBOUR)
                neighbour.check()
            for c in held:
                c.close()
            until(lambda: descriptors(s) <= before + 8)
        assert 'too many connections without a login: the oldest are dropped' in s.log()


def talkers_make_room():
    """A crowd that says one word each keeps nobody out either."""
    with Abused(prefix=['prlimit', '--nofile=1024:1024']) as s, s.undisturbed() as neighbour:
        before = descriptors(s)
        held = silence(s, 1200, ('imap',), say=b'a NOOP\r\n')
        taken_in(s)
        neighbour.check()
        for c in held:
            c.close()
        until(lambda: descriptors(s) <= before + 8)


def ten_thousand_silent_connections():
    may_open_many()
    with Abused(options=['limit.login=1h'], prefix=['prlimit', '--nofile=20000:20000']) as s, s.undisturbed() as neighbour:
        silence_and_back(s, 500)  # what a first crowd leaves behind is not a leak: tables that have grown
        fds, kib = descriptors(s), memory(s)
        held = silence(s, 10_000, ('imap', 'pop3', 'imap', 'imaps'))
        taken_in(s)
        neighbour.check()
        with socket.create_connection(('127.0.0.1', s.ports['imap']), PATIENCE, ('127.0.1.99', 0)) as more:
            assert more.recv(100) == b'* BYE [LIMIT] Too many connections\r\n'
        grown = memory(s) - kib
        assert grown < 200 * 1024, grown
        for c in held:
            c.close()
        until(lambda: descriptors(s) <= fds + 8)
        until(lambda: memory(s) - kib < 40 * 1024)
        print(f'      10,000 silent connections: {grown / 10000:.1f} KiB each, {memory(s) - kib} KiB left behind', flush=True)


def may_open_many():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < 11_000:
        raise Skip(f'it needs 11,000 descriptors, and may have {hard}: raise the limit (ulimit -Hn)')
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def silence_and_back(s, n):
    fds = descriptors(s)
    for c in silence(s, n, ('imap', 'pop3', 'imap', 'imaps')):
        c.close()
    until(lambda: descriptors(s) <= fds + 8)


def silent_mail_servers():
    """LMTP has no login: who says no LHLO has limit.login, and what more come wait for a place."""
    with Abused(options=['limit.login=10s']) as s, s.undisturbed():
        held = [socket.create_connection(('127.0.0.1', s.ports['lmtp']), PATIENCE) for _ in range(130)]
        greeted = sum(c.recv(100)[:4] == b'220 ' for c in held[:100])
        assert greeted == 100, greeted
        assert s.deliver(ANNA, b'Subject: x\r\n\r\nx\r\n') == {}
        for c in held:
            c.close()


HEAD = b'Content-Type: multipart/mixed; boundary=b\r\nSubject: many\r\n\r\n'


def begin_mail(c):
    c.say('LHLO x')
    c.until(b'250 ')
    assert c.ask('MAIL FROM:<a@b.test>').startswith(b'250')
    assert c.ask(f'RCPT TO:<{ANNA}>').startswith(b'250')
    assert c.ask('DATA').startswith(b'354')


def a_spool_is_bounded():
    """P4: while mail comes in, too. Of many large ones at once the first in each process is taken, others come again."""
    random.seed(10)
    noise = random.randbytes(12_000_000).hex()[:12_000_000].encode()  # 6 MB, compressed
    with Abused(options=['limit.spool=8M']) as s, s.undisturbed() as neighbour, contextlib.ExitStack() as stack:
        before = memory(s)
        many = [stack.enter_context(Raw(s, 'lmtp')) for _ in range(8)]
        for c in many:
            begin_mail(c)
            c.send(b'Subject: large\r\n\r\n')
        for at in range(0, len(noise), 250_000):
            for c in many:
                c.send(noise[at:at + 250_000])
        neighbour.check()
        # Of two processes each has its 8 MB and a little more.
        assert shared_memory(s) < 24 * 1024, shared_memory(s)
        answers = []
        for c in many:
            c.send(b'\r\n.\r\n')
            answers.append(c.line()[:3])
        assert set(answers) == {b'250', b'451'} and answers[0] == b'250', answers
        assert s.deliver(ANNA, b'Subject: large\r\n\r\n' + noise) == {}
        until(lambda: shared_memory(s) < 1024)
        until(lambda: memory(s) - before < 16 * 1024)
        with s.anna() as c:
            c.command('STATUS', 'INBOX (MESSAGES)')
            assert c.replies == [b'STATUS INBOX (MESSAGES %d)' % (answers.count(b'250') + 1)]


def shared_memory(s):
    """KiB in memfds, by what each process holds open; each counted once."""
    found = {}
    for pid in s.children():
        for fd in pathlib.Path(f'/proc/{pid}/fd').iterdir():
            with contextlib.suppress(OSError):
                if '/memfd:message' in os.readlink(fd):
                    st = fd.stat()
                    found[st.st_dev, st.st_ino] = st.st_blocks // 2
    return sum(found.values())


def parts(n):
    """A multipart of n parts, the smallest there can be."""
    return HEAD + b'--b\r\n\r\nx\r\n' * n + b'--b--\r\n'


def large_messages():
    """50 MB in lines by LMTP and APPEND, then read in pieces."""
    line = b'0123456789' * 7 + b'\r\n'
    body = line * (50_000_000 // len(line))
    mail = b'Subject: large\r\nFrom: a@b.test\r\n\r\n' + body
    with Abused() as s, s.undisturbed() as neighbour:
        before = memory(s)
        assert s.deliver(ANNA, mail) == {}
        neighbour.check()
        # It shrinks too well for a file of its own; noise does not (S6).
        random.seed(11)
        noise = random.randbytes(12_000_000).hex().encode()
        assert s.deliver([ANNA, 'ben@example.test'], b'Subject: noise\r\n\r\n' + noise) == {}
        neighbour.n += 1
        assert len(list(pathlib.Path(s.data, 'accounts').glob('*/*/large-*'))) == 2
        with s.anna() as c:
            c.command('APPEND', 'INBOX', mail)
            neighbour.check()
            c.select('INBOX')
            c.command('FETCH', '2 BODY.PEEK[TEXT]')
            assert c.replies == [b'2 FETCH (BODY[TEXT] {24000002}\r\n' + noise + b'\r\n)']
            c.command('FETCH', '2 BODY.PEEK[HEADER]')
            assert b'{' in c.replies[0] and b'Return-Path: <sender@elsewhere.test>\r\n' in c.replies[0]
            c.command('STORE', '2 +FLAGS.SILENT (\\Deleted)')
            c.command('EXPUNGE')
            c.command('FETCH', '1:2 (ENVELOPE BODYSTRUCTURE BODY.PEEK[TEXT]<49999000.100>)')
            structure = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" %d %d NIL NIL NIL NIL)' % (len(body), len(body) // len(line))
            for n, got in enumerate(c.replies):
                assert structure in got, got
                assert b'BODY[TEXT]<49999000> {100}\r\n' + body[49_999_000:49_999_100] in got, got
                assert b'ENVELOPE (NIL "large" ((NIL NIL "a" "b.test"))' in got, got
            assert len(c.replies) == 2
            c.command('SEARCH', 'BODY "789012345678901234567890123456789x"')
            assert c.replies == [b'SEARCH'], c.replies
            neighbour.check()
            c.command('FETCH', '2 BODY.PEEK[]')
            assert c.replies == [b'2 FETCH (BODY[] {%d}\r\n' % len(mail) + mail + b')']
        grown = memory(s) - before
        print(f'      two messages of 50 MB: {grown} KiB more', flush=True)
        assert grown < 64 * 1024, grown


def hundred_thousand_parts():
    """As many as a structure may have, the message itself among them; with one more it is told as one text."""
    n = 99_999
    with Abused() as s, s.undisturbed() as neighbour:
        before = memory(s)
        assert s.deliver(ANNA, parts(n)) == {}
        assert s.deliver(ANNA, parts(n + 1)) == {}
        neighbour.check()
        with Raw(s, 'imap', 'tls', ANNA) as c:
            for mail in parts(n), parts(n + 1):
                c.send(b'a APPEND INBOX {%d+}\r\n%s\r\n' % (len(mail), mail))
                assert c.until(b'a ')[-1].startswith(b'a OK')
            neighbour.check()
            c.say('s SELECT INBOX')
            c.until(b's ')
            each = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1 0 NIL NIL NIL NIL)'
            opaque = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" %d %d NIL NIL NIL NIL)' % (
                len(parts(n + 1)) - len(HEAD), 3 * (n + 1) + 1)
            c.say('b FETCH 1:4 (BODYSTRUCTURE)')
            got = c.until(b'b ')
            for k, told in enumerate((each * n + b' "MIXED"', opaque) * 2):
                start = b'* %d FETCH (BODYSTRUCTURE (' % (k + 1)
                assert got[k].startswith(start + told if k % 2 == 0 else start[:-1] + told), got[k][:300]
            c.say('c FETCH 1:4 (ENVELOPE BODY.PEEK[99999] BODY.PEEK[100000])')
            assert b' '.join(c.until(b'c ')).count(b'ENVELOPE (NIL "many" ') == 4
            c.say('d FETCH 3 BODY.PEEK[99999]')
            assert c.line() == b'* 3 FETCH (BODY[99999] {1}'
            assert c.line() == b'x)' and c.line() == b'd OK FETCH completed'
            assert c.ask('e SEARCH BODY "xyz"') == b'* SEARCH'
            assert c.line() == b'e OK SEARCH completed'
            assert c.ask('f SEARCH SUBJECT many BODY x') == b'* SEARCH 1 2 3 4'
            assert c.line() == b'f OK SEARCH completed'
            neighbour.check()
            with Raw(s, 'pop3', 'tls', ANNA) as p:
                assert p.ask('TOP 3 0').startswith(b'+OK')
                assert p.until(b'.')[1] == b'Subject: many'
            grown = memory(s) - before
            print(f'      four messages of 100,000 parts: {grown} KiB more', flush=True)
            assert grown < 100 * 1024, grown
        # Who has seen them goes, and what it took goes with him.
        until(lambda: memory(s) - before < 24 * 1024)


if __name__ == '__main__':
    main([slow_writers_without_a_login, slow_writers_with_a_login, slow_readers, silent_connections_make_room,
          talkers_make_room, ten_thousand_silent_connections, silent_mail_servers, a_spool_is_bounded, large_messages, hundred_thousand_parts])
