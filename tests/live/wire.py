"""Bytes on a connection, before any protocol library: lines, TLS by hand, one command at a time."""
import contextlib
import io
import re
import socket
import ssl

from harness import PATIENCE


def line(sock):
    data = b''
    while not data.endswith(b'\r\n'):
        got = sock.recv(1)
        assert got, f'closed after {data!r}'
        data += got
    return data


def until_tag(sock, tag):
    lines = []
    while True:
        lines.append(line(sock))
        if lines[-1].startswith(tag + b' '):
            return lines


def plain(s, port='imap'):
    sock = socket.create_connection(('127.0.0.1', s.ports[port]), PATIENCE)
    assert b'ready' in line(sock)
    return sock


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


class Lmtp:
    """LMTP, command by command."""

    def __init__(self, s, address='127.0.0.1'):
        self.sock = socket.create_connection((address, s.ports['lmtp']), PATIENCE)
        self.reply()
        self.say('LHLO tests')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def reply(self):
        lines = [line(self.sock)]
        while lines[-1][3:4] == b'-':
            lines.append(line(self.sock))
        return lines

    def say(self, text):
        self.sock.sendall(text.encode() + b'\r\n')
        return self.reply()

    def rcpt(self, address):
        self.say('RSET')
        self.say('MAIL FROM:<>')
        return int(self.say(f'RCPT TO:<{address}>')[-1][:3])
