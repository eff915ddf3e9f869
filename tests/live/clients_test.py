#!/usr/bin/env python3
"""Real mail programs on the real server."""
import os
import pathlib
import random
import subprocess
import tempfile

from client import Client
from harness import ANNA, PATIENCE, Server, main, ok
from mbsync import Mirror

def mail(n, text='Grüße'):
    return (f'From: Ben <ben@x.test>\r\nTo: {ANNA}\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= {n}\r\n'
            f'Message-ID: <m{n}@x.test>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text} {n}\r\n').encode()


def run(*args, cwd=None, env=None, input=None):
    r = subprocess.run(args, capture_output=True, text=True, cwd=cwd, env={**os.environ, **(env or {})}, timeout=PATIENCE,
                       input=input)
    assert r.returncode == 0, (args, r.returncode, r.stdout[-2000:], r.stderr[-2000:])
    return r.stdout


def mirrored(mirror):
    """folder -> sorted [(message id, flags)]; one moved by both mirrors is there twice."""
    out = {}
    for folder, files in mirror.folders().items():
        found = []
        for f in files:
            mid = [l for l in f.read_bytes().splitlines() if l.lower().startswith(b'message-id:')][0]
            flags = ''.join(sorted(f.name.rsplit(':2,', 1)[1])) if ':2,' in f.name else ''
            found.append((mid, flags))
        out[folder] = sorted(found)
    return out


def two_mbsync_mirrors_converge():
    with Server() as s, tempfile.TemporaryDirectory() as d:
        s.account(ANNA)
        for n in range(40):
            s.deliver(ANNA, mail(n))
        a, b = (Mirror(s, ANNA, d, name, tls=True) for name in 'ab')
        rnd = random.Random(3)
        for round in range(3):
            for mirror in (a, b):
                mirror.sync()
                inbox = mirror.mail / 'INBOX'
                for f in rnd.sample(sorted(mirror.folders()['INBOX']), 5):
                    base, _, flags = f.name.partition(':2,')
                    what = rnd.choice(['flag', 'move', 'delete'])
                    if what == 'flag':
                        f.rename(inbox / 'cur' / (base + ':2,' + ''.join(sorted(set(flags) ^ {'F'}))))
                    elif what == 'move':
                        target = mirror.mail / 'Archive' / 'cur'
                        f.rename(target / (base.split(',U=')[0] + f'r{round}:2,' + flags))
                    else:
                        f.unlink()
                s.deliver(ANNA, mail(1000 + round * 10 + (mirror is b)))
        for mirror in (a, b, a, b):
            mirror.sync()
        va, vb = mirrored(a), mirrored(b)
        assert va == vb
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        for folder in ('INBOX', 'Archive'):
            c.select(folder)
            assert len(c.view) == len(va[folder]), folder
        assert len(va['Archive']) > 0


def getmail_downloads_over_pop3():
    with Server() as s, tempfile.TemporaryDirectory() as d:
        s.account(ANNA)
        for n in range(5):
            s.deliver(ANNA, mail(n))
        for sub in ('cur', 'new', 'tmp'):
            os.makedirs(f'{d}/inbox/{sub}')
        pathlib.Path(d, 'getmailrc').write_text(f'''[retriever]
type = SimplePOP3SSLRetriever
server = 127.0.0.1
port = {s.ports['pop3s']}
username = {ANNA}
password = {s.passwords[ANNA]}
[destination]
type = Maildir
path = {d}/inbox/
[options]
delete = false
read_all = false
message_log = {d}/log
''')
        # It delivers to no Maildir as root.
        as_user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] if os.getuid() == 0 else []
        for path in (d, *pathlib.Path(d).rglob('*')):
            os.chown(path, 65534 if as_user else -1, -1)
        getmail = lambda: run(*as_user, 'getmail', f'--getmaildir={d}', '--rcfile=getmailrc', env={'HOME': d})
        getmail()
        assert len(os.listdir(f'{d}/inbox/new')) == 5
        s.deliver(ANNA, mail(5))
        s.restart()
        getmail()  # UIDLs are stable: only the new one comes
        assert len(os.listdir(f'{d}/inbox/new')) == 6
        pathlib.Path(d, 'getmailrc').write_text(
            pathlib.Path(d, 'getmailrc').read_text().replace('delete = false', 'delete = true'))
        getmail()
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        assert c.view == []


def mutt_reads_and_files():
    with Server() as s, tempfile.TemporaryDirectory() as d:
        s.account(ANNA)
        s.deliver(ANNA, mail(1))
        s.deliver(ANNA, mail(2))
        pathlib.Path(d, 'muttrc').write_text(f'''set folder="imap://127.0.0.1:{s.ports['imap']}/"
set spoolfile="+INBOX"
set imap_user="{ANNA}"
set imap_pass="{s.passwords[ANNA]}"
set ssl_starttls=no ssl_force_tls=no imap_authenticators="login"
set header_cache="" move=no quit=yes confirmappend=no delete=yes
push "<first-entry><save-message>=Archive<enter><sync-mailbox><quit>"
''')
        run('script', '-qec', f'mutt -F {d}/muttrc', f'{d}/typescript', env={'HOME': d, 'TERM': 'xterm'}, input='')
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('Archive')
        assert len(c.view) == 1, c.view
        c.select('INBOX')
        assert len(c.view) == 1, c.view


def python_libraries():
    with Server() as s:
        s.account(ANNA)
        with s.imap(ANNA, tls=True) as c:
            for n in range(3):
                ok(c.append('INBOX', '(\\Flagged)', None, mail(n)))
            assert ok(c.select('INBOX')) == [b'3']
            assert ok(c.search('UTF-8', 'SUBJECT', '"GRÜSSE"'.encode())) == [b'1 2 3']
            ok(c.store('1', '+FLAGS', '(\\Deleted)'))
            assert ok(c.expunge()) == [b'1']
            p = s.pop3(ANNA, tls=True)
            assert p.stat()[0] == 2
            resp, lines, octets = p.retr(1)
            assert b'\r\n'.join(lines) + b'\r\n' in mail(1).replace(b'\r\n', b'\r\n') or lines[-1].endswith(b' 1')
            p.dele(1)
            p.quit()
            ok(c.noop())
            assert ok(c.search(None, 'ALL')) == [b'1']


if __name__ == '__main__':
    main([python_libraries, two_mbsync_mirrors_converge, getmail_downloads_over_pop3, mutt_reads_and_files])
