#!/usr/bin/env python3
"""What is older than the retention goes, on the built server; nothing else ever does."""
import base64
import contextlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import time

from abuse_disk_test import Disturbed
from harness import ANNA, Server, main, roles, until

HOUR, DAY, YEAR = 3600, 86400, 365 * 86400


class Aged(Disturbed):
    """A server whose days pass between its runs, and that looks at once."""
    entered = Server.__enter__

    def __init__(self, *options, **kw):
        super().__init__(options=['history.sweep=1', 'log.level=debug', *options], **kw)
        self.off = 0

    def set_off(self, seconds):
        self.off = seconds
        self.set_clock(seconds)

    def days_pass(self, n):
        """In nights of less than a day: each of them counts (S24)."""
        self.stop()
        for _ in range(n):
            self.set_off(self.off + DAY - 60)
            self.start()
            self.stop()
        self.start()


def folder(s, address=ANNA):
    ident = json.loads(s.cli('account', 'show', address, '--json').stdout)['id']
    return pathlib.Path(s.data, 'accounts', ident[:2], ident)


def rows(s, sql):
    """Of a copy: SQLite's own files are SQLite's, and the server's."""
    with sqlite3.connect(f'file:{folder(s)}/mail.db?mode=ro', uri=True) as db:
        return db.execute(sql).fetchall()


def looked(s, since):
    """The keeper has been at the account once more, begun after `since`."""
    return s.log()[since:].count('account looked through') >= 2


def look(s):
    since = len(s.log())
    until(lambda: looked(s, since))


def add_and_lose(s, n=20):
    for i in range(n):
        s.deliver(ANNA, f'Subject: {i}\n\nHello {i}\n'.encode())
    with s.imap(ANNA) as c:
        c.select('INBOX')
        c.store(f'1:{n // 2}', '+FLAGS', r'(\Deleted)')
        c.expunge()


def days_make_it_forget():
    with Aged() as s:
        s.account(ANNA)
        add_and_lose(s)
        before = rows(s, 'SELECT count(*) FROM history')[0][0]
        assert rows(s, 'SELECT count(*) FROM message') == [(20,)]
        s.days_pass(6)
        look(s)
        assert rows(s, 'SELECT count(*) FROM history')[0][0] == before
        assert rows(s, 'SELECT history_from FROM account') == [(0,)]
        s.days_pass(2)
        until(lambda: rows(s, 'SELECT count(*) FROM message') == [(10,)])
        assert rows(s, 'SELECT count(*) FROM history') == [(1,)]
        assert rows(s, 'SELECT count(*), sum(dead) > 0 FROM pack') == [(1, 1)]
        with s.imap(ANNA) as c:
            assert c.select('INBOX')[1] == [b'10']
            assert len([x for x in c.fetch('1:*', '(BODY[])')[1] if isinstance(x, tuple)]) == 10


def wrong_clocks_destroy_nothing():
    """Neither history nor messages nor accounts that were removed, whenever the clock said that was."""
    with Aged() as s:
        s.account(ANNA)
        add_and_lose(s)
        before = rows(s, 'SELECT count(*) FROM history')
        removed = []

        def remove():
            address = f'ben{len(removed)}@example.test'
            s.account(address)
            s.deliver(address, b'Subject: kept\n\nHello\n')
            s.cli('account', 'remove', address)
            removed.append(address)

        def kept():
            look(s)
            assert rows(s, 'SELECT count(*) FROM history') == before
            assert rows(s, 'SELECT count(*) FROM message') == [(20,)]
            assert len(list(pathlib.Path(s.data, 'removed').iterdir())) == len(removed)

        remove()
        # While it runs.
        for off in (10 * YEAR, -YEAR, 0):
            s.set_off(off)
            kept()
            remove()
            kept()
        # Forward ten years while nothing runs, then back a year and more.
        s.stop()
        s.set_off(10 * YEAR)
        s.start()
        until(lambda: 'nothing of the past is dropped' in s.log())
        kept()
        s.stop()
        s.set_off(-YEAR)
        s.start()
        kept()
        # A night off, and the next: the years are not counted.
        s.days_pass(3)
        kept()
        s.stop()
        s.set_off(3 * DAY)
        s.start()
        kept()
        address = removed.pop()
        r = json.loads(s.cli('account', 'restore', address, '--json').stdout)
        s.passwords[address] = r['password']
        with s.imap(address) as c:
            assert c.select('INBOX')[1] == [b'1']
        s.days_pass(8)
        until(lambda: rows(s, 'SELECT count(*) FROM message') == [(10,)])


def big(i, n=1 << 20):
    body = base64.encodebytes(random.Random(i).randbytes(n * 3 // 4))
    return b'Subject: %d\nMessage-ID: <big%d@x>\n\n' % (i, i) + body


def whole(s, i, raw):
    """Message i, as POP3 or IMAP gives it, is what was delivered."""
    return raw.replace(b'\r\n', b'\n').endswith(big(i).split(b'\n\n', 1)[1].rstrip(b'\n') + b'\n')


def disk(s, address=ANNA):
    return sum(p.stat().st_size for p in folder(s, address).iterdir())


def shown(s, address=ANNA):
    return json.loads(s.cli('account', 'show', address, '--json').stdout)


def a_pop3_user_is_refused_nothing():
    with Aged() as s:
        s.account(ANNA)
        s.cli('account', 'set', ANNA, '--quota', '8M')
        for day in range(7):
            for i in range(4):
                assert s.deliver(ANNA, big(day * 4 + i)) == {}
            with contextlib.closing(s.pop3(ANNA)) as p:
                n = p.stat()[0]
                assert n == 4
                for i in range(1, n + 1):
                    p.retr(i)
                    p.dele(i)
                p.quit()
            if day < 6:
                s.days_pass(1)
        space = shown(s)['space']
        assert space['live'] == 0 and space['history'] > 3 * 8 * 1024 * 1024, space
        assert space['history_warn'] is True
        until(lambda: 'more than history.warn' in s.log())
        assert 'over history.warn' in s.cli('status').stdout
        assert disk(s) > 20 * 1024 * 1024
        s.days_pass(9)
        until(lambda: disk(s) < 4 * 1024 * 1024)
        space = shown(s)['space']
        assert space['history'] == 0 and space['history_warn'] is False


def kills_lose_nothing():
    with Aged() as s:
        s.account(ANNA)
        for i in range(40):
            assert s.deliver(ANNA, big(i)) == {}
        with s.imap(ANNA) as c:
            c.select('INBOX')
            c.store('1:30', '+FLAGS', r'(\Deleted)')
            c.expunge()
        s.days_pass(8)
        rnd = random.Random(5)
        place = folder(s)
        for _ in range(12):
            # A keeper begins a second after its start; restarts are delayed more and more.
            time.sleep(1 + rnd.random())
            victims = until(lambda: [pid for (role, _), pid in roles(s).items() if role in ('keeper', 'worker')])
            with contextlib.suppress(ProcessLookupError):
                os.kill(rnd.choice(victims), signal.SIGKILL)
        s.restart()
        until(lambda: sum(p.stat().st_size for p in place.iterdir()) < 15 * 1024 * 1024)
        with s.imap(ANNA) as c:
            assert c.select('INBOX')[1] == [b'10']
            got = [x[1] for x in c.fetch('1:*', '(BODY.PEEK[])')[1] if isinstance(x, tuple)]
            assert len(got) == 10 and all(whole(s, 30 + k, raw) for k, raw in enumerate(got))
        assert s.cli('check', check=False).returncode == 0


def files_with(s, word):
    return [p for p in pathlib.Path(s.data).rglob('*')
            if p.is_file() and not p.is_socket() and word in p.read_bytes()]


def a_purge_leaves_no_byte():
    with Server() as s:
        s.account(ANNA)
        for i in range(5):
            s.deliver(ANNA, f'Message-ID: <p{i}@x>\nSubject: MARKER{i}MARKER\n\nBODY{i}BODY\n'.encode())
        with s.imap(ANNA) as c:
            c.select('INBOX')
            c.copy('2', 'Archive')
            c.store('3', '+FLAGS', r'(\Deleted)')
            c.expunge()
        assert s.cli('purge', ANNA, '--message-id', '<p1@x>', check=False).returncode == 1
        assert len(files_with(s, b'MARKER1MARKER')) >= 2
        r = json.loads(s.cli('purge', ANNA, '--message-id', '<p1@x>', '--yes', '--json').stdout)
        assert len(r['messages']) == 1
        for i, there in ((0, True), (1, False), (2, True), (3, True)):
            assert bool(files_with(s, b'MARKER%dMARKER' % i)) == there, i
            assert bool(files_with(s, b'BODY%dBODY' % i)) == there, i
        # Of the past, and while no server runs.
        s.stop()
        s.cli('purge', ANNA, '--message-id', '<p2@x>', '--yes')
        assert not files_with(s, b'MARKER2MARKER') and not files_with(s, b'BODY2BODY')
        log = pathlib.Path(s.data, 'purged.log').read_text()
        assert log.count('purged account=') == 2 and 'MARKER' not in log
        s.start()
        with s.imap(ANNA) as c:
            assert c.select('INBOX')[1] == [b'3']
            assert c.select('Archive')[1] == [b'0']
        assert s.cli('check', check=False).returncode == 0


def a_removed_account_comes_back():
    ben, carl, role = 'ben@example.test', 'carl@example.test', 'office@example.test'
    with Aged() as s:
        s.account(ANNA)
        s.cli('account', 'set', ANNA, '--alias', 'a@example.test', '--quota', '5M')
        s.account(role)
        s.cli('account', 'set', role, '--member', ANNA)
        s.deliver(ANNA, b'Subject: kept\n\nHello\n')
        s.cli('account', 'remove', ANNA)
        assert s.cli('account', 'show', ANNA, check=False).returncode == 1
        r = json.loads(s.cli('account', 'restore', ANNA, '--json').stdout)
        s.passwords[ANNA] = r['password']
        with s.imap(ANNA) as c:
            assert c.select('INBOX')[1] == [b'1']
        s.deliver('a@example.test', b'Subject: alias\n\nHello\n')
        with s.imap(ANNA) as c:
            assert c.select('INBOX')[1] == [b'2']
        assert shown(s)['quota'] == 5 * 1024 * 1024
        assert shown(s, role)['members'] == [ANNA]
        # Somebody else has the address by now.
        s.cli('account', 'remove', ANNA)
        s.account(ANNA)
        r = s.cli('account', 'restore', ANNA, check=False)
        assert r.returncode == 1 and '--as' in r.stderr, r
        r = json.loads(s.cli('account', 'restore', ANNA, '--as', ben, '--json').stdout)
        s.passwords[ben] = r['password']
        with s.imap(ben) as c:
            assert c.select('INBOX')[1] == [b'2']
        with s.imap(ANNA) as c:
            assert c.select('INBOX')[1] == [b'0']
        # Nothing of one that waits there is left when it is purged.
        s.account(carl)
        s.deliver(carl, b'Subject: MARKER9MARKER\n\nHello\n')
        s.cli('account', 'remove', carl)
        assert files_with(s, b'MARKER9MARKER')
        r = s.cli('purge', carl, '--removed', check=False)
        assert r.returncode == 1 and '--yes' in r.stderr, r
        r = json.loads(s.cli('purge', carl, '--removed', '--yes', '--json').stdout)
        assert len(r['messages']) == 1 and not r['files'], r
        assert not files_with(s, b'MARKER9MARKER')
        assert r['messages'][0]['emailid'] in pathlib.Path(s.data, 'purged.log').read_text()
        assert s.cli('account', 'restore', carl, check=False).returncode == 1
        assert s.cli('purge', carl, '--removed', '--yes', check=False).returncode == 1
        # Its time passes.
        s.account(carl)
        s.cli('account', 'remove', carl)
        removed = pathlib.Path(s.data, 'removed')
        assert len(list(removed.iterdir())) == 1
        s.days_pass(5)
        assert len(list(removed.iterdir())) == 1
        s.days_pass(4)
        until(lambda: not list(removed.iterdir()))
        r = s.cli('account', 'restore', carl, check=False)
        assert r.returncode == 1 and 'kept' in r.stderr


if __name__ == '__main__':
    main([days_make_it_forget, wrong_clocks_destroy_nothing, a_pop3_user_is_refused_nothing, kills_lose_nothing,
          a_purge_leaves_no_byte, a_removed_account_comes_back])
