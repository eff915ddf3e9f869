#!/usr/bin/env python3
"""FETCH of a large mailbox: Mailstead beside Dovecot, alternating, medians.

    bench/imap_fetch.py [--messages 100000] [--rounds 5] [--only mailstead|dovecot] [--keep DIR]

Both servers get the same synthetic mail and run on this machine at the same time, on loopback without TLS. A
round is one command on one server; the reply is read whole and only its end is looked at, so that the client
costs the same for both. Dovecot is Debian's, with a Maildir and its caches warm (the first reply, which fills
them, is not counted).
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import socket
import statistics
import struct
import subprocess
import tempfile
import threading
import time

import rig

COMMANDS = {
    'overview': 'FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)',
    'flags': 'FETCH 1:* (UID FLAGS)',
    'envelope': 'FETCH 1:* (ENVELOPE)',
    'header fields': 'UID FETCH 1:* (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE '
                     'MESSAGE-ID PRIORITY X-PRIORITY REFERENCES NEWSGROUPS IN-REPLY-TO CONTENT-TYPE REPLY-TO)])',
    'search flags': 'SEARCH UNSEEN UNDELETED',
    'search size date': 'SEARCH LARGER 4000 SINCE 1-Jan-2023',
    'search subject': 'SEARCH SUBJECT "quarterly"',
    'search from': 'SEARCH FROM "olga.petrova33@"',
    'search body words': 'SEARCH BODY "harbour lights drawings"',
    'search body none': 'SEARCH BODY "never said"',
    'search body scan': 'SEARCH BODY "zqj"',  # too short for an index
}
WORDS = ('the budget for quarterly review of harbour lights meeting notes and travel plans about new kitchen chairs '
         'delivered on friday morning with many thanks from all of us here in the office please find attached '
         'drawings invoice minutes answer question weather garden').split()
NAMES = ('Anna Berg', 'Jürgen Weiß', 'Maria da Silva', 'Li Wei', 'Olga Petrova', 'Tom Baker', 'Zoë Martin', 'Kofi A.')


def words(r, n):
    return ' '.join(r.choice(WORDS) for _ in range(n))


def person(r):
    name = r.choice(NAMES)
    plain = name.encode('ascii', 'ignore').decode().lower().replace(' ', '.').strip('.')
    if not name.isascii():
        name = '=?utf-8?q?' + ''.join(c if c.isalnum() and c.isascii() else
                                      '_' if c == ' ' else ''.join(f'={b:02X}' for b in c.encode())
                                      for c in name) + '?='
    return f'{name} <{plain}{r.randrange(400)}@{r.choice(("example.org", "mail.example.net"))}>'


def body_text(r, lines):
    return ''.join(words(r, 11) + '\r\n' for _ in range(lines))


def message(i):
    """About 4 KB: a third plain, the others alternative, each eighth with an attachment."""
    r = random.Random(i)
    when = 1_600_000_000 + i * 1000
    date = time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(when))
    head = (f'Return-Path: <bounce{i}@example.net>\r\n'
            f'Received: from mx{r.randrange(9)}.example.net (mx.example.net [192.0.2.{r.randrange(255)}])\r\n'
            f'\tby mail.example.test (Postfix) with ESMTPS id {i:x}\r\n\tfor <anna@example.test>; {date}\r\n'
            f'From: {person(r)}\r\nTo: {", ".join(person(r) for _ in range(r.randrange(1, 4)))}\r\n'
            f'Subject: {words(r, r.randrange(3, 9))}\r\nDate: {date}\r\nMessage-ID: <{i}.{r.random()}@example.net>\r\n'
            f'In-Reply-To: <{i - 1}.{r.random()}@example.net>\r\nUser-Agent: bench 1.0\r\nMIME-Version: 1.0\r\n')
    plain = body_text(r, r.randrange(5, 25))
    if r.randrange(3) == 0:
        return head + 'Content-Type: text/plain; charset=utf-8\r\n\r\n' + plain
    alt = (f'--alt{i}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n'
           f'--alt{i}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
           f'<html><body><p>{plain}</p></body></html>\r\n--alt{i}--\r\n')
    if r.randrange(8):
        return f'{head}Content-Type: multipart/alternative; boundary="alt{i}"\r\n\r\n{alt}'
    data = ''.join('QUJD' * 19 + '\r\n' for _ in range(r.randrange(20, 80)))
    return (f'{head}Content-Type: multipart/mixed; boundary="mix{i}"\r\n\r\n'
            f'--mix{i}\r\nContent-Type: multipart/alternative; boundary="alt{i}"\r\n\r\n{alt}\r\n'
            f'--mix{i}\r\nContent-Type: application/pdf; name="drawing {i}.pdf"\r\n'
            f'Content-Disposition: attachment; filename="drawing {i}.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            f'{data}\r\n--mix{i}--\r\n')


def make_maildir(path, n):
    for sub in ('cur', 'new', 'tmp'):
        (path / sub).mkdir(parents=True)
    for i in range(n):
        raw = message(i).encode()
        name = path / 'cur' / f'{1_600_000_000 + i}.M{i}.bench,S={len(raw)},W={len(raw)}:2,{"S" if i % 3 else ""}'
        name.write_bytes(raw)
        os.utime(name, (1_600_000_000 + i * 1000,) * 2)


class Line:
    """A logged-in connection on a plain socket that measures whole replies."""

    def __init__(self, port, user, password, select=True):
        self.s = socket.create_connection(('127.0.0.1', port), 120)
        self.s.recv(4096)
        self.n = 0
        self.run(f'LOGIN {user} {password}')
        if select:
            self.run('SELECT INBOX')

    def run(self, command):
        self.n += 1
        tag = f'x{self.n}'.encode()
        end = b'\r\n' + tag + b' '
        began = time.perf_counter()
        if isinstance(command, str):
            command = command.encode()
        self.s.sendall(tag + b' ' + command + b'\r\n')
        tail, size = b'\r\n', 0
        while True:
            got = self.s.recv(1 << 20)
            if not got:
                raise RuntimeError(f'closed: {command[:100]!r}')
            size += len(got)
            tail = (tail + got)[-4096:]
            at = tail.rfind(end)
            if at >= 0 and tail.endswith(b'\r\n'):
                break
        took = time.perf_counter() - began
        if not tail[at:].startswith(end + b'OK'):
            raise RuntimeError(f'{command[:100]!r}: {tail[at:]!r}')
        return took, size


class Dovecot(rig.Dovecot):
    """With that Maildir; when it is there already, as the last run has left it."""

    def __init__(self, work, maildir):
        os.chmod(work, 0o755)
        home = work / 'dovecot' / 'home' / 'anna'
        if not home.exists():
            home.mkdir(parents=True)
            shutil.move(maildir, home / 'Maildir')
            subprocess.run(['chown', '-R', 'mail:mail', home.parent], check=True)
        super().__init__(work, ('imap',))

    def line(self):
        return Line(self.ports['imap'], 'anna', 'bench')


class Mailstead:
    def __init__(self, work, maildir):
        import harness
        there = (work / 'mailstead').exists()
        self.server = harness.Server(data=work / 'mailstead', listen=('imap',), sandbox='try')
        if there:
            self.password = json.loads(self.server.cli('password', 'anna@example.test', '--json').stdout)['password']
            self.server.start()
            return
        self.password = self.server.account('anna@example.test')
        done = self.server.cli('import', 'anna@example.test', str(maildir), check=False)
        self.server.start()
        if done.returncode:
            self.append(maildir)

    def indexed(self, messages):
        """Has the keeper index all but what it leaves to be read."""
        self.line().run(COMMANDS['search subject'])
        index = next((pathlib.Path(self.server.data) / 'accounts').glob('*/*')) / 'text-index'
        while not index.exists() or struct.unpack_from('<Q', index.read_bytes()[:64], 24)[0] < messages - 512:
            time.sleep(0.2)

    def append(self, maildir, lines=24):
        """The same mail by APPEND, many connections at once so that they share syncs."""
        names = sorted((maildir / 'cur').iterdir())

        def fill(k):
            line = self.line(select=False)
            for name in names[k::lines]:
                raw = name.read_bytes()
                date = time.strftime('%d-%b-%Y %H:%M:%S +0000', time.gmtime(name.stat().st_mtime))
                flags = '\\Seen' if name.name.endswith('S') else ''
                line.run(f'APPEND INBOX ({flags}) "{date}" {{{len(raw)}+}}\r\n'.encode() + raw)

        threads = [threading.Thread(target=fill, args=(k,)) for k in range(lines)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    @property
    def pid(self):
        return self.server.process.pid

    def line(self, select=True):
        return Line(self.server.ports['imap'], 'anna@example.test', self.password, select)

    def stop(self):
        self.server.stop()


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--messages', type=int, default=100_000)
    a.add_argument('--rounds', type=int, default=5)
    a.add_argument('--only')
    a.add_argument('--keep')
    a = a.parse_args()
    work = pathlib.Path(a.keep or tempfile.mkdtemp(prefix='bench-fetch-'))
    work.mkdir(exist_ok=True)
    if not (work / 'mailstead').exists() and not (work / 'dovecot').exists():
        make_maildir(work / 'mail', a.messages)
    servers = {}
    try:
        if a.only != 'dovecot':
            servers['mailstead'] = Mailstead(work, work / 'mail')
            servers['mailstead'].indexed(a.messages)
        if a.only != 'mailstead':
            servers['dovecot'] = Dovecot(work, work / 'mail')
        lines = {name: s.line() for name, s in servers.items()}
        print(f'{a.messages} messages, {a.rounds} rounds: median time, mean CPU of the server, reply')
        for what, command in COMMANDS.items():
            took = {name: [] for name in lines}
            size = {}
            cpu = {name: 0 for name in lines}
            for i in range(a.rounds + 1):
                for name, line in lines.items():
                    before = rig.cpu_seconds(servers[name].pid)
                    t, size[name] = line.run(command)
                    if i > 0:
                        took[name].append(t)
                        cpu[name] += (rig.cpu_seconds(servers[name].pid) - before) / a.rounds
            med = {name: statistics.median(v) for name, v in took.items()}
            text = '   '.join(f'{name} {med[name]:.3f} s, cpu {cpu[name]:.3f} s, {size[name] / 1e6:.1f} MB'
                              for name in med)
            if len(med) == 2:
                text += f'   ratio {med["dovecot"] / med["mailstead"]:.1f}'
                if cpu['mailstead'] > 0:
                    text += f', of cpu {cpu["dovecot"] / cpu["mailstead"]:.1f}'
            print(f'{what:17} {text}', flush=True)
    finally:
        for s in servers.values():
            s.stop()
        if not a.keep:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == '__main__':
    main()
