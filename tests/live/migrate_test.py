#!/usr/bin/env python3
"""`migrate` from Debian's Dovecot and Cyrus and from another Mailstead: bytes,
flags, dates, names, special use, POP3 unique-ids; twice, after a kill, over TLS."""
import contextlib
import imaplib
import json
import os
import poplib
import re
import subprocess
import tempfile
import time

import harness
from harness import Server, main, ok
from peers import Cyrus, Dovecot

DATE = '"17-Jul-2019 02:44:25 +0200"'


def message(n, to='anna@example.test'):
    return (f'From: Ben <ben@elsewhere.test>\r\nTo: {to}\r\nSubject: Angebot {n}\r\n'
            f'Message-ID: <{n}@elsewhere.test>\r\nDate: Wed, 17 Jul 2019 02:44:{n % 60:02} +0200\r\n\r\n'
            f'Guten Tag,\r\ndas ist Nachricht {n}.\r\n').encode()


WHEN = 1563324265.0  # DATE
# folder -> [(message, flags)]; written as modified UTF-7
KUNDEN = '"Kunden/M&APw-ller & S&APY-hne"'.replace(' & ', ' &- ')
TREE = {
    'INBOX': [(message(1), ''), (message(2), r'(\Seen)'), (message(3), r'(\Seen \Answered $Forwarded)'),
              (message(1), r'(\Flagged)'), (b'Subject: eight bits: \xfc\r\n\r\n' + b'\xe4' * 3000 + b'\r\n', ''),
              (message(7) + b'x' * 300_000 + b'\r\n', r'(\Seen)')],
    '"Gesendete Elemente"': [(message(10), r'(\Seen)')],
    'Kunden': [],
    KUNDEN: [(message(20), r'(\Seen Projekt-7)'), (message(21), r'(\Deleted)')],
    'Leer': [],
}


def fill(c, delimiter='/', prefix=''):
    for name, messages in TREE.items():
        there = name
        if name != 'INBOX':
            bare = prefix + name.strip('"').replace('/', delimiter)
            there = f'"{bare}"'
            ok(c.create(there))
            if name != 'Leer':
                ok(c.subscribe(there))
        for raw, flags in messages:
            ok(c.append(there, flags or None, DATE, raw))


def moment(head):
    """In UTC: Dovecot and Cyrus do not keep the zone."""
    return time.mktime(imaplib.Internaldate2tuple(head))


def shown(c):
    """name -> [(bytes, flags, moment)] of all folders."""
    found = {}
    for line in ok(c.list())[0:]:
        name = re.search(rb'\) "/" (.*)$', line)[1].decode()
        if ok(c.select(name, readonly=True))[0] == b'0':
            found[name.strip('"')] = []
            continue
        data = [x for x in ok(c.uid('FETCH', '1:*', '(FLAGS INTERNALDATE BODY.PEEK[])')) if isinstance(x, tuple)]
        rows = []
        for head, raw in data:
            flags = re.search(rb'FLAGS \(([^)]*)\)', head)[1].decode().split()
            rows.append((raw, sorted(f for f in flags if f != r'\Recent'), moment(head)))
        found[name.strip('"')] = rows
    return found


def expected(names):
    want = {n: [] for n in ('Archive', 'Drafts', 'Junk', 'Sent', 'Trash')}
    for name, messages in TREE.items():
        want[names.get(name, name).strip('"')] = [
            (raw, sorted(flags.strip('()').split()), WHEN) for raw, flags in messages]
    return want


def migrate(s, url, *args, check=True, password='bench'):
    r = s.cli('migrate', 'anna@example.test', url, '--json', *args, input=password + '\n', check=check)
    return json.loads(r.stdout) if r.returncode == 0 else r


def uidls(port, user, password):
    p = poplib.POP3('127.0.0.1', port)
    p.user(user)
    p.pass_(password)
    found = [line.split()[1].decode() for line in p.uidl()[1]]
    p.quit()
    return found


@contextlib.contextmanager
def workdir():
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        yield work


def from_peer(peer, delimiter, prefix, sent):
    with peer.imap('anna') as c:
        fill(c, delimiter, prefix)
    before = uidls(peer.ports['pop3'], 'anna', 'bench')
    assert len(set(before)) == 6, before
    url = f'imap://anna@127.0.0.1:{peer.ports["imap"]}'
    pop3 = f'pop3://anna@127.0.0.1:{peer.ports["pop3"]}'
    with Server() as s:
        s.account('anna@example.test')
        got = migrate(s, url, '--pop3', pop3)
        want = {'address': 'anna@example.test', 'folders': 5, 'migrated': 9, 'already': 0, 'flagged': 0,
                'unreadable': 0}
        assert got == want, got
        with s.imap('anna@example.test') as c:
            have, want_mail = shown(c), expected({'"Gesendete Elemente"': sent})
            assert have == want_mail, [n for n in {*have, *want_mail} if have.get(n) != want_mail.get(n)]
            subscribed = {re.search(rb'"/" (.*)$', x)[1].strip(b'"') for x in ok(c.lsub())}
            assert b'Kunden' in subscribed and b'Leer' not in subscribed, subscribed
        # No POP3 client has to download anything again.
        assert uidls(s.ports['pop3'], 'anna@example.test', s.passwords['anna@example.test']) == before
        # Twice without doubling, what was deleted here stays deleted.
        with s.imap('anna@example.test') as c:
            ok(c.select('INBOX'))
            ok(c.store('2', '+FLAGS', r'(\Deleted)'))
            ok(c.expunge())
        got = migrate(s, url)
        assert got == want | {'migrated': 0, 'already': 9}, got
        # What came since, and the flags when asked.
        with peer.imap('anna') as c:
            ok(c.append('INBOX', None, DATE, message(99)))
            ok(c.select('INBOX'))
            ok(c.store('1', '+FLAGS', r'(\Answered Projekt-8)'))
        got = migrate(s, url)
        assert got == want | {'migrated': 1, 'already': 9}, got
        with s.imap('anna@example.test') as c:
            assert shown(c)['INBOX'][0][1] == []
        got = migrate(s, url, '--flags')
        assert got == want | {'migrated': 0, 'already': 10, 'flagged': 1}, got
        with s.imap('anna@example.test') as c:
            inbox = shown(c)['INBOX']
            assert inbox[0][1] == ['Projekt-8', r'\Answered'], inbox[0]
            assert [r[0] for r in inbox] == [message(1), message(3), message(1), TREE['INBOX'][4][0],
                                             TREE['INBOX'][5][0], message(99)]
        # Without a server: the same verb.
        s.stop()
        got = migrate(s, url)
        assert got == want | {'migrated': 0, 'already': 10}, got
        wrong = migrate(s, url, check=False, password='wrong')
        assert wrong.returncode == 1 and 'the login was refused' in wrong.stderr, wrong


def test_from_dovecot():
    with workdir() as work:
        mailboxes = '''namespace inbox {
  inbox = yes
  mailbox "Gesendete Elemente" {
    special_use = \\Sent
  }
}
'''
        with Dovecot(work, ('imap', 'pop3'), mailboxes + 'pop3_uidl_format = %g\nmaildir_stat_dirs = yes\n'
                     'namespace inbox {\n separator = /\n}\n') as peer:
            from_peer(peer, '/', '', 'Sent')


def test_from_cyrus():
    with workdir() as work, Cyrus(work, ['anna']) as peer:
        from_peer(peer, '.', 'INBOX.', 'Sent')


def test_goes_on_after_a_kill():
    with workdir() as work, Dovecot(work, ('imap',)) as peer, Server() as s:
        with peer.imap('anna') as c:
            for n in range(300):
                ok(c.append('INBOX', None, DATE, message(n)))
        s.account('anna@example.test')
        url = f'imap://anna@127.0.0.1:{peer.ports["imap"]}'
        with s.imap('anna@example.test') as c:
            for _ in range(3):
                p = subprocess.Popen([harness.BINARY, 'migrate', 'anna@example.test', url, '-d', s.data],
                                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                p.stdin.write(b'bench\n')
                p.stdin.close()
                ok(c.select('INBOX'))
                before = int(ok(c.status('INBOX', '(MESSAGES)'))[0].split()[-1].strip(b')'))
                while p.poll() is None and int(
                        ok(c.status('INBOX', '(MESSAGES)'))[0].split()[-1].strip(b')')) < before + 40:
                    time.sleep(0.001)
                p.kill()
                p.wait()
        got = migrate(s, url)
        assert got['migrated'] + got['already'] == 300 and got['already'] >= 40, got
        with s.imap('anna@example.test') as c:
            inbox = shown(c)['INBOX']
            assert sorted(r[0] for r in inbox) == sorted(message(n) for n in range(300)), len(inbox)


def test_over_tls():
    """From another Mailstead: STARTTLS is taken up, certificates are checked."""
    with Server() as old, Server() as s:
        password = old.account('anna@example.test')
        with old.imap('anna@example.test') as c:
            ok(c.append('INBOX', None, DATE, message(1)))
            ok(c.append('Sent', r'(\Seen)', DATE, message(2)))
        s.account('anna@example.test')
        for scheme in ('imaps', 'imap'):
            url = f'{scheme}://anna%40example.test@127.0.0.1:{old.ports[scheme]}'
            r = migrate(s, url, check=False, password=password)
            assert r.returncode == 1 and 'no TLS with 127.0.0.1: self' in r.stderr, r
        got = migrate(s, url, '--unverified', password=password)
        assert (got['migrated'], got['already']) == (2, 0), got
        url = f'imaps://anna%40example.test@127.0.0.1:{old.ports["imaps"]}'
        got = migrate(s, url, '--unverified', password=password)
        assert (got['migrated'], got['already']) == (0, 2), got
        with s.imap('anna@example.test') as c:
            found = shown(c)
            assert found['INBOX'] == [(message(1), [], WHEN)]
            assert found['Sent'] == [(message(2), [r'\Seen'], WHEN)]
        for url in ('http://x@y', 'imap://127.0.0.1', 'imap://a@h:99999', 'pop3://a@h'):
            r = s.cli('migrate', 'anna@example.test', url, input='x\n', check=False)
            assert r.returncode == 2 and f'{url} is not imaps://USER@HOST' in r.stderr, r


if __name__ == '__main__':
    main([test_from_dovecot, test_from_cyrus, test_goes_on_after_a_kill, test_over_tls])
