#!/usr/bin/env python3
"""Kills the server's processes with -9 in the middle of deliveries, flag
changes, moves and folder operations, and looks for what was acknowledged."""
import hashlib
import os
import pathlib
import random
import re
import signal
import threading
import time

from client import Client, No
from harness import PATIENCE, Server, main, until

USERS = ['anna@example.test', 'ben@example.test']
KILLS = int(os.environ.get('KILLS', '25'))


def make(n):
    body = ''.join(f'{hashlib.sha256(f"{n}.{i}".encode()).hexdigest()}\r\n' for i in range(40 + n % 100))
    return f'From: a@x.test\r\nSubject: m{n}\r\nX-Number: {n}\r\n\r\n{body}'.encode()


class Load:
    """Delivers and changes; remembers what was acknowledged."""

    def __init__(self, server, user, seed):
        self.server, self.user = server, user
        self.rnd = random.Random(seed)
        self.acked = set()       # numbers delivered
        self.seen_uids = {}      # (uidvalidity, uid) -> number
        self.folders = set()     # acknowledged creations
        self.expunged = set()    # numbers whose expunge was asked for
        self.errors = []
        self.stop = threading.Event()
        self.next = seed * 1_000_000

    def deliver(self):
        while not self.stop.is_set():
            self.next += 1
            try:
                if not self.server.deliver(self.user, make(self.next)):
                    self.acked.add(self.next)
            except Exception:  # noqa: BLE001: the server is being killed
                time.sleep(0.02)

    def change(self):
        while not self.stop.is_set():
            client = None
            try:
                client = Client(self.server.ports['imap'], self.user, self.server.passwords[self.user])
                client.select('INBOX')
                while not self.stop.is_set():
                    self.one(client)
            except No as no:
                if not no.args[0].startswith('[UNAVAILABLE]'):
                    self.errors.append(str(no))
                    return
                time.sleep(0.02)
            except (OSError, ConnectionError):
                time.sleep(0.02)
            except AssertionError as e:
                self.errors.append(repr(e))
                return
            finally:
                if client:
                    client.close()

    def one(self, client):
        client.told()
        rnd = self.rnd
        if not client.view:
            time.sleep(0.01)
            return
        uid = rnd.choice(client.view)[0]
        if not uid:  # told by EXISTS alone so far
            return
        kind = rnd.random()
        if kind < 0.5:
            client.command('UID STORE', f'{uid} +FLAGS (\\Flagged k{rnd.randrange(9)})')
        elif kind < 0.75:
            client.command('UID MOVE', f'{uid} Archive')
        elif kind < 0.85:
            client.command('UID COPY', f'{uid} Junk')
        else:
            name = f'F{rnd.randrange(10 ** 9)}'
            client.command('CREATE', name)
            self.folders.add(name)

    def start(self):
        self.threads = [threading.Thread(target=t) for t in (self.deliver, self.change)]
        for t in self.threads:
            t.start()

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()


def connect(server, user):
    """A worker that was killed often is started again after a while only."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return Client(server.ports['imap'], user, server.passwords[user])
        except (No, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def contents(server, user):
    """number -> bytes ok, over all folders; checks UIDs on the way."""
    c = connect(server, user)
    c.command('LIST', '"" "*"')
    names = [re.search(rb'"?([^" ]+)"?$', r)[1].decode() for r in c.replies if r.startswith(b'LIST')]
    found = {}
    for name in names:
        c.select(name)
        if not c.view:
            continue
        c.command('UID FETCH', '1:* (BODY.PEEK[])')
        for r in c.replies:
            m = re.match(rb'\d+ FETCH \(.*?BODY\[\] \{(\d+)\}\r\n', r)
            if not m:
                continue
            raw = r[m.end():m.end() + int(m[1])]
            number = int(re.search(rb'X-Number: (\d+)', raw)[1])
            assert raw.endswith(make(number)), f'wrong bytes of {number} in {name}'
            found.setdefault(number, set()).add((name, c.uidvalidity))
        uids = [uid for uid, _ in c.view]
        assert uids == sorted(set(uids)), name
    c.close()
    return found, set(names)


def verify(server, loads):
    for load in loads:
        assert not load.errors, load.errors[:3]
        found, names = contents(server, load.user)
        lost = load.acked - set(found)
        assert not lost, f'{load.user}: acknowledged and gone: {sorted(lost)[:5]} of {len(load.acked)}'
        assert load.folders <= names, load.folders - names


def run_with_kills(kill, between=None, rounds=KILLS):
    with Server() as s:
        loads = []
        for i, user in enumerate(USERS):
            s.account(user)
            loads.append(Load(s, user, i + 1))
        rnd = random.Random(7)
        for load in loads:
            load.start()
        try:
            for _ in range(rounds):
                time.sleep(rnd.uniform(0.05, 0.4))
                kill(s, rnd)
                if between:
                    for load in loads:
                        load.end()
                    between(s)
                    s.start()
                    verify(s, loads)
                    for load in loads:
                        load.stop.clear()
                        load.start()
        finally:
            for load in loads:
                load.end()
        verify(s, loads)
        print(f'{rounds} kills, {sum(len(load.acked) for load in loads)} deliveries acknowledged, none lost')


def kill_worker(server, rnd):
    workers = [pid for pid, cmd in server.children().items() if 'worker' in cmd]
    if workers:
        os.kill(rnd.choice(workers), signal.SIGKILL)


def kill_all(server, rnd):
    pids = [server.process.pid, *server.children()]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    server.process.wait()
    server.process = None
    # Who was killed while the disk worked for it has DATA until the disk is done.
    until(lambda: not any(lives(pid) for pid in pids))


def lives(pid):
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except (FileNotFoundError, ProcessLookupError):
        return False


def remove(server, *suffixes):
    for path in pathlib.Path(server.data, 'accounts').rglob('mail.db*'):
        if path.name[len('mail.db'):] in suffixes:
            path.unlink()


def workers_killed():
    run_with_kills(kill_worker, rounds=KILLS * 2)


def everything_killed():
    run_with_kills(kill_all, between=lambda s: None, rounds=max(4, KILLS // 5))


def wal_lost():
    """What was only in the WAL is gone; deliveries are in the packs."""
    def between(s):
        remove(s, '-wal', '-shm')
    with Server() as s:
        deliveries_survive(s, between)


def database_lost():
    with Server() as s:
        deliveries_survive(s, lambda srv: remove(srv, '', '-wal', '-shm'))


def deliveries_survive(s, between):
    loads = []
    for i, user in enumerate(USERS):
        s.account(user)
        load = Load(s, user, i + 1)
        load.threads = [threading.Thread(target=load.deliver)]
        loads.append(load)
    for _ in range(max(3, KILLS // 8)):
        for load in loads:
            load.stop.clear()
            load.threads = [threading.Thread(target=load.deliver)]
            load.threads[0].start()
        time.sleep(0.5)
        kill_all(s, None)
        for load in loads:
            load.end()
        between(s)
        s.start()
        verify(s, loads)
    print(f'{sum(len(load.acked) for load in loads)} deliveries acknowledged, none lost')


if __name__ == '__main__':
    main([workers_killed, everything_killed, wal_lost, database_lost])
