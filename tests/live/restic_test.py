#!/usr/bin/env python3
"""docs/backup.md with the real restic: the unit's lines, an off-site repository,
and the drill, word for word but for the places."""
import os
import pathlib
import re
import subprocess

from backup_test import ANNA, BEN, Work, fill, run, served, state
from client import Client
from harness import BINARY, Server, main

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDE = (ROOT / 'docs' / 'backup.md').read_text()


def block(name):
    return re.search(rf'```{re.escape(name)}\n(.*?)```', GUIDE, re.S)[1]


class Place:
    """The guide's paths, below a folder of ours."""

    def __init__(self, work, data):
        self.work = work
        (work / 'bin').mkdir()
        (work / 'bin' / 'mailstead').symlink_to(BINARY)
        (work / 'password').write_text('not a secret\n')
        (work / 'mailstead.conf').write_text('[log]\nlevel = warning\n')
        self.paths = {'/var/backups/mailstead': str(work / 'var/backups/mailstead'), '/var/lib/mailstead': data,
                      '/etc/mailstead.conf': str(work / 'mailstead.conf'), '@bindir@': str(work / 'bin'),
                      '/etc/mailstead-backup.password': str(work / 'password'),
                      'sftp:backup@elsewhere.example:/srv/mailstead': str(work / 'off-site'),
                      '/var/tmp/': f'{work}/'}
        (work / 'var/backups').mkdir(parents=True)
        env = dict(line.split('=', 1) for line in self.put(block('mailstead-backup.env')).split())
        self.env = {**os.environ, **env, 'PATH': f'{work}/bin:{os.environ["PATH"]}', 'HOME': str(work),
                    'TMPDIR': str(work)}

    def put(self, text):
        for a, b in self.paths.items():
            text = text.replace(a, b)
        return text

    def sh(self, script, check=True):
        r = subprocess.run(['sh', '-c', self.put(script)], env=self.env, capture_output=True, text=True)
        assert not check or r.returncode == 0, r.stdout + r.stderr
        return r

    def unit(self):
        """What the timer starts; its mailstead is told where all is here."""
        for line in (ROOT / 'packaging' / 'mailstead-backup.service').read_text().splitlines():
            if line.startswith('ExecStart='):
                here = ' -d /var/lib/mailstead -c /etc/mailstead.conf' if 'mailstead backup' in line else ''
                self.sh(line.removeprefix('ExecStart=') + here)


def test_guide():
    with Work() as work, Server() as s:
        place = Place(work, s.data)
        for user in (ANNA, BEN):
            s.account(user)
            fill(s, user, 20)
        place.sh(block('init.sh'))
        place.unit()
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        c.command('UID STORE', r'3:9 +FLAGS (\Seen)')
        c.command('UID MOVE', '1:2 Archive')
        c.close()
        fill(s, BEN, 3, 100)
        place.unit()
        before = {u: state(s.ports['imap'], u, s.passwords[u]) for u in (ANNA, BEN)}
        # Only restic's copy is left.
        subprocess.run(['rm', '-r', work / 'var/backups/mailstead'], check=True)
        out = place.sh(block('drill.sh').replace('$drill/var/backups/mailstead',
                                                 f'$drill{work}/var/backups/mailstead'.replace(
                                                     '/var/backups/mailstead', '/var/./backups/mailstead'))).stdout
        assert out.count('all is well') == 2 and ANNA in out and BEN in out, out
        drill = next(work.glob('mailstead-drill-*'))
        assert (drill / 'data/settings-of-backup/mailstead.conf').exists()
        with served(drill / 'data', s.passwords) as t:
            for user in (ANNA, BEN):
                assert state(t.ports['imap'], user, s.passwords[user]) == before[user], user
        # A byte that rotted off-site, or on the way back, is found by the drill.
        packs = list(drill.glob('**/backups/mailstead/accounts/*/*/pack-000001'))
        data = bytearray(packs[0].read_bytes())
        data[len(data) // 2] ^= 1
        packs[0].chmod(0o600)
        packs[0].write_bytes(data)
        r = run('check', packs[0].parents[3], check=False)
        assert r.returncode == 1 and 'damaged' in r.stdout, r


main([test_guide])
