"""What the abuse tests share: a server that is looked at while it is abused.

    with Abused() as s:
        with s.undisturbed():
            ... bad things ...

A neighbour with an account of his own is served, by exact answers, before, between (s.neighbour.check()) and after; no
process of the server dies; nothing is logged as an error.
"""
import contextlib
import io
import re
import socket
import ssl

from client import Client
from harness import PATIENCE, Server, roles

ANNA = 'anna@example.test'
NEIGHBOUR = 'ben@example.test'


class Tls:
    """TLS that can say close_notify and read on, which ssl.SSLSocket cannot."""

    def __init__(self, sock, context):
        self.sock, self.into, self.out = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.ssl = context.wrap_bio(self.into, self.out)
        self.run(self.ssl.do_handshake)

    def run(self, what, *args):
        while True:
            try:
                return what(*args)
            except ssl.SSLWantReadError:
                self.flush()
                got = self.sock.recv(65536)
                self.into.write(got) if got else self.into.write_eof()
            finally:
                self.flush()

    def flush(self):
        if self.out.pending:
            self.sock.sendall(self.out.read())

    def sendall(self, data):
        self.run(self.ssl.write, data)

    def recv(self, n):
        try:
            return self.run(self.ssl.read, n)
        except ssl.SSLZeroReturnError:
            return b''

    def shutdown(self, how):
        assert how == socket.SHUT_WR
        try:
            self.ssl.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()
        self.sock.shutdown(how)

    def fileno(self):
        return self.sock.fileno()

    def close(self):
        self.sock.close()

    def makefile(self, _):
        return io.BufferedReader(_Reader(self))


class _Reader(io.RawIOBase):
    def __init__(self, tls):
        self.tls = tls

    def readable(self):
        return True

    def readinto(self, to):
        got = self.tls.recv(len(to))
        to[:len(got)] = got
        return len(got)


class Raw:
    """Bytes to one port and lines back: plain, TLS at once, or after STARTTLS/STLS."""

    def __init__(self, s, protocol, way='plain', address=None, source=None, timeout=PATIENCE):
        self.protocol, self.server = protocol, s
        port = s.ports[protocol + 's' if way == 'tls' else protocol]
        self.sock = socket.create_connection(('127.0.0.1', port), timeout, source_address=source)
        if way == 'tls':
            self.sock = Tls(self.sock, s.tls())
        self.file = self.sock.makefile('rb')
        self.greeting = self.line()
        if way == 'starttls':
            self.say(b'z STARTTLS' if protocol == 'imap' else b'STLS')
            assert b'OK' in self.line()
            self.file.close()
            self.sock = Tls(self.sock, s.tls())
            self.file = self.sock.makefile('rb')
        if address:
            self.login(address)

    def login(self, address):
        password = self.server.passwords[address]
        if self.protocol == 'imap':
            self.say(f'l LOGIN {address} {password}')
            assert self.until(b'l ')[-1].startswith(b'l OK')
        else:
            self.say(f'USER {address}')
            assert self.line().startswith(b'+OK')
            self.say(f'PASS {password}')
            assert self.line().startswith(b'+OK')

    def send(self, data):
        self.sock.sendall(data)

    def say(self, text):
        self.send((text if isinstance(text, bytes) else text.encode()) + b'\r\n')

    def line(self):
        """Without its CRLF; b'' when the server has closed."""
        got = self.file.readline()
        assert not got or got.endswith(b'\r\n'), got
        return got[:-2]

    def ask(self, text):
        self.say(text)
        return self.line()

    def until(self, start):
        lines = [self.line()]
        while not lines[-1].startswith(start):
            assert lines[-1] or self.file.peek(1), lines
            m = re.search(rb'\{(\d+)\}$', lines[-1])
            if m:
                self.file.read(int(m[1]))
            lines.append(self.line())
        return lines

    def closed(self):
        """Everything up to the end of the connection."""
        try:
            return self.file.read()
        except (ConnectionResetError, ssl.SSLError):
            return b''

    def close(self):
        with contextlib.suppress(OSError):
            self.file.close()
            self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Neighbour:
    """Somebody who behaves; each check is a mail of his, read back in three ways."""

    def __init__(self, s):
        self.s, self.n = s, 0
        self.c = Client(s.ports['imap'], NEIGHBOUR, s.passwords[NEIGHBOUR])
        self.c.select('INBOX')

    def check(self):
        self.n += 1
        mail = b'Subject: %d\r\n\r\nHello %d.\r\n' % (self.n, self.n)
        self.c.command('APPEND', 'INBOX', mail)
        self.c.command('FETCH', f'{self.n} BODY.PEEK[]')
        assert self.c.replies == [b'%d FETCH (BODY[] {%d}\r\n%s)' % (self.n, len(mail), mail)], self.c.replies
        with Raw(self.s, 'pop3', 'tls', NEIGHBOUR) as p:
            assert p.ask('STAT').startswith(b'+OK %d ' % self.n)
            assert p.ask('QUIT').startswith(b'+OK')
        if 'lmtp' in self.s.ports:
            with Raw(self.s, 'lmtp') as m:
                assert m.ask('NOOP') == b'250 2.0.0 Ok'


class Abused(Server):
    def __enter__(self):
        super().__enter__()
        self.account(ANNA)
        self.account(NEIGHBOUR)
        self.neighbour = Neighbour(self)
        return self

    @contextlib.contextmanager
    def undisturbed(self):
        before = roles(self)
        self.neighbour.check()
        yield self.neighbour
        self.neighbour.check()
        assert roles(self) == before, 'a process died'
        bad = [x for x in self.log().splitlines() if re.search(r'\b(error|emergency|BUG|assert)', x)]
        assert not bad, bad

    def anna(self):
        c = Client(self.ports['imap'], ANNA, self.passwords[ANNA])
        return c
