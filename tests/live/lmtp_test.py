#!/usr/bin/env python3
"""LMTP: who is a recipient, what each gets, from where and over what."""
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys

from harness import ANNA, MAIL, PATIENCE, Server, free_ports, main, ok, roles, until
from users import need_unshare
from wire import Lmtp, line


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def deliver_knows_recipients_until_the_directory_changes():
    shop = 'shop@example.test'
    with Server() as s:
        s.account(ANNA)
        with Lmtp(s) as c:
            assert c.rcpt(shop) == 550
            s.cli('account', 'set', ANNA, '--alias', shop)
            assert c.rcpt(shop) == 250
            with stopped(roles(s)['auth', 0]):
                assert c.rcpt(shop) == 250
            s.cli('account', 'set', ANNA, '--no-alias', shop)
            assert c.rcpt(shop) == 550
            assert c.rcpt(ANNA) == 250
            s.cli('account', 'remove', ANNA)
            assert c.rcpt(ANNA) == 550


def lmtp_delivers_to_each():
    people = ['p1@example.test', 'p2@example.test', 'p3@example.test']
    with Server() as s:
        for p in people:
            s.account(p)
        refused = s.deliver([*people, 'nobody@example.test'], MAIL)
        assert list(refused) == ['nobody@example.test'] and refused['nobody@example.test'][0] == 550, refused
        for p in people:
            with s.imap(p) as c:
                ok(c.select('INBOX'))
                raw = ok(c.fetch('1', 'BODY.PEEK[]'))[0][1]
                assert raw.endswith(MAIL) and raw.startswith(b'Return-Path: <sender@elsewhere.test>\r\n'), raw


def lmtp_by_unix_socket():
    with Server(listen=('imap', 'imaps', 'pop3', 'pop3s'), options=[], lmtp='') as s:
        s.account(ANNA)
        with socket.socket(socket.AF_UNIX) as sock:
            until(lambda: os.path.exists(s.data + '/lmtp'))
            sock.connect(s.data + '/lmtp')
            line(sock)
            sock.sendall(b'LHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n' % ANNA.encode())
            while not line(sock).startswith(b'354'):
                pass
            sock.sendall(b'Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n')
            assert line(sock).startswith(b'250')
        with s.imap(ANNA) as c:
            assert ok(c.select('INBOX')) == [b'1']


def deliveries_are_logged():
    """Where mail went, and what nobody took; and no sender can write a line of his own."""
    sender = '"x y login failed protocol=imap name=x mechanism=PLAIN peer=192.0.2.66"@elsewhere.test'
    with Server() as s:
        s.account(ANNA)
        s.cli('folder', 'create', ANNA, 'shop')
        assert not s.deliver(ANNA, MAIL)
        assert not s.deliver('anna+shop@example.test', MAIL, sender)
        s.cli('account', 'set', ANNA, '--quota', '1K')
        assert s.deliver(ANNA, MAIL * 30)
        until(lambda: ' not delivered ' in s.log())
        log = s.log()
        assert re.search(rf'delivered account={ANNA} folder=INBOX uid=1 bytes=\d+ peer=127.0.0.1 from=sender@elsewhere.test\n', log), log
        assert re.search(rf'delivered account={ANNA} folder=shop uid=1 bytes=\d+ peer=127.0.0.1 from="', log), log
        assert not re.search(r'peer=192.0.2.66$', log, re.M), log
        assert re.search(rf'not delivered account={ANNA} status="[^"]+" peer=127.0.0.1 from=sender@elsewhere.test\n', log), log


ELSEWHERE = '192.0.2.1'


def apart(test):
    """Runs a test where this machine has an address that is not loopback: in a network of
    its own, which ends with it."""
    def run():
        if 'APART' in os.environ:
            test()
            return
        need_unshare('--map-root-user', '--net')
        inside = (f'ip link set lo up && ip address add {ELSEWHERE}/32 dev lo && '
                  f'exec "$0" "$1" {test.__name__}')
        done = subprocess.run(['unshare', '--map-root-user', '--net', 'sh', '-c', inside, sys.executable, __file__],
                              env={**os.environ, 'APART': '1'}, capture_output=True, text=True, timeout=2 * PATIENCE)
        assert done.returncode == 0 and '1 passed' in done.stdout, done.stdout + done.stderr
    run.__name__ = test.__name__
    return run


@apart
def lmtp_starts_tls_off_loopback():
    """P4, RFC 3207: for an MTA on another machine."""
    port = free_ports(1)[0]
    options = [f'listen.lmtp=127.0.0.1:{port} {ELSEWHERE}:{port}', f'lmtp.networks={ELSEWHERE}/32 127.0.0.0/8']
    with Server(options=options, listen=('imap',)) as s:
        s.ports['lmtp'] = port
        s.account(ANNA)
        with Lmtp(s) as c:
            assert not any(b'STARTTLS' in x for x in c.say('LHLO tests'))
            assert c.say('STARTTLS') == [b'502 5.5.1 TLS cannot begin here\r\n']
        with Lmtp(s, ELSEWHERE) as c:
            assert b'250-STARTTLS\r\n' in c.say('LHLO tests')
            # What is said behind it before TLS counts for nothing.
            assert c.say('STARTTLS\r\nLHLO injected') == [b'220 2.0.0 Begin TLS\r\n']
            c.sock = s.tls().wrap_socket(c.sock)
            assert c.say('MAIL FROM:<>') == [b'503 5.5.1 LHLO comes first\r\n']
            assert not any(b'STARTTLS' in x for x in c.say('LHLO tests'))
            assert c.rcpt(ANNA) == 250
            assert c.say('DATA')[0].startswith(b'354')
            assert c.say('Subject: Safe\r\n\r\nHello.\r\n.')[0].startswith(b'250')
            # A tls process that dies ends its connections, and no other.
            with Lmtp(s, ELSEWHERE) as other:
                for (role, _), pid in roles(s).items():
                    if role == 'tls':
                        os.kill(pid, signal.SIGKILL)
                assert not c.sock.recv(100)
                assert other.rcpt(ANNA) == 250
        # What is no TLS is closed, and the process goes on.
        with Lmtp(s, ELSEWHERE) as c:
            assert c.say('STARTTLS')[0].startswith(b'220')
            c.sock.sendall(b'this is no TLS\r\n')
            with contextlib.suppress(ConnectionResetError):
                while (got := c.sock.recv(1000)):
                    assert got[:1] == b'\x15'  # an alert
        with s.imap(ANNA) as c:
            ok(c.select('INBOX'))
            header = ok(c.fetch('1', '(BODY[HEADER.FIELDS (RECEIVED)])'))[0][1]
            assert b'with LMTPS' in header and b'[192.0.2.1]' in header, header


if __name__ == '__main__':
    main([deliver_knows_recipients_until_the_directory_changes, lmtp_delivers_to_each, lmtp_by_unix_socket, deliveries_are_logged,
          lmtp_starts_tls_off_loopback])
