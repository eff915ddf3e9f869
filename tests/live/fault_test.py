#!/usr/bin/env python3
"""kill -9, and a disk that ends, at the calls of restore, backup, recover, purge and repair that change files.

tests/live/fault.c counts the calls of one run and strikes at a chosen one, so each place is met exactly, however
fast the machine is. Behind each: nothing that was there is lost, and the same command, said again, ends with what
it ends with where nothing happens. FAULT_STEP=1 tries every call (by default some are left out).
"""
import atexit
import contextlib
import functools
import json
import mmap
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import time

from backup_test import make
from client import Client
from harness import BINARY, Server, main, until

LIBRARY = os.environ.get('FAULT_LIBRARY', str(pathlib.Path(BINARY).parent / 'tests' / 'libfault.so'))
STEP = int(os.environ.get('FAULT_STEP', '0'))
COUNT, KILL, NO_SPACE_ONCE, NO_SPACE = range(4)
SECRET = b'TOBEPURGED'
ANNA, BEN = 'anna@example.test', 'ben@example.test'
PLACES = 10  # where bytes are written or synced that are tried, unless FAULT_STEP says otherwise


class Orders:
    """Of struct orders in fault.c, shared with the processes that are to be struck."""
    SIZE = 32 + 16384

    def __enter__(self):
        self.file = tempfile.NamedTemporaryFile()
        self.file.write(bytes(self.SIZE))
        self.file.flush()
        self.map = mmap.mmap(self.file.fileno(), self.SIZE)
        self.env = {**os.environ, 'LD_PRELOAD': LIBRARY, 'FAULT': self.file.name}
        return self

    def __exit__(self, *_):
        self.map.close()
        self.file.close()

    def give(self, what, at=0, role=''):
        struct.pack_into('<IIII16s', self.map, 0, what, at, 0, 0, role.encode())

    def calls(self):
        """What each call was: n(ame), f(ile made), c(ut), b(ytes), s(ync)."""
        return self.map[32:32 + struct.unpack_from('<I', self.map, 8)[0]].decode()

    def met(self):
        return struct.unpack_from('<I', self.map, 12)[0] == 1


def cli(*args, check=True, env=None):
    r = subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, env=env)
    if check:
        assert r.returncode == 0, (args, r.returncode, r.stdout[-2000:], r.stderr)
    return r


def accounts(data):
    """address -> id"""
    return {a: json.loads(cli('account', 'show', a, '--json', '-d', data).stdout)['id'] for a in (ANNA, BEN)}


def rows(home, sql):
    """Of a copy: what looks must not change what is looked at."""
    with tempfile.TemporaryDirectory() as d:
        for name in ('mail.db', 'mail.db-wal'):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(home / name, d)
        with contextlib.closing(sqlite3.connect(f'{d}/mail.db')) as db:
            return db.execute(sql).fetchall()


def shown(home):
    """name -> (MAILBOXID's number, UIDVALIDITY, [(uid, EMAILID, size, flags)])"""
    boxes = {name: (ident, validity, []) for ident, name, validity in
             rows(home, 'SELECT id, name, uidvalidity FROM mailbox WHERE name IS NOT NULL')}
    for name, *entry in rows(home, 'SELECT b.name, uid, hex(emailid), m.size, text FROM entry e'
                                   ' JOIN mailbox b ON b.id = e.mailbox JOIN message m ON m.id = e.message'
                                   ' LEFT JOIN flagset f ON f.id = e.flagset ORDER BY 1, 2'):
        boxes[name][2].append(tuple(entry))
    return boxes


def emails(home):
    return {e for _, _, entries in shown(home).values() for _, e, _, _ in entries}


def home_of(data, ident):
    return pathlib.Path(data, 'accounts', ident[:2], ident)


def sound(data):
    """Every account can be opened and every byte of every message is right."""
    r = cli('check', '-d', data, check=False)
    assert r.returncode == 0, (r.stdout, r.stderr)


@functools.cache
def world():
    """The one that all tests begin with."""
    where = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    work = pathlib.Path(tempfile.mkdtemp(prefix='mailstead-fault-', dir=where))
    atexit.register(shutil.rmtree, work, ignore_errors=True)
    return World(work)


class World:
    """DATA with two accounts (`base`), a `backup` of it, and then a loss; `data` is what a test works on."""

    def __init__(self, work):
        self.work, self.base, self.backup, self.data = work, work / 'base', work / 'backup', work / 'data'
        with Server(data=str(self.base)) as s:
            for user in (ANNA, BEN):
                s.account(user)
                for i in range(5):
                    s.deliver(user, make(i))
            s.deliver(BEN, b'Message-ID: <secret@x>\nSubject: ' + SECRET + b'\n\nx\n')
            s.deliver(ANNA, make(5, 700_000))
            self.passwords = s.passwords
            c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
            c.command('CREATE', 'Kunden/Alt')
            c.select('INBOX')
            c.command('UID STORE', r'1:3 +FLAGS (\Seen $Work)')
            c.command('UID COPY', '1:4 Kunden/Alt')
            c.command('UID MOVE', '5 Kunden')
            c.close()
        self.ids = accounts(self.base)
        self.home = {user: home_of(self.base, i) for user, i in self.ids.items()}
        self.whole = {user: shown(h) for user, h in self.home.items()}
        cli('backup', self.backup, '-d', self.base)
        self.before = time.strftime('%Y-%m-%dT%H:%M:%S', time.localtime(time.time() + 1))
        until(lambda: time.strftime('%Y-%m-%dT%H:%M:%S') > self.before)
        with Server(data=str(self.base)) as s:
            s.passwords = self.passwords
            c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
            c.select('INBOX')
            c.command('UID STORE', r'1:2 +FLAGS.SILENT (\Deleted)')
            c.command('EXPUNGE')
            c.command('UNSELECT')
            c.command('DELETE', 'Kunden/Alt')
            c.command('DELETE', 'Kunden')
            c.close()
            s.deliver(ANNA, make(77))
        pathlib.Path(self.base.as_posix() + '.log').unlink()
        self.lost = {user: shown(h) for user, h in self.home.items()}
        sound(self.base)

    def fresh(self):
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self.base, self.data, symlinks=True, ignore=lambda d, names: ['control'])

    def at(self, user):
        return home_of(self.data, self.ids[user])


def places(calls, what):
    """The numbers of the calls: for a kill every change of a name, of the others some."""
    names = [i + 1 for i, kind in enumerate(calls) if kind == 'n']
    others = [i + 1 for i, kind in enumerate(calls) if kind != 'n']
    if what != KILL:
        names, others = [], [i + 1 for i, kind in enumerate(calls) if kind in 'nb']
    step = STEP or max(1, len(others) // PLACES)
    return sorted(names + others[::step])


def strike(what, prepare, command, behind, end, again=cli, fine=lambda r: r.returncode == 0, says=('no space',)):
    """`command` is struck at each place: it either says so, or was done; then it is said again, and done."""
    with Orders() as o:
        prepare()
        o.give(COUNT)
        again(*command, env=o.env)
        calls = o.calls()
        end()
        struck = 0
        for at in places(calls, what):
            prepare()
            o.give(what, at)
            r = cli(*command, check=False, env=o.env)
            told = f'call {at} of {len(calls)} ({calls[at - 1]}): exit {r.returncode}: {r.stderr}'
            try:
                if what == KILL:
                    # The last calls are of a run that is shorter by chance: times differ in their digits.
                    assert o.met() and r.returncode == 137 or fine(r), told
                elif not fine(r):
                    assert r.returncode == 1 and any(x in r.stderr.lower() for x in says), told
                struck += o.met()
                behind(fine(r))
                if not fine(r):
                    again(*command)
                end()
            except BaseException:
                print(f'      {told}', flush=True)
                raise
    assert struck > 5, (struck, calls)


def nothing_lost(w, done=False):
    """Of the accounts as they are when nothing is asked of anybody."""
    sound(w.data)
    assert shown(w.at(BEN)) == w.lost[BEN]
    now = shown(w.at(ANNA))
    for name, (ident, validity, entries) in w.lost[ANNA].items():
        assert now[name][:2] == (ident, validity) and set(entries) <= set(now[name][2]), (name, now)


def restored(w):
    """What was lost is back: the folders as they were (S30), the expunged under new UIDs, and nothing twice."""
    sound(w.data)
    now, whole = shown(w.at(ANNA)), w.whole[ANNA]
    assert {n: now[n] for n in ('Kunden', 'Kunden/Alt')} == {n: whole[n] for n in ('Kunden', 'Kunden/Alt')}
    for name, (ident, validity, entries) in w.lost[ANNA].items():
        assert now[name][:2] == (ident, validity) and set(entries) <= set(now[name][2])
    back = sorted(e[1:] for e in now['INBOX'][2] if e not in w.lost[ANNA]['INBOX'][2])
    assert back == sorted(e[1:] for e in whole['INBOX'][2][:2]), back
    assert set(now) == set(w.lost[ANNA]) | {'Kunden', 'Kunden/Alt'}


def a_restore(what):
    w = world()
    strike(what, w.fresh, ['restore', ANNA, '--all', '--at', w.before, '-d', w.data],
           lambda done: nothing_lost(w), lambda: restored(w))


def restore_is_killed():
    a_restore(KILL)


def restore_meets_a_full_disk():
    a_restore(NO_SPACE_ONCE)
    a_restore(NO_SPACE)


def a_whole_server(what):
    w = world()

    def end():
        sound(w.data)
        assert accounts(w.data) == w.ids
        for user in (ANNA, BEN):
            assert shown(w.at(user)) == w.whole[user], user
            numbers(w, user, w.at(user))
        left = {p.name for p in w.data.iterdir()}
        assert not {x for x in left if x.startswith('recovering') or x.endswith('.new')}, left

    def behind(done):
        # The directory comes last: nobody takes a part for a server.
        if (w.data / 'directory.db').exists():
            assert accounts(w.data) == w.ids
        elif (w.data / 'recovering').exists():
            r = cli('account', 'list', '-d', w.data, check=False)
            assert r.returncode == 1 and 'recover' in r.stderr, r
            assert not (w.data / 'directory.db').exists()

    strike(what, lambda: shutil.rmtree(w.data, ignore_errors=True), ['recover', w.backup, '-d', w.data],
           behind, end)


def numbers(w, user, home):
    """S22: UIDs go on far above what the account before may have given since."""
    then = dict(rows(w.home[user], 'SELECT id, uidnext FROM mailbox'))
    for ident, uidnext in rows(home, 'SELECT id, uidnext FROM mailbox'):
        assert uidnext >= then.get(ident, 1) + (1 << 23), (user, ident, uidnext)


def recover_of_a_server_is_killed():
    a_whole_server(KILL)


def recover_of_a_server_meets_a_full_disk():
    a_whole_server(NO_SPACE_ONCE)
    a_whole_server(NO_SPACE)


def an_account(what):
    w = world()

    def behind(done):
        # Before or after, never between.
        sound(w.data)
        assert shown(w.at(BEN)) == w.lost[BEN]
        assert shown(w.at(ANNA)) in (w.lost[ANNA], w.whole[ANNA])

    def end():
        behind(True)
        assert shown(w.at(ANNA)) == w.whole[ANNA]
        numbers(w, ANNA, w.at(ANNA))
        assert not [p for p in w.data.iterdir() if p.name.startswith('recovering')]
        # S33: what it was is kept.
        assert w.lost[ANNA] in [shown(p) for p in (w.data / 'removed').iterdir()]

    strike(what, w.fresh, ['recover', w.backup, '--account', ANNA, '-d', w.data], behind, end)


def recover_of_an_account_is_killed():
    an_account(KILL)


def recover_of_an_account_meets_a_full_disk():
    an_account(NO_SPACE_ONCE)
    an_account(NO_SPACE)


def a_folder(what):
    w = world()

    def end():
        nothing_lost(w)
        got, want = shown(w.at(ANNA))['Kunden/Alt'][2], w.whole[ANNA]['Kunden/Alt'][2]
        assert [e[1:] for e in got] == [e[1:] for e in want]

    strike(what, w.fresh, ['recover', w.backup, '--account', ANNA, '--folder', 'Kunden/Alt', '-d', w.data],
           lambda done: nothing_lost(w), end)


def recover_of_a_folder_is_killed():
    a_folder(KILL)


def recover_of_a_folder_meets_a_full_disk():
    a_folder(NO_SPACE_ONCE)
    a_folder(NO_SPACE)


def a_backup(what):
    w = world()
    target, new = w.work / 'target', w.work / 'new'

    def prepare():
        w.fresh()
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(w.backup, target)

    def proved(*states):
        assert cli('check', target, check=False).returncode == 0
        shutil.rmtree(new, ignore_errors=True)
        cli('recover', target, '-d', new)
        assert shown(home_of(new, w.ids[ANNA])) in states

    def end():
        nothing_lost(w)
        proved(w.lost[ANNA])

    strike(what, prepare, ['backup', target, '-d', w.data],
           lambda done: (nothing_lost(w), proved(w.whole[ANNA], w.lost[ANNA])), end)


def some(calls, n=8):
    """The numbers of n of the calls, spread over all of them."""
    return sorted({1 + i * (calls - 1) // (n - 1) for i in range(n)})


def restore_beside_a_worker_that_is_killed():
    """The client is told, and says it again when there is a worker again."""
    w = world()
    command = ['restore', ANNA, '--all', '--at', w.before, '-d', w.data]
    with Orders() as o:
        def serve(what, at):
            w.fresh()
            o.give(COUNT, role='worker')
            s = Server(options=['workers=1'], data=str(w.data), env=o.env)
            s.passwords = w.passwords
            s.start()
            # It has the account open: what is counted is the restore.
            Client(s.ports['imap'], ANNA, s.passwords[ANNA]).close()
            o.give(what, at, 'worker')
            return s

        s = serve(COUNT, 0)
        cli(*command)
        calls = len(o.calls())
        s.stop()
        restored(w)
        struck = 0
        for at in some(calls):
            s = serve(KILL, at)
            try:
                r = cli(*command, check=False)
                told = f'call {at} of {calls}: exit {r.returncode}: {r.stderr}'
                struck += o.met()
                assert r.returncode == 0 or o.met(), told
                if r.returncode:
                    until(lambda: cli(*command, check=False).returncode == 0)
            finally:
                s.stop()
            restored(w)
        assert struck > 3, struck


def recover_of_an_account_is_killed_beside_a_server():
    """The account is as it was, or as the backup has it; what lies about goes with the server's next start."""
    w = world()
    command = ['recover', w.backup, '--account', ANNA, '-d', w.data]

    def serve():
        s = Server(data=str(w.data))
        s.passwords = w.passwords
        s.start()
        return s

    def mail(s):
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.command('LIST', '"" "*"')
        c.close()
        return [x for x in w.data.iterdir() if x.name.startswith('recovering')]

    with Orders() as o:
        w.fresh()
        s = serve()
        o.give(COUNT)
        cli(*command, env=o.env)
        calls = len(o.calls())
        s.stop()
        left = 0
        for at in some(calls):
            w.fresh()
            s = serve()
            try:
                o.give(KILL, at)
                r = cli(*command, check=False, env=o.env)
                assert o.met() and r.returncode == 137, (at, calls, r)
                left += len(mail(s))
                s.stop()
                sound(w.data)
                assert shown(w.at(ANNA)) in (w.lost[ANNA], w.whole[ANNA]), (at, calls)
                s.start()
                assert not mail(s)
                cli(*command)
                assert not mail(s)
            finally:
                s.stop()
            sound(w.data)
            assert shown(w.at(ANNA)) == w.whole[ANNA], (at, calls)
            assert w.lost[ANNA] in [shown(p) for p in (w.data / 'removed').iterdir()]
        assert left > 0, calls


def backup_is_killed():
    a_backup(KILL)


def backup_meets_a_full_disk():
    a_backup(NO_SPACE_ONCE)
    a_backup(NO_SPACE)


def a_purge(what):
    """No byte is left in the end, though what was begun can be named no more; until then check says so."""
    w = world()

    def secret():
        return [p for p in w.data.rglob('*') if p.is_file() and SECRET in p.read_bytes()]

    def behind(done):
        r = cli('check', '-d', w.data, check=False)
        assert r.returncode == 0 or (r.returncode == 1 and 'a purge was cut short' in r.stdout and not done), r
        # Where check is content, it had not begun, or had ended.
        assert r.returncode or done or shown(w.at(BEN)) == w.lost[BEN] or not secret()

    def again(*command, env=None):
        r = cli(*command, check=False, env=env)
        assert r.returncode == 0 or 'no such message' in r.stderr and not secret(), r

    def end():
        sound(w.data)
        assert not secret(), secret()
        entries = w.lost[BEN]['INBOX'][2]
        assert shown(w.at(BEN))['INBOX'][2] == entries[:5] and len(entries) == 6
        assert shown(w.at(ANNA)) == w.lost[ANNA]

    strike(what, w.fresh, ['purge', BEN, '--message-id', '<secret@x>', '--yes', '-d', w.data], behind, end,
           again)


def purge_is_killed():
    a_purge(KILL)


def purge_meets_a_full_disk():
    a_purge(NO_SPACE_ONCE)
    a_purge(NO_SPACE)


def a_repair(what):
    """Of a mail.db with damaged pages: what can be read of it is taken over, in whichever run."""
    w = world()

    def prepare():
        w.fresh()
        with open(w.at(ANNA) / 'mail.db', 'r+b') as f:
            f.seek(os.fstat(f.fileno()).st_size // 2 // 4096 * 4096)
            f.write(b'\xff' * 8192)

    def fine(r):
        return r.returncode == 0 or r.returncode == 1 and 'repaired, but some was lost' in r.stderr

    def again(*command, env=None):
        r = cli(*command, check=False, env=env)
        assert fine(r), r

    def behind(done):
        assert shown(w.at(BEN)) == w.lost[BEN]

    def end():
        sound(w.data)
        behind(True)
        now = {name: (box[0], [e[1:] for e in box[2]]) for name, box in shown(w.at(ANNA)).items()}
        assert now == {name: (box[0], [e[1:] for e in box[2]]) for name, box in w.lost[ANNA].items()}

    # Where mail.db itself could not be written, the account is readable only, whatever the reason.
    strike(what, prepare, ['check', '--repair', '-d', w.data], behind, end, again, fine,
           ('no space', 'not repaired: input/output error'))


def repair_is_killed():
    a_repair(KILL)


def repair_meets_a_full_disk():
    a_repair(NO_SPACE_ONCE)
    a_repair(NO_SPACE)


if __name__ == '__main__':
    main([restore_is_killed, restore_meets_a_full_disk, recover_of_a_server_is_killed,
          recover_of_a_server_meets_a_full_disk, recover_of_an_account_is_killed,
          recover_of_an_account_meets_a_full_disk, recover_of_a_folder_is_killed,
          recover_of_a_folder_meets_a_full_disk, restore_beside_a_worker_that_is_killed,
          recover_of_an_account_is_killed_beside_a_server, backup_is_killed, backup_meets_a_full_disk,
          purge_is_killed, purge_meets_a_full_disk,
          repair_is_killed, repair_meets_a_full_disk])
