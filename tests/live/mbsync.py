"""Mirrors of an account that isync's mbsync keeps on this machine."""
import os
import pathlib
import subprocess

from harness import PATIENCE

RC = '''IMAPAccount a
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
{tls}

IMAPStore far
Account a

MaildirStore near
Path {home}/mail/
Inbox {home}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
'''


class Mirror:
    """All folders of an account, in Maildirs below `mail`."""

    def __init__(self, s, user, base, name, tls=False):
        self.home = pathlib.Path(base, name)
        self.mail = self.home / 'mail'
        self.mail.mkdir(parents=True)
        protocol, how = 'imap', 'SSLType None'
        if tls:
            protocol, how = 'imaps', f'SSLType IMAPS\nCertificateFile {self.home}/cert.pem'
            (self.home / 'cert.pem').write_bytes(certificate(s.ports['imaps']))
        (self.home / 'rc').write_text(RC.format(port=s.ports[protocol], user=user, password=s.passwords[user], tls=how,
                                                home=self.home))

    def sync(self):
        """Returns what it said."""
        r = subprocess.run(['mbsync', '-a', '-c', str(self.home / 'rc')], env={**os.environ, 'HOME': str(self.home)},
                           capture_output=True, text=True, timeout=PATIENCE)
        assert r.returncode == 0, (r.stdout[-2000:], r.stderr[-2000:])
        return r.stdout + r.stderr

    def folders(self):
        """Name -> the files in it."""
        return {str(cur.parent.relative_to(self.mail)): [f for sub in ('cur', 'new') for f in (cur.parent / sub).iterdir()]
                for cur in sorted(self.mail.rglob('cur'))}


def certificate(port):
    said = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{port}'], input=b'', capture_output=True).stdout
    return subprocess.run(['openssl', 'x509'], input=said, capture_output=True, check=True).stdout
