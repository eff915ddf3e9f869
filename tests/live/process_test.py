#!/usr/bin/env python3
"""What processes tell each other: of changes, and of crashes."""
import os
import pathlib
import re
import signal
import sqlite3

from client import Client, No
from harness import ANNA, MAIL, Server, database, main, ok, roles, until


# STORE_WAL_PAGES, of which the keeper is told; and how often it then tries by itself.
WAL_GROWN = 2000 * 4096
TRIES = 3


def checkpoints(s):
    return [(int(pages), int(moved)) for pages, moved in re.findall(r'checkpoint .*pages=(\d+) moved=(\d+)', s.log())]


def the_keeper_waits_for_a_change():
    """A reader keeps the WAL from being moved; when it has gone, the next change is
    enough for another try, though it does not grow the WAL by much."""
    with Server(options=['log.level=debug']) as s:
        password = s.account(ANNA)
        c = Client(s.ports['imap'], ANNA, password)
        c.select('INBOX')
        c.command('APPEND', 'INBOX', MAIL)
        reader = sqlite3.connect(f'file:{database(s)}?mode=ro', uri=True, isolation_level=None)
        reader.execute('BEGIN')
        reader.execute('SELECT * FROM account').fetchall()
        wal = pathlib.Path(str(database(s)) + '-wal')
        while wal.stat().st_size < 2 * WAL_GROWN:
            c.command('COPY', '1 INBOX')
        until(lambda: len(checkpoints(s)) >= TRIES)
        assert all(moved < pages for pages, moved in checkpoints(s)), checkpoints(s)
        reader.close()
        before = len(checkpoints(s))
        c.command('STORE', r'1 +FLAGS (\Flagged)')
        until(lambda: any(moved == pages for pages, moved in checkpoints(s)[before:]))
        c.close()


def worker_of(s, address):
    return int(re.findall(rf'worker\[(\d+)\] session .*account={address} ', s.log())[-1])


def crash(s, times):
    """Ends the worker by a signal of its own kind while it fetches message 1, until that was
    charged to the message so many times: between two slices it is charged to nobody."""
    charged = re.compile(rf'a crash while serving account=\S+ command=FETCH message=([1-9]\d*) times={times}\n')
    while not charged.search(s.log()):
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        role = 'worker', worker_of(s, ANNA)
        pid = roles(s)[role]
        c.send('x FETCH 1 BODY.PEEK[]\r\n' * 10)
        for _ in range(100):
            assert c.sock.recv(65536)
        os.kill(pid, signal.SIGSEGV)
        until(lambda: roles(s).get(role) not in (None, pid))
        c.close()
    return charged.search(s.log())[1]


def a_message_that_crashes_workers():
    """P10: the second time it is opaque bytes, the third time its account is refused."""
    ben = 'ben@example.test'
    nothing = b'(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)'
    with Server(options=['workers=2']) as s:
        s.account(ben)
        c = Client(s.ports['imap'], ANNA, s.account(ANNA))
        text = b'Subject: Bad\r\n\r\n' + b'x' * 70 + b'\r\n'
        big = text + (b'y' * 76 + b'\r\n') * 200_000
        c.command('APPEND', 'INBOX', big)
        c.command('APPEND', 'INBOX', MAIL)
        c.close()
        assert crash(s, 1) == crash(s, 2)
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        c.command('FETCH', '1 (ENVELOPE BODYSTRUCTURE)')
        body = b'("APPLICATION" "OCTET-STREAM" NIL NIL NIL "BINARY" %d)' % len(big)
        assert c.replies == [b'1 FETCH (ENVELOPE %s BODYSTRUCTURE %s)' % (nothing, body)], c.replies
        c.command('SEARCH', 'SUBJECT Bad')
        assert c.replies == [b'SEARCH'], c.replies
        c.command('FETCH', '1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[TEXT]<0.12>)')
        assert c.replies == [b'1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {0}\r\n BODY[TEXT]<0> '
                             b'{12}\r\nSubject: Bad)'], c.replies
        c.command('SEARCH', 'SUBJECT Hello')
        assert c.replies == [b'SEARCH 2'], c.replies
        c.close()
        crash(s, 3)
        try:
            Client(s.ports['imap'], ANNA, s.passwords[ANNA])
            raise AssertionError('it was served')
        except No as e:
            assert '[UNAVAILABLE]' in e.args[0], e
        refused = s.deliver([ANNA, ben], MAIL)
        assert list(refused) == [ANNA] and refused[ANNA][0] == 450, refused
        with s.imap(ben) as b:
            assert ok(b.select('INBOX')) == [b'1']


def a_mailbox_runs_out_of_uids():
    """S20: new UIDs under a new UIDVALIDITY; who has it selected is told."""
    with Server() as s:
        c = Client(s.ports['imap'], ANNA, s.account(ANNA))
        c.command('APPEND', r'INBOX (\Flagged)', MAIL)
        c.close()
        s.stop()
        with sqlite3.connect(database(s)) as db:
            db.execute("UPDATE mailbox SET uidnext = 4294967295 - 262144 WHERE name = 'INBOX'")
        db.close()
        s.start()
        watcher, writer = (Client(s.ports['imap'], ANNA, s.passwords[ANNA]) for _ in range(2))
        watcher.select('INBOX')
        was = watcher.uidvalidity
        watcher.send('x IDLE\r\n')
        assert watcher.line().startswith(b'+')
        told = writer.command('APPEND', 'INBOX', MAIL)
        assert watcher.line() == b'* BYE The selected mailbox was deleted, or has new UIDs'
        writer.select('INBOX')
        assert int(writer.uidvalidity) > int(was)
        assert f'[APPENDUID {int(writer.uidvalidity)} 2]' in told, told
        assert [(uid, sorted(flags)) for uid, flags in writer.told()] == [(1, [b'\\flagged']), (2, [])]
        writer.close()
        watcher.close()


if __name__ == '__main__':
    main([the_keeper_waits_for_a_change, a_message_that_crashes_workers, a_mailbox_runs_out_of_uids])
