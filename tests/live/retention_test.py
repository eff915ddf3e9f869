#!/usr/bin/env python3
"""What is older than the retention goes, on the built server; nothing else ever does."""
import json
import pathlib
import sqlite3

from abuse_disk_test import Disturbed
from harness import Server, main, until

ANNA = 'anna@example.test'
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
    with Aged() as s:
        s.account(ANNA)
        add_and_lose(s)
        before = rows(s, 'SELECT count(*) FROM history')

        def kept():
            look(s)
            assert rows(s, 'SELECT count(*) FROM history') == before
            assert rows(s, 'SELECT count(*) FROM message') == [(20,)]

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
        s.days_pass(8)
        until(lambda: rows(s, 'SELECT count(*) FROM message') == [(10,)])


if __name__ == '__main__':
    main([days_make_it_forget, wrong_clocks_destroy_nothing])
