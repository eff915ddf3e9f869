"""What the abuse tests share: a server that is looked at while it is abused.

    with Abused() as s:
        with s.undisturbed():
            ... bad things ...

A neighbour with an account of his own is served, by exact answers, before, between (s.neighbour.check()) and after; no
process of the server dies; nothing is logged as an error.
"""
import contextlib
import re

from client import Client
from harness import ANNA, Server, roles
from wire import Raw

NEIGHBOUR = 'ben@example.test'


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
