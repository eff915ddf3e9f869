#!/usr/bin/env python3
"""Debian's Postfix hands mail over as docs/postfix.md says: unknown recipients are
refused before the queue, a message for several is delivered once each, a mailbox
that is full keeps the mail in Postfix's queue."""
import os
import pathlib
import re
import shutil
import smtplib
import subprocess
import sys
import tempfile

from harness import PATIENCE, Server, free_ports, main, until

DOC = pathlib.Path(__file__).resolve().parents[2] / 'docs' / 'postfix.md'
MASTER = '''\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
'''


class Postfix:
    """An instance of its own: configuration, queue and log in one folder."""

    def __init__(self, transport):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix='mailstead-postfix-'))
        self.dir.chmod(0o755)
        self.port = free_ports(1)[0]
        (self.dir / 'etc').mkdir()
        (self.dir / 'queue').mkdir()
        (self.dir / 'data').mkdir()
        shutil.chown(self.dir / 'data', 'postfix')
        guide = re.search(r'```main.cf\n(.*?)```', DOC.read_text(), re.S)[1]
        guide = re.sub(r'(?m)^virtual_transport = .*', f'virtual_transport = {transport}', guide)
        guide = guide.replace('example.org', 'example.test')
        (self.dir / 'etc' / 'main.cf').write_text(f'''\
compatibility_level = 3.6
queue_directory = {self.dir}/queue
data_directory = {self.dir}/data
maillog_file = {self.dir}/log
maillog_file_prefixes = {self.dir}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.test
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 2s
''' + guide)
        (self.dir / 'etc' / 'master.cf').write_text(MASTER.format(port=self.port))
        for name in ('dynamicmaps.cf', 'postfix-files'):
            if os.path.exists(f'/etc/postfix/{name}'):
                shutil.copy(f'/etc/postfix/{name}', self.dir / 'etc')

    def run(self, *args):
        return subprocess.run(['postfix', '-c', str(self.dir / 'etc'), *args], capture_output=True, text=True)

    def __enter__(self):
        r = self.run('start')
        if r.returncode:
            raise RuntimeError(r.stdout + r.stderr + self.log())
        return self

    def __exit__(self, *_):
        self.run('stop')
        if sys.exc_info()[0]:
            sys.stderr.write(self.log()[-6000:])
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self):
        try:
            return (self.dir / 'log').read_text(errors='replace')
        except FileNotFoundError:
            return ''

    def smtp(self):
        return smtplib.SMTP('127.0.0.1', self.port, timeout=PATIENCE)

    def queue(self):
        return subprocess.run(['postqueue', '-c', str(self.dir / 'etc'), '-j'], capture_output=True, text=True).stdout


def messages(server, address):
    c = server.pop3(address)
    got = [b'\r\n'.join(c.retr(i + 1)[1]) for i in range(c.stat()[0])]
    c.quit()
    return got


def deliveries_through_postfix():
    with Server() as s, Postfix(f'lmtp:inet:127.0.0.1:{s.ports["lmtp"]}') as p:
        for a in ('anna@example.test', 'bert@example.test'):
            s.account(a)
        with p.smtp() as c:
            c.ehlo()
            assert c.mail('x@elsewhere.test')[0] == 250
            code, text = c.rcpt('nobody@example.test')
            assert code == 550, (code, text)
            code, text = c.rcpt('x@not-ours.test')
            assert code == 554, (code, text)
            c.rset()
            refused = c.sendmail('x@elsewhere.test', ['anna@example.test', 'bert@example.test', 'bert+lists@example.test'],
                                 b'Subject: one\r\n\r\n.dots\r\n..\r\n')
            assert refused == {}, refused
        until(lambda: p.log().count('status=sent') >= 3)
        got = messages(s, 'anna@example.test')
        assert len(got) == 1 and got[0].endswith(b'\r\n\r\n.dots\r\n..'), got
        assert got[0].startswith(b'Return-Path: <x@elsewhere.test>\r\n'), got
        assert b'with LMTP' in got[0]
        assert len(messages(s, 'bert@example.test')) == 2
        until(lambda: p.queue() == '')  # its file goes after the line in the log


def over_quota_stays_in_the_queue():
    with Server() as s, Postfix(f'lmtp:inet:127.0.0.1:{s.ports["lmtp"]}') as p:
        s.account('anna@example.test')
        s.cli('account', 'set', 'anna@example.test', '--quota', '1K')
        with p.smtp() as c:
            c.sendmail('x@elsewhere.test', ['anna@example.test'], b'Subject: big\r\n\r\n' + b'x' * 60 * 30 + b'\r\n')
        until(lambda: 'status=deferred' in p.log())
        assert '452 4.2.2' in p.log()
        s.cli('account', 'set', 'anna@example.test', '--quota', '1M')
        until(lambda: 'status=sent' in p.log())
        assert len(messages(s, 'anna@example.test')) == 1


def over_a_unix_socket():
    folder = pathlib.Path(tempfile.mkdtemp(prefix='mailstead-lmtp-'))
    shutil.chown(folder, group='postfix')
    folder.chmod(0o2755)
    path = folder / 'lmtp'
    try:
        with Server(options=[f'listen.lmtp=unix:{path}'], listen=('imap', 'pop3')) as s, \
                Postfix(f'lmtp:unix:{path}') as p:
            s.account('anna@example.test')
            with p.smtp() as c:
                c.sendmail('x@elsewhere.test', ['anna@example.test'], b'Subject: unix\r\n\r\nx\r\n')
            until(lambda: 'status=sent' in p.log())
            assert len(messages(s, 'anna@example.test')) == 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    if not shutil.which('postfix') or os.geteuid() != 0:
        print('skipped: needs postfix and root')
        sys.exit(77)
    main([deliveries_through_postfix, over_quota_stays_in_the_queue, over_a_unix_socket])
