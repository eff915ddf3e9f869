"""Debian's Dovecot and Cyrus with configurations of their own on loopback, as
former servers of a migration and for comparisons. Every user's password is
`bench`. Cyrus cannot be installed beside Dovecot; its packages are unpacked
into a folder instead."""
import imaplib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from harness import PATIENCE, free_ports, listening

CACHE = pathlib.Path.home() / '.cache' / 'mailstead-tests'
CYRUS_PACKAGES = ('cyrus-common', 'cyrus-imapd', 'cyrus-pop3d')


class Peer:
    """A server process in a folder; `ports` by protocol."""

    def start(self, args, env=None):
        self.process = subprocess.Popen(args, env=env, stdout=subprocess.DEVNULL,
                                        stderr=open(self.dir / 'stderr', 'wb'), start_new_session=True)
        self.pid = self.process.pid
        for number in self.ports.values():
            deadline = time.monotonic() + PATIENCE
            while number not in listening():
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f'{args[0]} did not start: ' + (self.dir / 'stderr').read_text()[-2000:])
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()

    def imap(self, user):
        c = imaplib.IMAP4('127.0.0.1', self.ports['imap'])
        c.login(user, 'bench')
        return c


class Dovecot(Peer):
    def __init__(self, work, protocols=('imap', 'lmtp'), extra=''):
        self.dir = pathlib.Path(work) / 'dovecot'
        (self.dir / 'home').mkdir(parents=True, exist_ok=True)
        shutil.chown(self.dir / 'home', 'mail', 'mail')
        self.ports = dict(zip(protocols, free_ports(len(protocols))))
        services = ''.join(self.service(p) for p in protocols)
        (self.dir / 'dovecot.conf').write_text(f'''
base_dir = {self.dir}/run
protocols = {' '.join(protocols)}
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
{services}
{extra}
''')
        self.start(['dovecot', '-F', '-c', str(self.dir / 'dovecot.conf')])

    def service(self, protocol):
        number = self.ports[protocol]
        if protocol == 'lmtp':
            return f'service lmtp {{\n inet_listener lmtp {{\n address = 127.0.0.1\n port = {number}\n }}\n}}\n'
        return (f'service {protocol}-login {{\n inet_listener {protocol} {{\n port = {number}\n }}\n'
                f' inet_listener {protocol}s {{\n port = 0\n }}\n}}\n')


def cyrus_unpack(to):
    """Its packages, unpacked where its own user can read them."""
    debs = CACHE / 'cyrus'
    if not debs.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        work = CACHE / f'cyrus.{os.getpid()}'
        work.mkdir()
        subprocess.run(['apt-get', 'download', *CYRUS_PACKAGES], cwd=work, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        work.rename(debs)
    for package in sorted(debs.glob('*.deb')):
        subprocess.run(['dpkg', '-x', package, to], check=True)


class Cyrus(Peer):
    """IMAP and POP3, with the names under INBOX. that Cyrus has by default."""

    def __init__(self, work, users):
        self.dir = pathlib.Path(work) / 'cyrus'
        root = self.dir / 'root'
        root.mkdir(parents=True)
        cyrus_unpack(root)
        for name in ('conf/socket', 'conf/db', 'conf/proc', 'mail'):
            (self.dir / name).mkdir(parents=True)
        self.ports = dict(zip(('imap', 'pop3'), free_ports(2)))
        self.lib = {**os.environ, 'LD_LIBRARY_PATH': str(root / 'usr/lib/x86_64-linux-gnu')}
        bin_ = root / 'usr/lib/cyrus/bin'
        (self.dir / 'imapd.conf').write_text(f'''
configdirectory: {self.dir}/conf
partition-default: {self.dir}/mail
proc_path: {self.dir}/conf/proc
mboxname_lockpath: {self.dir}/conf/lock
admins: admin
cyrus_user: mail
virtdomains: off
unixhierarchysep: no
altnamespace: no
allowplaintext: yes
munge8bit: no
specialusealways: 1
popminpoll: 0
popuseacl: 0
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {self.dir}/conf/sasldb2
sasl_mech_list: PLAIN
''')
        (self.dir / 'cyrus.conf').write_text(f'''
START {{
 recover cmd="{bin_}/ctl_cyrusdb -C {self.dir}/imapd.conf -r"
}}
SERVICES {{
 imap cmd="{bin_}/imapd -C {self.dir}/imapd.conf" listen="127.0.0.1:{self.ports['imap']}" prefork=0
 pop3 cmd="{bin_}/pop3d -C {self.dir}/imapd.conf" listen="127.0.0.1:{self.ports['pop3']}" prefork=0
}}
EVENTS {{
}}
''')
        for user in ('admin', *users):
            subprocess.run(['saslpasswd2', '-p', '-c', '-f', self.dir / 'conf/sasldb2', '-u', socket.gethostname(),
                            user], input=b'bench\n', check=True)
        subprocess.run(['chown', '-R', 'mail:mail', self.dir], check=True)
        self.start([str(bin_ / 'master'), '-C', str(self.dir / 'imapd.conf'), '-M', str(self.dir / 'cyrus.conf')],
                   env=self.lib)
        admin = self.imap('admin')
        for user in users:
            typ, data = admin.create(f'user.{user}')
            assert typ == 'OK', data
        admin.logout()
