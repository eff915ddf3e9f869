#!/usr/bin/env python3
"""Every verb, run by root, where the three users exist: what it leaves in DATA is of who has
to work with it, whether the server runs meanwhile or is started afterwards."""
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import tempfile

from harness import BINARY, Server, Skip, main, ok, roles, until
from users import USERS, may, with_users

ANNA, BEN, OLD = 'anna@example.test', 'ben@example.test', 'old@example.test'
MAIL, AUTH, NET = USERS.values()
TEXT = b'Message-ID: <%d@users.test>\r\nSubject: m%d\r\n\r\nText of message %d.\r\n'
PACKAGING = pathlib.Path(__file__).resolve().parents[2] / 'packaging'
ROOTS = {'.', 'lock', 'epoch', 'control', 'lmtp', 'tls'}


class World:
    """A server of the three users and a backup of it; `verb` runs with it or without it."""

    def __init__(self, running, recovered=None):
        if os.geteuid() != 0:
            raise Skip('only root can become others')
        self.running = running
        # Nobody but root reads what root keeps at home.
        self.home = pathlib.Path(tempfile.mkdtemp(prefix='mailstead-users-'))
        self.s = recovered or Server(prefix=with_users(self.home))
        self.fresh = not recovered

    def __enter__(self):
        # As an operator begins: accounts first, or the server first.
        if self.fresh and not self.running:
            self.verb('account', 'add', OLD)
        self.s.start()
        for address in (ANNA, BEN) if self.fresh else ():
            self.s.account(address)
            for n in range(1, 5):
                assert not self.s.deliver(address, TEXT % (n, n, n))
        until(lambda: ' ready ' in self.s.log())
        if not self.running:
            self.s.stop()
        return self

    def __exit__(self, *a):
        self.s.__exit__(*a)
        shutil.rmtree(self.home)

    def verb(self, *args, input=None, data=None, code=0):
        """What it prints, as JSON (the last line of those that print several)."""
        args = [str(a) for a in args]
        r = subprocess.run([BINARY, *args, '-d', str(data or self.s.data), '--json'], input=input,
                           capture_output=True, text=True)
        assert r.returncode == code, (args, r.returncode, r.stdout, r.stderr)
        assert 'ermission' not in r.stdout + r.stderr, (args, r.stdout, r.stderr)
        try:
            return json.loads(r.stdout)
        except ValueError:
            return [json.loads(x) for x in r.stdout.splitlines()][-1] if r.stdout else None


def owners(data):
    """Who has what is not his, or is open to others; {} when all is right."""
    wrong = {}
    for path in [pathlib.Path(data), *pathlib.Path(data).rglob('*')]:
        try:
            sb = path.lstat()
        except FileNotFoundError:
            continue  # of a process that goes on meanwhile
        top = (path.relative_to(data).parts or ['.'])[0]
        want = 0 if top in ROOTS else AUTH if '.db' in top else MAIL
        mode = stat.S_IMODE(sb.st_mode)
        most = 0o1770 if top == '.' else 0o660 if top == 'lmtp' else 0o700 if path.is_dir() else 0o600
        if top not in ROOTS and path.is_file():
            most |= 0o044 if mode == 0o444 else 0  # sealed (S36); its folder is 0700
        if sb.st_uid != want or mode & ~most:
            wrong[str(path.relative_to(data))] = (sb.st_uid, oct(mode))
    return wrong


def goes_on(w, *addresses):
    """The server serves each of them: delivery, a change, a new folder, an expunge."""
    s = w.s
    if not w.running:
        s.start()
    for address in addresses:
        s.passwords[address] = 'correct horse battery'
        s.cli('password', address, '--password-stdin', input=s.passwords[address] + '\n')
        assert not s.deliver(address, TEXT % (99, 99, 99))
        with s.imap(address) as c:
            ok(c.select('INBOX'))
            ok(c.create('After'))
            ok(c.copy('1:*', 'After'))
            ok(c.store('1', '+FLAGS', r'(\Deleted)'))
            ok(c.expunge())
            ok(c.delete('After'))
    assert s.cli('check').returncode == 0
    assert owners(s.data) == {}, owners(s.data)
    if not w.running:
        assert s.stop() == 0
    bad = [x for x in s.log().splitlines() if re.search(r'ermission|not permitted| error | EACCES', x)]
    assert not bad, bad


def directory_and_folders(w):
    v = w.verb
    v('domain', 'add', 'example.org')
    v('domain', 'set', 'example.org', '--catch-all', ANNA)
    v('domain', 'list')
    v('domain', 'set', 'example.org', '--no-catch-all')
    v('domain', 'remove', 'example.org')
    v('account', 'add', 'new@example.test')
    v('account', 'set', 'new@example.test', '--quota', '1G', '--alias', 'n@example.test', '--member', ANNA, '--past', 'on')
    assert v('account', 'show', 'n@example.test')['quota'] == 1 << 30
    assert 'new@example.test' in [a['address'] for a in v('account', 'list')]
    v('password', 'new@example.test')
    v('app-password', 'add', ANNA, '--name', 'phone')
    v('app-password', 'list', ANNA)
    v('app-password', 'revoke', ANNA, '--name', 'phone')
    v('resume', ANNA)
    v('folder', 'create', 'new@example.test', 'Work/2024')
    v('folder', 'rename', 'new@example.test', 'Work', 'Job')
    v('folder', 'list', 'new@example.test')
    v('folder', 'delete', 'new@example.test', 'Job/2024')
    v('status')
    v('account', 'remove', 'new@example.test')
    v('account', 'restore', 'new@example.test')
    assert v('account', 'show', 'n@example.test')['address'] == 'new@example.test'
    goes_on(w, ANNA, 'new@example.test')


def past(w):
    v = w.verb
    v('folder', 'create', ANNA, 'Kunden')
    v('import', ANNA, '--folder', 'Kunden', '-', input='Subject: lost\n\nx\n')
    v('folder', 'delete', ANNA, 'Kunden')
    (lost,) = v('history', ANNA, '--losses')
    v('undo', ANNA, lost['id'])
    assert 'Kunden' in [f['name'] for f in v('folder', 'list', ANNA)]
    v('show', ANNA, '--at', 'now', 'Kunden')
    v('restore', ANNA, '--all', '--at', 'now')
    goes_on(w, ANNA)


def in_and_out(w):
    """Files of root's, that the owner of the mail cannot read."""
    v = w.verb
    (w.home / 'in').mkdir(0o700)
    (w.home / 'in' / 'one.eml').write_bytes(TEXT % (7, 7, 7))
    (w.home / 'in' / 'two.mbox').write_bytes(b'From a Mon Jan  1 12:00:00 2024\nSubject: box\n\nx\n\n')
    assert not may('mailstead', 'mailstead', os.listdir, w.home / 'in')
    assert v('import', ANNA, '--folder', 'In', w.home / 'in')['imported'] == 2
    big = w.home / 'big.eml'
    big.write_bytes(b'Subject: big\r\n\r\n' + b'y' * 76 * 150_000)  # a file of its own (S6)
    assert v('import', ANNA, big)['imported'] == 1
    assert v('export', ANNA, w.home / 'out')['exported'] == 7
    assert v('export', ANNA, w.home / 'box', '--format', 'mbox')['exported'] == 7
    assert {p.stat().st_uid for p in w.home.rglob('out/**/*')} == {0}
    with Server(sandbox='try', listen=('imap', 'pop3')) as former:
        password = former.account(OLD)
        former.cli('import', OLD, '--folder', 'Older', '-', input='Subject: moved\n\nx\n')
        moved = v('migrate', BEN, f'imap://old%40example.test@127.0.0.1:{former.ports["imap"]}', '--unverified',
                  '--pop3', f'pop3://old%40example.test@127.0.0.1:{former.ports["pop3"]}', input=password + '\n')
        assert moved['migrated'] == 1, moved
    goes_on(w, ANNA, BEN)


def erased(w):
    v = w.verb
    gone = v('purge', ANNA, '--message-id', '<2@users.test>', '--yes')
    assert len(gone['messages']) == 1, gone
    v('folder', 'create', ANNA, 'Old')
    v('import', ANNA, '--folder', 'Old', '-', input='Subject: old\n\nx\n')
    assert len(v('purge', ANNA, '--folder', 'Old', '--yes')['messages']) == 1
    assert len(v('purge', BEN, '--all', '--yes')['messages']) == 4
    assert (pathlib.Path(w.s.data) / 'purged.log').stat().st_uid == MAIL
    goes_on(w, ANNA, BEN)


def home_of(w, address):
    ident = w.verb('account', 'show', address)['id']
    return pathlib.Path(w.s.data, 'accounts', ident[:2], ident)


def damaged(w):
    v = w.verb
    for hurt in flip, cut:
        home = home_of(w, ANNA)
        # What the server has open it has to close first.
        if w.running:
            w.s.stop()
        hurt(home)
        if w.running:
            w.s.start()
        v('check', ANNA, code=1)
        v('check', '--repair', ANNA, code=1)  # something was lost
        v('check')
        goes_on(w, ANNA, BEN)


def flip(home):
    pack = home / 'pack-000001'
    raw = bytearray(pack.read_bytes())
    at = len(raw) // 2
    raw[at] ^= 0x40
    mode = stat.S_IMODE(pack.stat().st_mode)
    pack.chmod(0o600)
    with open(pack, 'r+b') as f:  # the file itself, its owner stays
        f.write(raw)
    pack.chmod(mode)


def cut(home):
    for beside in home.glob('mail.db-*'):
        beside.unlink()
    os.truncate(home / 'mail.db', os.stat(home / 'mail.db').st_size // 2 // 4096 * 4096)


def backed_up(w):
    v, s = w.verb, w.s
    b = w.home / 'backup'
    done = v('backup', b, '--keys')
    assert done['failed'] == 0 and done['accounts'] == (2 if w.running else 3), done
    assert {p.stat().st_uid for p in b.rglob('*') if p.stat().st_nlink == 1 or p.is_dir()} == {0}
    assert v('backup', b, '--keys')['unchanged'] == done['accounts']
    assert v('check', b)['found'] == 0
    assert v('status')['accounts'] == done['accounts']
    # One account as it was, one that was removed, and a folder of one.
    v('folder', 'create', ANNA, 'Later')
    got = v('recover', b, '--account', ANNA)
    assert not got['made'] and pathlib.Path(got['before']).stat().st_uid == MAIL, got
    assert 'Later' not in [f['name'] for f in v('folder', 'list', ANNA)]
    v('account', 'remove', BEN)
    assert v('recover', b, '--account', BEN)['made']
    v('purge', ANNA, '--folder', 'INBOX', '--uid', '1', '--yes')
    assert v('recover', b, '--account', ANNA, '--folder', 'INBOX') == {
        'event': 'done', 'folder': 'INBOX', 'messages': 1, 'there': 3}
    assert owners(s.data) == {}, owners(s.data)
    goes_on(w, ANNA, BEN)
    # Everything, and the server on it.
    v('recover', b, '--living', s.data, data=w.home / 'new')
    v('check', data=w.home / 'new')
    os.chmod(w.home, 0o711)
    with World(w.running, Server(prefix=s.prefix, data=w.home / 'new')) as new:
        goes_on(new, ANNA, BEN)


def both(test):
    def run():
        for running in (True, False):
            with World(running) as w:
                test(w)
    run.__name__ = test.__name__
    return run


def root_beside_an_ordinary_user():
    """DATA of somebody who runs a server of his own: what root does in it stays his."""
    if os.geteuid() != 0:
        raise Skip('only root can become others')
    uid = MAIL + 5
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        data = pathlib.Path(above, 'data')
        data.mkdir(0o700)
        os.chown(data, uid, uid)
        for args in (('account', 'add', ANNA), ('status',), ('import', ANNA, '-')):
            subprocess.run([BINARY, *args, '-d', data], input=b'Subject: a\n\nx\n', check=True, capture_output=True)
        for path in [data, *data.rglob('*')]:
            assert (path.stat().st_uid, path.stat().st_gid) == (uid, uid), path
        become = ['setpriv', f'--reuid={uid}', f'--regid={uid}', '--clear-groups']
        r = subprocess.run([*become, BINARY, 'folder', 'list', ANNA, '-d', data, '--json'], capture_output=True, text=True)
        assert r.returncode == 0 and json.loads(r.stdout)[0]['messages'] == 1, r


def a_worker_cannot_choose_what_root_writes():
    """Names in DATA that root writes lead nowhere else."""
    with World(False) as w:
        victim = w.home / 'victim'
        victim.write_text('precious')
        link = pathlib.Path(w.s.data, 'epoch.new')
        assert may('mailstead', 'mailstead', os.symlink, victim, link)
        w.verb('status')
        assert victim.read_text() == 'precious' and victim.stat().st_uid == 0
        assert may('mailstead', 'mailstead', os.symlink, victim, link)
        w.s.start()
        w.s.stop()
        assert victim.read_text() == 'precious' and victim.stat().st_uid == 0
        assert not os.path.lexists(link)


def unit():
    """Key -> value of the unit file."""
    return dict(x.split('=', 1) for x in (PACKAGING / 'mailstead.service').read_text().splitlines()
                if '=' in x and x[0] not in '#[')


def the_unit_leaves_enough_rights():
    """With the capabilities that it names, root becomes the three, gives them their files, opens
    ports, reloads, restarts what dies and ends what hangs."""
    if os.geteuid() != 0:
        raise Skip('only root can become others')
    caps = [x.removeprefix('CAP_').lower() for x in unit()['CapabilityBoundingSet'].split()]
    bound = ['setpriv', '--inh-caps=-all', '--bounding-set=-all,' + ','.join('+' + x for x in caps)]
    with tempfile.TemporaryDirectory() as folder, Server(prefix=[*with_users(folder), *bound]) as s:
        assert int(re.search(r'CapBnd:\s*(\w+)', pathlib.Path(f'/proc/{s.process.pid}/status').read_text())[1], 16).bit_count() == len(caps)
        s.account(ANNA)
        assert not s.deliver(ANNA, TEXT % (1, 1, 1))
        s.reload()
        until(lambda: 'reloaded' in s.log())
        before = roles(s)['worker', 0]
        os.kill(before, signal.SIGKILL)
        until(lambda: roles(s).get(('worker', 0)) not in (None, before))
        with s.imap(ANNA) as c:
            assert ok(c.select('INBOX')) == [b'1']
        assert s.stop() == 0
        s.start()
        until(lambda: s.log().count(' ready ') == 2)
        hung = roles(s)['worker', 0]
        os.kill(hung, signal.SIGSTOP)
        s.process.send_signal(signal.SIGTERM)
        until(lambda: s.log().count('draining') == 2)
        s.stop()  # asked twice, it waits for nobody
        assert not os.path.exists(f'/proc/{hung}')
        assert owners(s.data) == {}, owners(s.data)


def the_units_fit_systemd():
    if not shutil.which('systemd-analyze'):
        raise Skip('systemd-analyze is not here')
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(BINARY, f'{folder}/mailstead')
        for path in PACKAGING.glob('mailstead*.*er*'):
            text = path.read_text().replace('@bindir@', folder).replace('/usr/bin/restic', '/bin/true')
            pathlib.Path(folder, path.name).write_text(text)
        for name in 'mailstead.service', 'mailstead-backup.timer':
            r = subprocess.run(['systemd-analyze', '--man=no', 'verify', f'{folder}/{name}'], capture_output=True, text=True)
            assert r.returncode == 0 and folder not in r.stderr and 'mailstead' not in r.stderr, r


if __name__ == '__main__':
    main([*map(both, (directory_and_folders, past, in_and_out, erased, damaged, backed_up)),
          root_beside_an_ordinary_user, a_worker_cannot_choose_what_root_writes,
          the_unit_leaves_enough_rights, the_units_fit_systemd])
