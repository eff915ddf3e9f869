#!/usr/bin/env python3
"""Twenty sessions, random commands on shared folders; at the end every
session's view, a fresh session's view and the store after a restart agree."""
import io
import os
import random
import subprocess
import threading
import time

from client import Client, No
from harness import ANNA, Server, main

SESSIONS = 20
SECONDS = int(os.environ.get('CONVERGENCE_SECONDS', '20'))
FOLDERS = ['INBOX', 'Archive', 'Work/A', 'Work/B']
WORDS = ['\\Seen', '\\Flagged', '\\Answered', '\\Deleted', '$Forwarded', 'Wichtig']


def message(rnd):
    return (f'From: a@x.test\r\nTo: {ANNA}\r\nSubject: {rnd.getrandbits(40)}\r\n'
            f'Message-ID: <{rnd.getrandbits(64)}@x.test>\r\n\r\n' + 'line\r\n' * rnd.randint(1, 50)).encode()


def pick(client, rnd, uid):
    """A small sequence set of what the session knows, or None."""
    n = len(client.view)
    if not n:
        return None
    i = rnd.randrange(n)
    j = min(n - 1, i + rnd.choice([0, 0, 0, 1, 3]))
    if not uid:
        return f'{i + 1}:{j + 1}'
    uids = [client.view[k][0] for k in range(i, j + 1)]
    return ','.join(str(u) for u in uids) if all(uids) else None


def step(client, rnd, server):
    what = rnd.choices(['store', 'append', 'copy', 'move', 'expunge', 'noop', 'fetch', 'search', 'select', 'deliver'],
                       [30, 8, 4, 8, 8, 15, 8, 4, 4, 2])[0]
    uid = rnd.random() < 0.6
    prefix = 'UID ' if uid else ''
    if what == 'append':
        client.command('APPEND', f'"{rnd.choice(FOLDERS)}" (\\Seen)', message(rnd))
    elif what == 'noop':
        client.command('NOOP')
        client.learn()
    elif what == 'select':
        client.select(rnd.choice(FOLDERS))
    elif what == 'expunge':
        client.command('EXPUNGE')
    elif what == 'search':
        client.command(prefix + 'SEARCH', rnd.choice(['ALL', 'UNSEEN', 'KEYWORD Wichtig', 'SUBJECT "1"', 'TEXT "line"']))
    elif what == 'deliver':
        server.deliver(ANNA, message(rnd))
    else:
        sequence = pick(client, rnd, uid)
        if not sequence:
            return
        if what == 'store':
            silent = rnd.choice(['', '.SILENT'])
            op = rnd.choice(['+', '-', ''])
            flags = rnd.sample(WORDS, rnd.randint(1, 2))
            client.command(prefix + 'STORE', f'{sequence} {op}FLAGS{silent} ({" ".join(flags)})')
            if silent:  # what .SILENT set is the client's own to know
                client.command(prefix + 'FETCH', f'{sequence} (UID FLAGS)')
        elif what == 'fetch':
            client.command(prefix + 'FETCH', f'{sequence} (UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])')
        else:
            client.command(prefix + what.upper(), f'{sequence} "{rnd.choice(FOLDERS)}"')


def work(server, seed, end, errors, clients):
    rnd = random.Random(seed)
    password = server.passwords[ANNA]
    try:
        client = Client(server.ports['imap'], ANNA, password, io.BytesIO())
        clients.append(client)
        client.select(rnd.choice(FOLDERS))
        while time.monotonic() < end:
            try:
                step(client, rnd, server)
            except No as no:
                if 'EXPUNGEISSUED' not in str(no):
                    raise
    except Exception as e:  # noqa: BLE001: every failure of a session counts
        errors.append((seed, repr(e)))


def check_grammar(client):
    """Every line that was ever said to it, by the strict reader of replies."""
    if 'TRANSCRIPT' in os.environ:
        r = subprocess.run([os.environ['TRANSCRIPT'], '--grammar', 'imap'], input=client.record.getvalue(),
                           capture_output=True)
        assert r.returncode == 0, (r.stdout[-500:], r.stderr[-500:])


def view_of(server, folder):
    c = Client(server.ports['imap'], ANNA, server.passwords[ANNA])
    c.select(folder)
    told = c.told()
    validity = c.uidvalidity
    c.close()
    return validity, told


def all_views_agree():
    seed = int(os.environ.get('SEED', time.time()))
    print('SEED', seed)
    with Server() as s:
        s.account(ANNA)
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        for f in FOLDERS[2:]:
            c.command('CREATE', f'"{f}"')
        rnd = random.Random(seed)
        for f in FOLDERS:
            for _ in range(30):
                c.command('APPEND', f'"{f}"', message(rnd))
        errors, clients = [], []
        end = time.monotonic() + SECONDS
        threads = [threading.Thread(target=work, args=(s, seed + i, end, errors, clients)) for i in range(SESSIONS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not errors, errors[:3]
        assert len(clients) == SESSIONS
        fresh = {f: view_of(s, f) for f in FOLDERS}
        by_validity = {v: (f, told) for f, (v, told) in fresh.items()}
        for client in clients:
            folder, want = by_validity[client.uidvalidity]
            got = client.told()
            assert got == want, (folder, [x for x in zip(got, want) if x[0] != x[1]][:5], len(got), len(want))
            client.close()
            check_grammar(client)
        commands = sum(client.tag for client in clients)
        s.restart()
        for f in FOLDERS:
            assert view_of(s, f) == fresh[f], f
        print(f'{commands} commands by {SESSIONS} sessions agree on {sum(len(t) for _, t in fresh.values())} messages')


if __name__ == '__main__':
    main([all_views_agree])
