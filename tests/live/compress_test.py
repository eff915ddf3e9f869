#!/usr/bin/env python3
"""COMPRESS=DEFLATE (RFC 4978, P14) on the built server, with the zlib of a client."""
import contextlib
import random
import re
import socket
import zlib

from harness import ANNA, PATIENCE, Server, main, memory, until


class Deflated:
    """A client that compresses from its COMPRESS command on."""

    def __init__(self, s, port='imap'):
        self.sock = socket.create_connection(('127.0.0.1', s.ports[port]), PATIENCE)
        if port == 'imaps':
            self.sock = s.tls().wrap_socket(self.sock, server_hostname='localhost')
        self.clear, self.up, self.down = b'', None, None
        self.raw = self.wire = 0
        assert self.line().startswith(b'* OK ')
        assert b' COMPRESS=DEFLATE' in self.ask('LOGIN %s %s' % (ANNA, s.passwords[ANNA]))[-1]

    def deflate(self, text):
        return self.up.compress(text) + self.up.flush(zlib.Z_SYNC_FLUSH)

    def compress(self, behind=b''):
        """What stands behind the command leaves in the same write, compressed."""
        self.up = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.sock.sendall(b't COMPRESS DEFLATE\r\n' + (self.deflate(behind) if behind else b''))
        assert self.line() == b't OK Compression begins behind this line'
        self.down = zlib.decompressobj(-15)
        rest, self.clear = self.clear, b''
        self.take(rest)

    def take(self, data):
        self.wire += len(data)
        data = self.down.decompress(data) if self.down else data
        self.raw += len(data)
        self.clear += data

    def more(self):
        got = self.sock.recv(4096)
        assert got, 'closed'
        self.take(got)

    def line(self):
        while b'\r\n' not in self.clear:
            self.more()
        line, self.clear = self.clear.split(b'\r\n', 1)
        return line

    def read(self, n):
        while len(self.clear) < n:
            self.more()
        got, self.clear = self.clear[:n], self.clear[n:]
        return got

    def send(self, text):
        self.sock.sendall(self.deflate(text) if self.up else text)

    def until(self, start):
        lines = [self.line()]
        while not lines[-1].startswith(start):
            lines.append(self.line())
        return lines

    def ask(self, command):
        self.send(b't ' + command.encode() + b'\r\n')
        return self.until(b't ')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()


def both_ways(port):
    with Server() as s:
        s.account(ANNA)
        with Deflated(s, port) as c:
            c.compress(b'a NOOP\r\nb SELECT INBOX\r\n')
            assert c.line() == b'a OK NOOP completed'
            assert c.until(b'b ')[-1] == b'b OK [READ-WRITE] SELECT completed'
            mail = b'Subject: x\r\n\r\n' + b'The same line over and over.\r\n' * 40_000
            c.send(b'c APPEND INBOX {%d+}\r\n' % len(mail) + mail + b'\r\n')
            assert c.until(b'c ')[-1].startswith(b'c OK [APPENDUID ')
            before = c.wire
            c.send(b'd FETCH 1 BODY.PEEK[]\r\n')
            assert c.line() == b'* 1 FETCH (BODY[] {%d}' % len(mail)
            assert c.read(len(mail)) == mail
            assert c.line() == b')' and c.line() == b'd OK FETCH completed'
            assert c.wire - before < len(mail) // 50, c.wire - before
            assert c.ask('COMPRESS DEFLATE') == [b't NO [COMPRESSIONACTIVE] The connection is compressed already']
            # What does not shrink comes through, too, a byte at a time from the client.
            random.seed(4978)
            noise = b'Subject: n\r\n\r\n' + random.randbytes(30_000).hex().encode() + b'\r\n'
            for byte in c.deflate(b'e APPEND INBOX {%d+}\r\n' % len(noise) + noise[:2000]):
                c.sock.sendall(bytes([byte]))
            c.send(noise[2000:] + b'\r\n')
            assert c.until(b'e ')[-1].startswith(b'e OK [APPENDUID ')
            c.send(b'f FETCH 2 BODY.PEEK[]\r\n')
            assert c.line() == b'* 2 FETCH (BODY[] {%d}' % len(noise)
            assert c.read(len(noise)) == noise
            assert c.until(b'f ') == [b')', b'f OK FETCH completed']


def in_the_clear():
    both_ways('imap')


def under_tls():
    both_ways('imaps')


def idle_hears_of_a_change():
    with Server() as s:
        s.account(ANNA)
        with Deflated(s) as c, Deflated(s) as other:
            c.compress()
            c.ask('SELECT INBOX')
            for n in range(1, 4):
                c.send(b'i IDLE\r\n')
                assert c.line().startswith(b'+ ')
                other.send(b'x APPEND INBOX {8+}\r\na: b\r\n\r\n\r\n')
                assert other.until(b'x ')[-1].startswith(b'x OK')
                assert c.until(b'* %d EXISTS' % n)
                c.send(b'DONE\r\n')
                assert c.until(b'i ')[-1] == b'i OK IDLE completed'


def no_deflate_stream_ends_the_connection():
    with Server() as s:
        s.account(ANNA)
        with Deflated(s) as c, Deflated(s) as other:
            c.compress()
            c.sock.sendall(b'\xff\xff NOOP\r\n' * 10)
            with contextlib.suppress(ConnectionResetError):  # it has not read all of that
                assert c.sock.recv(100) == b''
            assert other.ask('NOOP') == [b't OK NOOP completed']


def a_bomb_is_bounded():
    """A hundred MiB of one letter in a hundred KiB: read as a command that is too long, never held."""
    with Server() as s:
        s.account(ANNA)
        with Deflated(s) as c:
            c.compress()
            before = memory(s)
            bomb = c.deflate(b'x' * (100 << 20))
            try:
                c.sock.sendall(bomb)
                c.send(b'\r\nt NOOP\r\n')
                got = c.until(b't ')
                assert got[0].startswith(b'* BAD ') and got[-1] == b't OK NOOP completed', got
            except (ConnectionError, AssertionError) as e:
                assert 'closed' in str(e) or isinstance(e, ConnectionError), e
            assert memory(s) - before < 8 * 1024
        assert not re.search(r'\b(error|emergency|BUG)\b', s.log())


def idle_costs_little():
    """P14: who says nothing keeps the dictionary of 32 KiB at the most, and no compressor (256 KiB)."""
    with Server() as s:
        s.account(ANNA)
        held = [Deflated(s) for _ in range(20)]
        before = memory(s)
        for c in held:
            c.compress()
            c.ask('SELECT INBOX')
        until(lambda: memory(s) - before < 20 * 64)
        for c in held:
            assert c.ask('NOOP') == [b't OK NOOP completed']
            c.sock.close()


if __name__ == '__main__':
    main([in_the_clear, under_tls, idle_hears_of_a_change, no_deflate_stream_ends_the_connection,
          a_bomb_is_bounded, idle_costs_little])
