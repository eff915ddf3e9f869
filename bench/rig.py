"""What the benchmarks share: CPU and memory of a server's whole process tree,
and Debian's Dovecot with a configuration of its own on loopback."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'tests' / 'live'))
TICKS = os.sysconf('SC_CLK_TCK')


def tree(pid):
    """The process and all below it."""
    parents = {}
    for p in pathlib.Path('/proc').iterdir():
        if p.name.isdigit():
            try:
                parents[int(p.name)] = int((p / 'stat').read_text().rsplit(')', 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
    found, more = [pid], True
    while more:
        more = [p for p, parent in parents.items() if parent in found and p not in found]
        found += more
    return found


def cpu_seconds(pid):
    """User and system time of the tree, those already reaped included."""
    total = 0
    for p in tree(pid):
        try:
            f = pathlib.Path(f'/proc/{p}/stat').read_text().rsplit(')', 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(f[i]) for i in (11, 12, 13, 14))
    return total / TICKS


def pss_kib(pid):
    total = 0
    for p in tree(pid):
        try:
            text = pathlib.Path(f'/proc/{p}/smaps_rollup').read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(re.search(r'^Pss:\s+(\d+)', text, re.M)[1])
    return total


def port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Dovecot:
    """imap and lmtp in the clear; every user's password is `bench`."""

    def __init__(self, work):
        self.dir = pathlib.Path(work) / 'dovecot'
        (self.dir / 'home').mkdir(parents=True)
        subprocess.run(['chown', '-R', 'mail:mail', self.dir / 'home'], check=True)
        self.ports = {'imap': port(), 'lmtp': port()}
        (self.dir / 'dovecot.conf').write_text(f'''
base_dir = {self.dir}/run
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = {self.dir}/log
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{self.dir}/home/%n/Maildir
passdb {{
  driver = static
  args = password=bench
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={self.dir}/home/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {self.ports['imap']}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.ports['lmtp']}
  }}
}}
''')
        self.process = subprocess.Popen(['dovecot', '-F', '-c', str(self.dir / 'dovecot.conf')])
        self.pid = self.process.pid
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', self.ports['lmtp'])).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((self.dir / 'log').read_text()[-2000:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class Mailstead:
    def __init__(self, work, users, options=()):
        import harness
        self.server = harness.Server(data=pathlib.Path(work) / 'mailstead', sandbox='try', options=options)
        for user in users:
            self.server.account(user)
        self.server.start()
        self.pid = self.server.process.pid
        self.ports = self.server.ports

    def stop(self):
        self.server.stop()
