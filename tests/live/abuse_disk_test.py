#!/usr/bin/env python3
"""Disks that are slow or full, and clocks that jump, under the built server."""
import contextlib
import datetime
import mmap
import os
import pathlib
import re
import select
import struct
import subprocess
import tempfile
import time

from abuse import ANNA, NEIGHBOUR, Abused, Raw
from client import Client, parse
from harness import BINARY, Skip, main, until

LIBRARY = os.environ.get('DISTURB', str(pathlib.Path(BINARY).parent / 'tests' / 'libdisturb.so'))


class Disturbed(Abused):
    """With tests/live/disturb.c between it and the system; the offsets below are those of its struct orders."""

    def __enter__(self):
        size = 24 + 60 * 8
        self.file = tempfile.NamedTemporaryFile()
        self.file.write(bytes(size))
        self.file.flush()
        self.orders = mmap.mmap(self.file.fileno(), size)
        self.env.update(LD_PRELOAD=LIBRARY, DISTURB=self.file.name)
        return self.entered()

    def entered(self):
        return super().__enter__()

    def slow_down(self, folder):
        """Each fdatasync in the folder lasts 200 ms, and on while it is held."""
        inodes = [p.stat().st_ino for p in [folder, *folder.iterdir()]]
        struct.pack_into(f'<{len(inodes)}Q', self.orders, 24, *inodes)
        struct.pack_into('<I', self.orders, 4, 200)

    def hold(self, on):
        struct.pack_into('<I', self.orders, 0, on)

    def waiting(self):
        return struct.unpack_from('<I', self.orders, 8)[0]

    def done(self):
        return struct.unpack_from('<I', self.orders, 12)[0]

    def set_clock(self, off):
        struct.pack_into('<q', self.orders, 16, off)


def folder_of(s, mark):
    """The account whose pack has the mark in it (a message too small to be compressed away)."""
    found = [p.parent for p in pathlib.Path(s.data, 'accounts').glob('*/*/pack-*') if mark in p.read_bytes()]
    assert len(found) == 1, found
    return found[0]


def silent(sock):
    return not select.select([sock], [], [], 0)[0]


def a_slow_disk_is_felt_by_its_account_alone():
    """S8 apart: in the order of answers, all that the others ask is done while one sync of the slow account lasts."""
    with Disturbed(options=['workers=1']) as s, s.undisturbed() as neighbour:
        mark = b'Subject: k3Vq9ZpXw1\r\n\r\n'
        with s.anna() as c:
            c.command('APPEND', 'INBOX', mark)
        s.slow_down(folder_of(s, mark))
        with Raw(s, 'imap', 'tls', ANNA) as slow, Raw(s, 'imap', 'plain', ANNA) as reader, \
                Raw(s, 'lmtp') as post:
            before = s.done()
            assert slow.ask(b'a APPEND INBOX {5+}\r\nslow!').startswith(b'a OK')
            assert s.done() > before, 'the disk is not slow'
            post.say('LHLO x')
            post.until(b'250 ')
            s.hold(1)
            slow.say(b'b APPEND INBOX {5+}\r\nslow!')
            until(s.waiting)
            # Mail for both: the neighbour's answer has to wait for hers in this connection only (RFC 2033 4.2).
            post.send(b'MAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n' % ANNA.encode())
            for code in (b'250', b'250', b'354'):
                assert post.line()[:3] == code
            with Client(s.ports['imap'], NEIGHBOUR, s.passwords[NEIGHBOUR]) as c:
                c.command('CREATE', 'Work')
                for i in range(20):
                    c.command('APPEND', 'Work', b'Subject: fast\r\n\r\n%d\r\n' % i)
                c.select('Work')
                c.command('STORE', '1:* +FLAGS (\\Seen)')
                c.command('UID COPY', '1:10 INBOX')
                c.command('UID MOVE', '11:20 INBOX')
                c.command('STORE', '1:* +FLAGS (\\Deleted)')
                c.command('EXPUNGE')
                c.command('RENAME', 'Work Done')
                c.command('DELETE', 'Done')
            assert s.deliver(NEIGHBOUR, b'Subject: x\r\n\r\nx\r\n') == {}
            neighbour.n += 21
            neighbour.check()
            # Who reads the slow account is answered from what is published.
            reader.say('r EXAMINE INBOX')
            assert b'* 2 EXISTS' in reader.until(b'r ')
            assert reader.ask('f FETCH 2 BODY.PEEK[]') == b'* 2 FETCH (BODY[] {5}'
            assert reader.until(b'f ')[-1] == b'f OK FETCH completed'
            # Her WAL may be waiting for its turn of the second, too.
            assert s.waiting() and silent(slow.sock) and silent(post.sock)
            s.hold(0)
            assert slow.line().startswith(b'b OK [APPENDUID ')
            assert post.line().startswith(b'250 2.1.5')
            reader.say('n NOOP')
            assert b'* 4 EXISTS' in reader.until(b'n ')


@contextlib.contextmanager
def small_disk(megabytes):
    """A file system of its own. Without the right to mount one there is nothing to test."""
    d = tempfile.mkdtemp(prefix='mailstead-disk-')
    args = ['mount', '-t', 'tmpfs', '-o', f'size={megabytes}M,mode=700', 'mailstead-test', d]
    if subprocess.run(args, capture_output=True).returncode:
        os.rmdir(d)
        raise Skip('no right to mount a file system')
    try:
        yield d
    finally:
        subprocess.run(['umount', '-l', d], check=True)
        os.rmdir(d)


def free(d):
    st = os.statvfs(d)
    return st.f_bavail * st.f_frsize


def fill(d, leave):
    with open(d + '/filler', 'ab', buffering=0) as f:
        os.posix_fallocate(f.fileno(), f.tell(), free(d) - leave)
    assert free(d) == leave


def empty(d):
    os.unlink(d + '/filler')


FULL = b"NO [UNAVAILABLE] The server's disk is full"


def refuses_mail(s, c):
    """On a disk without room for mail: what comes is put off by name, what is there is served and can be cleared away."""
    refused = {ANNA: (452, b"4.3.1 <%s> The server's disk is full" % ANNA.encode())}
    assert s.deliver(ANNA, b'Subject: y\r\n\r\ny\r\n') == refused
    for size in (5, 5_000_000):
        c.send(b'a APPEND INBOX {%d+}\r\n' % size + b'x' * size)
        assert c.ask(b'') == b'a ' + FULL
    assert c.ask('b COPY 1 Trash') == b'b ' + FULL
    assert c.ask('c FETCH 1 BODY.PEEK[TEXT]') == b'* 1 FETCH (BODY[TEXT] {3}'
    assert c.until(b'c ')[-1] == b'c OK FETCH completed'
    c.say('d STORE 1 +FLAGS.SILENT (\\Deleted)')
    assert c.until(b'd ')[-1] == b'd OK STORE completed'
    c.say('e EXPUNGE')
    assert c.until(b'e ') == [b'* 1 EXPUNGE', b'e OK EXPUNGE completed']
    with Raw(s, 'pop3', 'tls', ANNA) as p:
        assert p.ask('DELE 1').startswith(b'+OK')
        assert p.ask('QUIT').startswith(b'+OK')
    assert c.ask('f NOOP') == b'* 1 EXPUNGE'
    assert c.line() == b'f OK NOOP completed'
    assert c.ask('g CREATE Full%d' % free(s.data)).startswith(b'g OK')


def a_full_disk():
    """S4: below the low-water mark, then with no byte left; then there is room again."""
    with small_disk(64) as d, Abused(data=d, options=['store.reserve=16M']) as s:
        with s.undisturbed() as neighbour:
            fill_and_empty(s, d, neighbour)
        expect = [(5, b'4\r\n'), (6, b'5\r\n'), (7, b'6\r\n')]
        assert bodies(s) == expect, bodies(s)
        # The reserve file is there again.
        assert os.stat(d + '/reserve').st_blocks > 0
        s.restart()
        assert bodies(s) == expect


def fill_and_empty(s, d, neighbour):
    for i in range(6):
        assert s.deliver(ANNA, b'Subject: %d\r\n\r\n%d\r\n' % (i, i)) == {}
    with Raw(s, 'imap', 'tls', ANNA) as c:
        c.say('s SELECT INBOX')
        c.until(b's ')
        fill(d, 8 << 20)
        refuses_mail(s, c)
        fill(d, 0)
        refuses_mail(s, c)
        # The reserve was given up for that, and its rest is taken, too.
        fill(d, 0)
        c.say('h STORE 1 +FLAGS.SILENT (\\Deleted)')
        assert c.until(b'h ')[-1] in (b'h OK STORE completed', b'h ' + FULL)
        c.say('i UID FETCH 1:* (UID)')
        assert re.findall(rb'UID (\d+)', b' '.join(c.until(b'i '))) == [b'5', b'6']
        empty(d)
        neighbour.check()
        c.say('j STORE 1:* -FLAGS.SILENT (\\Deleted)')
        assert c.until(b'j ')[-1] == b'j OK STORE completed'
    assert s.deliver(ANNA, b'Subject: 6\r\n\r\n6\r\n') == {}


def bodies(s):
    with s.anna() as c:
        c.select('INBOX')
        c.command('UID FETCH', '1:* (UID BODY.PEEK[TEXT])')
        return [(int(got[1]), got[3]) for got in (parse(r)[0][2] for r in c.replies)]


def what_brings_back_has_the_reserve():
    """S4: with no byte left restore works, beside the server and without it, and the server starts."""
    with small_disk(96) as d, Abused(data=d, options=['store.reserve=16M']) as s:
        def lose():
            """The moment before."""
            assert s.deliver(ANNA, b'Subject: x\r\n\r\nx\r\n') == {}
            assert os.stat(d + '/reserve').st_blocks > 0
            at = time.strftime('%Y-%m-%dT%H:%M:%S', time.localtime(time.time() + 1))
            until(lambda: time.strftime('%Y-%m-%dT%H:%M:%S') > at)
            with s.anna() as c:
                c.command('DELETE', 'Kept')
            return at

        def back(at):
            r = s.cli('restore', ANNA, '--folder', 'Kept', '--at', at, check=False)
            assert r.returncode == 0, r
            assert os.stat(d + '/reserve').st_blocks == 0

        def kept():
            with s.anna() as c:
                c.command('STATUS', 'Kept (MESSAGES)')
                assert c.replies[0] == b'STATUS Kept (MESSAGES 1)', c.replies

        with s.anna() as c:
            c.command('CREATE', 'Kept')
            c.command('APPEND', 'Kept', b'Subject: x\r\n\r\nx\r\n')
        at = lose()
        fill(d, 0)
        back(at)
        kept()
        empty(d)
        at = lose()
        s.stop()
        fill(d, 0)
        back(at)
        empty(d)
        s.start()
        kept()
        assert s.deliver(ANNA, b'Subject: x\r\n\r\nx\r\n') == {}
        assert os.stat(d + '/reserve').st_blocks > 0
        s.stop()
        fill(d, 0)
        s.start()
        kept()
        with Raw(s, 'imap', 'tls', ANNA) as c:
            c.say('a SELECT INBOX')
            c.until(b'a ')
            c.say('b STORE 1 +FLAGS.SILENT (\\Deleted)')
            c.until(b'b ')
            c.say('c EXPUNGE')
            assert c.until(b'c ')[-1] == b'c OK EXPUNGE completed'


def a_disk_that_fills_in_the_middle():
    """No low-water mark to speak of: the pack itself meets the end, and is cut back to where it was."""
    with small_disk(48) as d, Abused(data=d, options=['store.reserve=1']) as s, s.undisturbed() as neighbour:
        noise = os.urandom(3_000_000).replace(b'\0', b'x').replace(b'\r', b'x').replace(b'\n', b'x').replace(b'.', b'x')
        with Raw(s, 'imap', 'tls', ANNA) as c:
            for _ in range(3):
                fill(d, 1 << 20)
                assert s.deliver(ANNA, b'Subject: y\r\n\r\n' + noise)[ANNA][0] == 452
                c.send(b'a APPEND INBOX {%d+}\r\n' % len(noise) + noise)
                assert c.ask(b'') == b'a ' + FULL
                empty(d)
                neighbour.check()
            assert c.ask('b STATUS INBOX (MESSAGES)') == b'* STATUS INBOX (MESSAGES 0)'
        assert s.deliver(ANNA, b'Subject: y\r\n\r\nsmall\r\n') == {}
        assert bodies(s) == [(1, b'small\r\n')], bodies(s)


def a_clock_that_jumps():
    """A day, ten years and two hours, forwards and back, while sessions are open: UIDs, UIDVALIDITY go on upwards,
    nobody is thrown out, new mail bears the time that the clock tells."""
    day, year = 86400, 365 * 86400
    with Disturbed() as s, s.undisturbed() as neighbour:
        with Raw(s, 'imap', 'tls', ANNA) as idle, s.anna() as c, Raw(s, 'imap') as stranger:
            assert s.deliver(ANNA, b'Subject: x\r\n\r\nx\r\n') == {}
            idle.say('a SELECT INBOX')
            idle.until(b'a ')
            idle.say('b IDLE')
            assert idle.line().startswith(b'+')
            last = 0
            for n, off in enumerate((day, 10 * year, -7200, -20 * year, 0, year, 0)):
                s.set_clock(off)
                assert s.deliver(ANNA, b'Subject: x\r\n\r\nx\r\n') == {}
                idle.until(b'* %d EXISTS' % (n + 2))
                c.select('INBOX')
                c.command('FETCH', '* (UID INTERNALDATE)')
                got = parse(c.replies[-1])[0][2]
                got = dict(zip(got[::2], got[1::2]))
                assert int(got[b'UID']) == n + 2, got
                there = datetime.datetime.strptime(got[b'INTERNALDATE'].decode().strip(), '%d-%b-%Y %H:%M:%S %z').timestamp()
                assert abs(there - (time.time() + off)) < 3600, (off, got)
                c.command('CREATE', 'Box')
                c.select('Box')
                assert c.uidvalidity > last, (c.uidvalidity, last)
                last = c.uidvalidity
                c.command('UNSELECT')
                c.command('DELETE', 'Box')
                neighbour.check()
            assert stranger.ask('a NOOP') == b'a OK NOOP completed'
            idle.say('DONE')
            idle.until(b'b OK IDLE completed')
        s.set_clock(-year)
        assert [uid for uid, _ in bodies(s)] == list(range(1, 9))


if __name__ == '__main__':
    main([a_slow_disk_is_felt_by_its_account_alone, a_full_disk, what_brings_back_has_the_reserve,
          a_disk_that_fills_in_the_middle,
          a_clock_that_jumps])
