#!/usr/bin/env python3
"""Backup, check and recover with the built server: under load, killed, with
full disks, flipped bits and lost databases."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from client import Client
from harness import BINARY, Server, Skip, main
from crash_test import Load
from past import moment

ANNA, BEN = 'anna@example.test', 'ben@example.test'
BACKUP_KILLS = int(os.environ.get('BACKUP_KILLS', '12'))


def make(n, size=2000):
    body = ''
    while len(body) < size:
        body += hashlib.sha256(f'{n}.{len(body)}'.encode()).hexdigest() + '\r\n'
    return f'From: a@x.test\r\nSubject: m{n}\r\nX-Number: {n}\r\n\r\n{body}'.encode()


def state(port, user, password):
    """folder -> (UIDVALIDITY, [(uid, flags, sha256)]), by a session of its own."""
    c = Client(port, user, password)
    c.command('LIST', '"" "*"')
    names = [re.search(rb'"?([^" ]+)"?$', r)[1].decode() for r in c.replies if r.startswith(b'LIST')]
    found = {}
    for name in names:
        c.select(name)
        rows = []
        if c.view:
            c.command('UID FETCH', '1:* (FLAGS BODY.PEEK[])')
            for r in c.replies:
                m = re.match(rb'\d+ FETCH \((.*?)BODY\[\] \{(\d+)\}\r\n', r, re.S)
                if not m:
                    continue
                flags = sorted(set(re.search(rb'FLAGS \((.*?)\)', r)[1].split()) - {rb'\Recent'})
                uid = int(re.search(rb'UID (\d+)', r)[1])
                raw = r[m.end():m.end() + int(m[2])]
                rows.append((uid, tuple(flags), hashlib.sha256(raw).hexdigest()))
        found[name] = (c.uidvalidity, sorted(rows))
    c.close()
    return found


def run(*args, check=True, env=None, **kw):
    r = subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, env={**os.environ, **(env or {})}, **kw)
    if check and r.returncode:
        raise AssertionError(f'{args}: exit {r.returncode}: {r.stdout[-2000:]} {r.stderr}')
    return r


def last(r):
    return json.loads(r.stdout.splitlines()[-1])


def fill(server, user, n, start=0):
    for i in range(start, start + n):
        server.deliver(user, make(i))


def folder_of(data, name='mail.db'):
    return sorted(p.parent for p in pathlib.Path(data).glob(f'accounts/*/*/{name}'))


def flip(path, at):
    with open(path, 'r+b') as f:
        f.seek(at)
        c = f.read(1)
        f.seek(at)
        f.write(bytes([c[0] ^ 0x40]))


class Work:
    """A folder for backups, gone afterwards."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix='mailstead-backup-'))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def served(data, passwords):
    """A server on recovered data, with the passwords of the one before."""
    s = Server(data=str(data))
    s.passwords = dict(passwords)
    return s


def test_recover_everything():
    """Another folder, another server: every message, flag and UID."""
    with Work() as work, Server() as s:
        for user in (ANNA, BEN):
            s.account(user)
            fill(s, user, 30)
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        c.command('UID STORE', r'1:7 +FLAGS (\Seen $Work)')
        c.command('CREATE', 'Kunden/Alt')
        c.command('UID MOVE', '3:5 Kunden/Alt')
        c.command('UID COPY', '6 Sent')
        c.close()
        before = {u: state(s.ports['imap'], u, s.passwords[u]) for u in (ANNA, BEN)}
        r = last(s.cli('backup', work / 'b', '--json'))
        assert r['accounts'] == 2 and r['unchanged'] == 0 and r['failed'] == 0, r
        # What has not changed is not read.
        r = last(s.cli('backup', work / 'b', '--json'))
        assert r['unchanged'] == 2 and r['read'] == 0, r
        fill(s, BEN, 1, 1000)
        r = last(s.cli('backup', work / 'b', '--json'))
        assert r['unchanged'] == 1 and r['accounts'] == 2, r
        before[BEN] = state(s.ports['imap'], BEN, s.passwords[BEN])
        assert last(run('check', work / 'b', '--json'))['found'] == 0
        run('recover', work / 'b', '-d', work / 'new')
        with served(work / 'new', s.passwords) as t:
            for user in (ANNA, BEN):
                assert state(t.ports['imap'], user, s.passwords[user]) == before[user], user
                uid = max(u for u, _, _ in before[user]['INBOX'][1])
                assert not t.deliver(user, make(5))
                rows = state(t.ports['imap'], user, s.passwords[user])['INBOX'][1]
                assert rows[-1][0] >= uid + (1 << 24), rows[-1]  # S22
            assert t.cli('check', check=False).returncode == 0
        # It is not done over what is there.
        r = run('recover', work / 'b', '-d', work / 'new', check=False)
        assert r.returncode == 1 and 'already' in r.stderr, r


def test_under_load_and_killed():
    """Backups of a server that is being written to, killed at any moment: what
    is there afterwards is whole, and the last one has all that was."""
    with Work() as work, Server() as s:
        loads = []
        for i, user in enumerate((ANNA, BEN)):
            s.account(user)
            fill(s, user, 20)
            loads.append(Load(s, user, i + 1))
        for load in loads:
            load.start()
        s.cli('backup', work / 'b')
        whole = 0
        for i in range(BACKUP_KILLS):
            p = subprocess.Popen([BINARY, 'backup', work / 'b', '-d', s.data], stderr=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL)
            time.sleep(0.004 * (i + 1))
            p.send_signal(signal.SIGKILL)
            whole += p.wait() == 0
            # The state before is as good as it was.
            r = run('check', work / 'b', '--json', check=False)
            assert r.returncode == 0, r.stdout
        assert whole < BACKUP_KILLS, 'no backup was killed'
        for load in loads:
            load.end()
            assert not load.errors, load.errors
        s.cli('backup', work / 'b')
        before = {u: state(s.ports['imap'], u, s.passwords[u]) for u in (ANNA, BEN)}
        assert last(run('check', work / 'b', '--json'))['found'] == 0
        run('recover', work / 'b', '-d', work / 'new')
        with served(work / 'new', s.passwords) as t:
            for user in (ANNA, BEN):
                assert state(t.ports['imap'], user, s.passwords[user]) == before[user], user
        # The server went on as if nothing was: no lock, no lost session.
        assert not s.deliver(ANNA, make(9))


def test_one_account_into_a_running_server():
    with Work() as work, Server() as s:
        for user in (ANNA, BEN):
            s.account(user)
            fill(s, user, 10)
        before = state(s.ports['imap'], ANNA, s.passwords[ANNA])
        other = state(s.ports['imap'], BEN, s.passwords[BEN])
        s.cli('backup', work / 'b')
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        c.command('UID STORE', r'1:10 +FLAGS.SILENT (\Deleted)')
        c.command('EXPUNGE')
        r = last(s.cli('recover', work / 'b', '--account', ANNA, '--json'))
        assert not r['made'] and 'removed/' in r['before'], r
        assert state(s.ports['imap'], ANNA, s.passwords[ANNA]) == before
        assert state(s.ports['imap'], BEN, s.passwords[BEN]) == other
        # The session that was open has ended; a removed account comes back, too.
        s.cli('account', 'remove', BEN)
        r = last(s.cli('recover', work / 'b', '--account', BEN, '--json'))
        assert r['made'] and r['password'] != s.passwords[BEN], r
        assert state(s.ports['imap'], BEN, r['password']) == other
        assert s.cli('check', check=False).returncode == 0
        # One whose making was cut short is made, and can log in.
        s.cli('account', 'remove', BEN)
        r = s.cli('recover', work / 'b', '--account', BEN, '--at', '2001-01-01', check=False)
        assert r.returncode == 1 and 'nothing of it from that time' in r.stderr, r.stderr
        r = last(s.cli('recover', work / 'b', '--account', BEN, '--json'))
        assert state(s.ports['imap'], BEN, r['password']) == other
        r = s.cli('recover', work / 'b', '--account', 'nobody@example.test', check=False)
        assert r.returncode == 1 and 'no account' in r.stderr, r.stderr


def test_a_moment_and_a_folder():
    """--at: as it was before the loss, though the backup was made after it."""
    with Work() as work, Server() as s:
        s.account(ANNA)
        fill(s, ANNA, 12)
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.command('CREATE', 'Kunden')
        c.select('INBOX')
        c.command('UID COPY', '1:6 Kunden')
        c.select('Kunden')
        c.command('UID STORE', r'2:3 +FLAGS (\Flagged \Seen)')
        before = state(s.ports['imap'], ANNA, s.passwords[ANNA])
        at = moment()
        c.command('UNSELECT')
        c.command('DELETE', 'Kunden')
        c.close()
        s.cli('backup', work / 'b')
        # The folder alone, into the account that lives on.
        r = last(s.cli('recover', work / 'b', '--account', ANNA, '--folder', 'Kunden', '--at', at, '--json'))
        assert r['messages'] == 6, r
        after = state(s.ports['imap'], ANNA, s.passwords[ANNA])
        assert [x[1:] for x in after['Kunden'][1]] == [x[1:] for x in before['Kunden'][1]]
        r = last(s.cli('recover', work / 'b', '--account', ANNA, '--folder', 'Kunden', '--at', at, '--json'))
        assert r['messages'] == 0 and r['there'] == 6, r
        # The whole account, exactly.
        s.cli('recover', work / 'b', '--account', ANNA, '--at', at)
        assert state(s.ports['imap'], ANNA, s.passwords[ANNA]) == before
        run('recover', work / 'b', '-d', work / 'new', '--at', at)
        with served(work / 'new', s.passwords) as t:
            assert state(t.ports['imap'], ANNA, s.passwords[ANNA]) == before
        r = s.cli('recover', work / 'b', '--account', ANNA, '--at', '2001-01-01', check=False)
        assert r.returncode == 1 and 'nothing of it from that time' in r.stderr, r.stderr
        assert state(s.ports['imap'], ANNA, s.passwords[ANNA]) == before


def test_revoked_since():
    with Work() as work, Server() as s:
        s.account(ANNA)
        old = json.loads(s.cli('app-password', 'add', ANNA, '--name', 'phone', '--json').stdout)['password']
        s.cli('backup', work / 'b')
        s.cli('app-password', 'revoke', ANNA, '--name', 'phone')
        r = last(run('recover', work / 'b', '-d', work / 'new', '--living', s.data, '--json'))
        assert r['revoked'] == 1, r
        run('recover', work / 'b', '-d', work / 'all')
        for data, works in ((work / 'new', False), (work / 'all', True)):
            with served(data, s.passwords) as t:
                assert state(t.ports['imap'], ANNA, s.passwords[ANNA])['INBOX'][1] == []
                try:
                    Client(t.ports['imap'], ANNA, old).close()
                    assert works, 'a revoked password works again'
                except AssertionError:
                    raise
                except Exception:
                    assert not works


def test_damage_in_a_backup():
    with Work() as work, Server() as s:
        for user in (ANNA, BEN):
            s.account(user)
            fill(s, user, 5)
        s.cli('backup', work / 'b', '--copy')
        # Each byte counts, wherever it stands.
        for name in ('pack-000001', 'mail-000001.db'):
            path = next((work / 'b').glob(f'accounts/*/*/{name}'))
            size = path.stat().st_size
            for at in (20, size // 2, size - 1):
                flip(path, at)
                r = run('check', work / 'b', check=False)
                assert r.returncode == 1, (name, at)
                assert f'accounts/{path.parent.parent.name}/{path.parent.name}' in r.stdout, r.stdout
                assert name in r.stdout, r.stdout
                assert f'({ANNA})' in r.stdout or f'({BEN})' in r.stdout, r.stdout
                flip(path, at)
        assert run('check', work / 'b').returncode == 0
        for path in (work / 'b').glob('**/*.db'):
            whole = path.read_bytes()
            path.write_bytes(whole + b'x')
            r = run('check', work / 'b', check=False)
            assert r.returncode == 1 and f'{path.name} has {len(whole) + 1} bytes, not {len(whole)}' in r.stdout, r
            path.write_bytes(whole)
        for within in ('', '/accounts/b'):
            r = s.cli('backup', s.data + within, check=False)
            assert r.returncode == 1 and 'does not lie in the data folder' in r.stderr, r
        assert not pathlib.Path(s.data, 'accounts', 'b').exists()
        flip(work / 'b' / 'manifest', 30)
        r = run('check', work / 'b', check=False)
        assert r.returncode == 1 and 'manifest is damaged' in r.stderr
        r = run('check', work, check=False)
        assert r.returncode == 1 and 'no backup' in r.stderr


def test_damage_in_the_store():
    """Named, kept to the one account, mended while the server runs; and what
    was lost comes back from the backup."""
    with Work() as work, Server() as s:
        for user in (ANNA, BEN):
            s.account(user)
            fill(s, user, 8)
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        c.command('UID STORE', r'2 +FLAGS (\Seen)')
        c.close()
        before = {u: state(s.ports['imap'], u, s.passwords[u]) for u in (ANNA, BEN)}
        s.cli('backup', work / 'b', '--copy')
        ids = {u: json.loads(s.cli('account', 'show', u, '--json').stdout)['id'] for u in (ANNA, BEN)}
        home = pathlib.Path(s.data) / 'accounts' / ids[ANNA][:2] / ids[ANNA]

        # A flipped bit in the bytes of a message.
        raw = (home / 'pack-000001').read_bytes()
        flip(home / 'pack-000001', len(raw) // 2)
        r = s.cli('check', check=False)
        assert r.returncode == 1 and ANNA in r.stdout and BEN not in r.stdout, r.stdout
        assert 'are damaged or missing' in r.stdout
        r = s.cli('check', '--repair', check=False)
        assert r.returncode == 1 and f'{ANNA}: lost: the bytes of uid ' in r.stdout, r.stdout
        assert s.cli('check').returncode == 0
        after = state(s.ports['imap'], ANNA, s.passwords[ANNA])['INBOX'][1]
        assert len(after) == 7 and set(after) < set(before[ANNA]['INBOX'][1])
        r = last(s.cli('recover', work / 'b', '--account', ANNA, '--folder', 'INBOX', '--json'))
        assert r['messages'] == 1 and r['there'] == 7, r
        rows = state(s.ports['imap'], ANNA, s.passwords[ANNA])['INBOX'][1]
        assert sorted(x[1:] for x in rows) == sorted(x[1:] for x in before[ANNA]['INBOX'][1])

        # A database cut short: the account is away, the other is not.
        s.stop()
        size = (home / 'mail.db').stat().st_size
        os.truncate(home / 'mail.db', size // 2 // 4096 * 4096)
        s.start()
        assert state(s.ports['imap'], BEN, s.passwords[BEN]) == before[BEN]
        r = s.cli('check', check=False)
        assert r.returncode == 1 and f'{ANNA}: mail.db' in r.stdout and BEN not in r.stdout, r.stdout
        r = s.cli('check', '--repair', ANNA, check=False)
        assert 'rebuilt from the packs' in r.stdout, r.stdout + r.stderr
        assert s.cli('check').returncode == 0
        rows = state(s.ports['imap'], ANNA, s.passwords[ANNA])
        found = {x[2] for box in rows.values() for x in box[1]}
        assert found >= {x[2] for x in before[ANNA]['INBOX'][1]}
        assert not s.deliver(ANNA, make(77))

        # One that is lost: its owner makes it again by itself.
        s.stop()
        for p in home.glob('mail.db*'):
            p.unlink()
        s.start()
        found = {x[2] for box in state(s.ports['imap'], ANNA, s.passwords[ANNA]).values() for x in box[1]}
        assert found >= {x[2] for x in before[ANNA]['INBOX'][1]}
        assert 'mail.db was missing and is rebuilt from the packs' in s.log()
        r = s.cli('check')
        assert re.search(f'^{ANNA}: lost-[0-9]+-mail.db-missing: mail.db was missing then', r.stdout, re.M), r.stdout
        assert state(s.ports['imap'], BEN, s.passwords[BEN]) == before[BEN]


def test_full_disk():
    """At the target: said, the backup before stays good, and it goes on later."""
    with Work() as work, Server() as s:
        s.account(ANNA)
        fill(s, ANNA, 10)
        small = work / 'small'
        small.mkdir()
        # A namespace of our own, so that nothing stays mounted.
        script = f'''set -e
mount -t tmpfs -o size=1m none {small}
{BINARY} backup {small}/b -d {s.data} >/dev/null
head -c 900k /dev/zero > {small}/fill 2>/dev/null || true
printf 'From: a@b\\nSubject: x\\n\\n' > {work}/m
head -c 400000 /dev/urandom | base64 >> {work}/m
{BINARY} import {ANNA} {work}/m -d {s.data} >/dev/null
if {BINARY} backup {small}/b -d {s.data} 2> {work}/err; then echo it fits; exit 3; fi
{BINARY} check {small}/b >/dev/null
rm {small}/fill
{BINARY} backup {small}/b -d {s.data} >/dev/null
{BINARY} check {small}/b
'''
        r = subprocess.run(['unshare', '-m', 'sh', '-c', script], capture_output=True, text=True)
        if 'unshare' in r.stderr and 'permitted' in r.stderr:
            raise Skip('no right to mount a file system')
        assert r.returncode == 0, r.stdout + r.stderr
        assert 'space' in (work / 'err').read_text(), (work / 'err').read_text()


if __name__ == '__main__':
    main([test_recover_everything, test_under_load_and_killed, test_one_account_into_a_running_server,
          test_a_moment_and_a_folder, test_revoked_since, test_damage_in_a_backup, test_damage_in_the_store,
          test_full_disk])
