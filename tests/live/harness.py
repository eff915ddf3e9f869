"""Starts the built server on free loopback ports with a DATA folder of its own.

    with Server() as s:
        s.account('anna@example.test')
        with s.imap('anna@example.test') as c:
            c.select('INBOX')

Everything it starts it ends by pid. MAILSTEAD names the binary; meson sets it.
"""
import email.message
import glob
import imaplib
import json
import os
import pathlib
import poplib
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time

BINARY = os.environ.get('MAILSTEAD', str(pathlib.Path(__file__).resolve().parents[2] / 'build' / 'mailstead'))
LISTENERS = ('imap', 'imaps', 'pop3', 'pop3s', 'lmtp')
ANNA = 'anna@example.test'
MAIL = b'From: a@example.test\r\nSubject: Hello\r\n\r\nHello.\r\n'
imaplib._MAXLINE = 100_000_000  # whole mailboxes in one SEARCH line
# How long to wait for what has to happen, in seconds. It is no promise of the server's: a machine that is slow and has
# other things to do needs long, and a test says what happens, never how soon.
PATIENCE = 120


def free_ports(n):
    socks = [socket.socket() for _ in range(n)]
    for s in socks:
        s.bind(('127.0.0.1', 0))
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


def listening():
    """Ports of this machine's IPv4. Asked of the system, since a connection made to find out would count
    with the server until it has seen its end."""
    lines = pathlib.Path('/proc/net/tcp').read_text().splitlines()[1:]
    return {int(x.split()[1].partition(':')[2], 16) for x in lines if x.split()[3] == '0A'}


class Server:
    def __init__(self, options=(), listen=LISTENERS, data=None, env=None, sandbox='require',
                 lmtp='none', prefix=()):
        self.lmtp_default = lmtp
        self.keep = data is not None
        self.data = str(data or tempfile.mkdtemp(prefix='mailstead-'))
        self.ports = dict(zip(listen, free_ports(len(listen))))
        self.options = [f'sandbox={sandbox}', 'domain=example.test', *options]
        self.env = {**os.environ, **(env or {})}
        self.passwords = {}
        self.prefix = prefix  # what the server is started by
        self.process = None
        self.log_path = self.data + '.log'

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if sys.exc_info()[0]:
            sys.stderr.write(self.log()[-8000:])
        if not self.keep:
            shutil.rmtree(self.data, ignore_errors=True)
            pathlib.Path(self.log_path).unlink(missing_ok=True)

    def start(self):
        opts = [*self.options, *(f'listen.{k}=127.0.0.1:{v}' for k, v in self.ports.items())]
        for name in LISTENERS:
            if name not in self.ports and not any(o.startswith(f'listen.{name}=') for o in self.options):
                opts.append(f'listen.{name}={self.lmtp_default if name == "lmtp" else "none"}')
        args = [*self.prefix, BINARY, 'serve', '-d', self.data, *self.arguments()]
        for o in opts:
            args += ['-o', o]
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stderr=log, stdout=log, env=self.env)
        deadline = time.monotonic() + PATIENCE
        while not set(self.ports.values()) <= listening():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError('the server did not start:\n' + self.log()[-4000:])
            time.sleep(0.01)

    def arguments(self):
        """More of the command line."""
        return []

    def stop(self, sig=signal.SIGTERM):
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError('the server did not end')
        self.process = None
        return code

    def restart(self, sig=signal.SIGTERM):
        self.stop(sig)
        self.start()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def restart_at(self, off):
        """Where it is earlier or later: '-3d', '+1h'; None: now."""
        (library,) = glob.glob('/usr/lib/*/faketime/libfaketime.so.1')  # tools/deps live
        for key, value in (('LD_PRELOAD', library), ('FAKETIME', off), ('DONT_FAKE_MONOTONIC', '1')):
            self.env.pop(key, None)
            if off:
                self.env[key] = value
        self.restart()

    def log(self):
        try:
            return pathlib.Path(self.log_path).read_text(errors='replace')
        except FileNotFoundError:
            return ''

    def children(self):
        """pid -> role, read from the command lines."""
        found = {}
        for pid in subprocess.run(['pgrep', '-P', str(self.process.pid)], capture_output=True, text=True).stdout.split():
            try:
                found[int(pid)] = pathlib.Path(f'/proc/{pid}/cmdline').read_bytes().replace(b'\0', b' ').decode()
            except FileNotFoundError:
                pass
        return found

    def cli(self, *args, input=None, check=True):
        r = subprocess.run([BINARY, *args, '-d', self.data], input=input, capture_output=True,
                           text=not isinstance(input, bytes))
        if check and r.returncode:
            raise RuntimeError(f'{args}: exit {r.returncode}: {r.stderr}')
        return r

    def account(self, address):
        out = json.loads(self.cli('account', 'add', address, '--json').stdout)
        self.passwords[address] = out['password']
        return out['password']

    def tls(self):
        ctx = ssl.create_default_context()
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        return ctx

    def imap(self, address=None, tls=False):
        c = (imaplib.IMAP4_SSL('127.0.0.1', self.ports['imaps'], ssl_context=self.tls()) if tls
             else imaplib.IMAP4('127.0.0.1', self.ports['imap']))
        if address:
            c.login(address, self.passwords[address])
        return c

    def pop3(self, address=None, tls=False):
        c = (poplib.POP3_SSL('127.0.0.1', self.ports['pop3s'], context=self.tls()) if tls
             else poplib.POP3('127.0.0.1', self.ports['pop3']))
        if address:
            c.user(address)
            c.pass_(self.passwords[address])
        return c

    def lmtp(self):
        return smtplib.LMTP('127.0.0.1', self.ports['lmtp'])

    def deliver(self, to, raw, sender='sender@elsewhere.test'):
        """One transaction; returns the refused recipients as smtplib does. (smtplib's
        LMTP reads a single reply behind the data, so it cannot do several.)"""
        if isinstance(raw, email.message.Message):
            raw = raw.as_bytes()
        refused, taken = {}, []
        with socket.create_connection(('127.0.0.1', self.ports['lmtp']), PATIENCE) as sock, sock.makefile('rb') as f:
            def reply():
                while (got := f.readline())[3:4] == b'-':
                    pass
                return int(got[:3]), got[4:].strip()

            def say(text):
                sock.sendall(text.encode() + b'\r\n')
                return reply()

            reply()
            say('LHLO tests')
            say(f'MAIL FROM:<{sender}>')
            for address in [to] if isinstance(to, str) else to:
                got = say(f'RCPT TO:<{address}>')
                if got[0] == 250:
                    taken.append(address)
                else:
                    refused[address] = got
            if taken:
                say('DATA')
                raw = raw.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
                raw = b'\r\n'.join(b'.' + x if x[:1] == b'.' else x for x in raw.split(b'\r\n'))
                sock.sendall(raw + (b'' if raw.endswith(b'\r\n') else b'\r\n') + b'.\r\n')
                for address in taken:
                    got = reply()
                    if got[0] != 250:
                        refused[address] = got
            say('QUIT')
        return refused


def until(what, *args):
    """What it returns as soon as that is true."""
    deadline = time.monotonic() + PATIENCE
    while not (got := what(*args)):
        assert time.monotonic() < deadline, 'it did not happen'
        time.sleep(0.02)
    return got


def works(s):
    """Is Anna served: does mail come in and out, by both protocols?"""
    try:
        with s.imap(ANNA, tls=True) as c:
            ok(c.append('INBOX', None, None, MAIL))
            ok(c.select('INBOX'))
        p = s.pop3(ANNA)
        there = p.stat()[0] > 0
        p.quit()
        return there
    except Exception:
        return False


def roles(s):
    """(role, index) -> pid"""
    found = {}
    for pid, line in s.children().items():
        m = re.search(r'--role=(\w+) --index=(\d+)', line)
        if m:
            found[m[1], int(m[2])] = pid
    return found


def database(s):
    """Of the account, where there is one."""
    return next(pathlib.Path(s.data, 'accounts').glob('*/*/mail.db'))


def memory(s):
    """KiB of all processes of the server, shared pages counted once."""
    return sum(pss(pid) for pid in [s.process.pid, *s.children()])


def pss(pid):
    text = pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text()
    return int(re.search(r'^Pss:\s+(\d+)', text, re.M)[1])


def ok(reply):
    typ, data = reply
    assert typ == 'OK', reply
    return data


class Skip(Exception):
    """This machine does not give what the test needs; says what."""


def main(tests):
    """Runs the functions one after the other; a name as argument picks one."""
    passed = failed = skipped = 0
    for t in tests:
        if len(sys.argv) > 1 and t.__name__ != sys.argv[1]:
            continue
        began = time.monotonic()
        try:
            t()
            passed += 1
            print(f'ok    {t.__name__} {time.monotonic() - began:.1f}s', flush=True)
        except Skip as e:
            skipped += 1
            print(f'skip  {t.__name__}: {e}', flush=True)
        except Exception:
            failed += 1
            print(f'FAIL  {t.__name__}', flush=True)
            import traceback
            traceback.print_exc()
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    sys.exit(failed > 0 or passed + skipped == 0)
