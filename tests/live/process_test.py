#!/usr/bin/env python3
"""What processes tell each other, and what one of them may not do to the others."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import sqlite3

from client import Client
from harness import Server, main, ok
from server_test import ANNA, MAIL, line, roles, until


class Lmtp:
    """One connection, command by command."""
    def __init__(self, s):
        self.sock = socket.create_connection(('127.0.0.1', s.ports['lmtp']), 10)
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


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def deliver_knows_recipients_until_the_directory_changes():
    shop = 'shop@example.test'
    with Server() as s:
        s.account(ANNA)
        with Lmtp(s) as c:
            assert c.rcpt(shop) == 550
            s.cli('account', 'set', ANNA, '--alias', shop)
            assert c.rcpt(shop) == 250
            with stopped(roles(s)['auth', 0]):
                assert c.rcpt(shop) == 250
            s.cli('account', 'set', ANNA, '--no-alias', shop)
            assert c.rcpt(shop) == 550
            assert c.rcpt(ANNA) == 250
            s.cli('account', 'remove', ANNA)
            assert c.rcpt(ANNA) == 550


def database(s):
    return next(pathlib.Path(s.data, 'accounts').glob('*/*/mail.db'))


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
        while not checkpoints(s):
            c.command('COPY', '1 INBOX')
            assert len(c.view) < 5000
        until(lambda: len(checkpoints(s)) >= 3, 30)
        assert all(moved < pages for pages, moved in checkpoints(s)), checkpoints(s)
        reader.close()
        before = len(checkpoints(s))
        c.command('STORE', r'1 +FLAGS (\Flagged)')
        until(lambda: len(checkpoints(s)) > before, 30)
        pages, moved = checkpoints(s)[-1]
        assert pages == moved, (pages, moved)
        c.close()


if __name__ == '__main__':
    main([deliver_knows_recipients_until_the_directory_changes, the_keeper_waits_for_a_change])
