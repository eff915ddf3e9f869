#!/usr/bin/env python3
"""Disks that are slow or full, and clocks that jump, under the built server."""
import mmap
import os
import pathlib
import select
import struct
import tempfile

from abuse import ANNA, NEIGHBOUR, Abused, Raw
from client import Client
from harness import BINARY, main, until

SLOW_SYNC = os.environ.get('SLOW_SYNC_LIB', str(pathlib.Path(BINARY).parent / 'tests' / 'libslow_sync.so'))


class SlowDisk(Abused):
    """Each fdatasync in Anna's folder lasts 200 ms, and on while it is held."""

    def __enter__(self):
        self.orders = tempfile.NamedTemporaryFile()
        self.orders.write(bytes(16 + 60 * 8))
        self.orders.flush()
        self.shared = mmap.mmap(self.orders.fileno(), 16 + 60 * 8)
        self.env.update(LD_PRELOAD=SLOW_SYNC, SLOW_SYNC=self.orders.name)
        return super().__enter__()

    def slow_down(self, folder):
        inodes = [p.stat().st_ino for p in [folder, *folder.iterdir()]]
        self.shared[16:16 + 8 * len(inodes)] = struct.pack(f'<{len(inodes)}Q', *inodes)
        self.shared[4:8] = struct.pack('<I', 200)

    def hold(self, on):
        self.shared[:4] = struct.pack('<I', on)

    def waiting(self):
        return struct.unpack('<I', self.shared[8:12])[0]

    def done(self):
        return struct.unpack('<I', self.shared[12:16])[0]


def folder_of(s, mark):
    """The account whose pack has the mark in it (a message too small to be compressed away)."""
    found = [p.parent for p in pathlib.Path(s.data, 'accounts').glob('*/*/pack-*') if mark in p.read_bytes()]
    assert len(found) == 1, found
    return found[0]


def silent(sock):
    return not select.select([sock], [], [], 0)[0]


def a_slow_disk_is_felt_by_its_account_alone():
    """S8 apart: in the order of answers, all that the others ask is done while one sync of the slow account lasts."""
    with SlowDisk(options=['workers=1']) as s, s.undisturbed() as neighbour:
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
            until(lambda: s.waiting() == 1)
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
            assert s.waiting() == 1 and silent(slow.sock) and silent(post.sock)
            s.hold(0)
            assert slow.line().startswith(b'b OK [APPENDUID ')
            assert post.line().startswith(b'250 2.1.5')
            reader.say('n NOOP')
            assert b'* 4 EXISTS' in reader.until(b'n ')


if __name__ == '__main__':
    main([a_slow_disk_is_felt_by_its_account_alone])
