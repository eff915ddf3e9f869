#!/usr/bin/env python3
"""Backup, check and recovery of a large store, beside `cp -a`; and a client's
latency while a backup is made.

    bench/backup.py --make 10G --work /var/tmp/bench     makes the store first
    bench/backup.py --data DATA --work /var/tmp/bench    takes one that is there
"""
import argparse
import base64
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'tests' / 'live'))
from client import Client  # noqa: E402
from harness import BINARY, Server  # noqa: E402

PART = 256  # messages of 1 MiB in one import


def run(*args):
    began = time.monotonic()
    r = subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True, check=True)
    took = time.monotonic() - began
    lines = r.stdout.splitlines()
    return took, json.loads(lines[-1]) if lines and lines[-1].startswith('{"event"') else None


def size(path):
    return sum(p.stat().st_size for p in pathlib.Path(path).rglob('*') if p.is_file())


def make(data, want):
    """Accounts of 2 GiB, in messages of 1 MiB that hardly shrink."""
    part = pathlib.Path(str(data) + '.mbox')
    user = 0
    while not pathlib.Path(data).exists() or size(data) < want:
        address = f'u{user}@example.test'
        run('account', 'add', address, '-d', data)
        for _ in range(10):
            with open(part, 'wb') as f:
                for i in range(PART):
                    body = base64.encodebytes(os.urandom(786432)).replace(b'\n', b'\r\n')
                    f.write(b'From a@b Mon Jan  1 12:00:00 2024\r\nFrom: a@b\r\nSubject: m%d\r\n\r\n%s\r\n' % (i, body))
            run('import', address, part, '-d', data)
            if size(data) >= want:
                break
        user += 1
    part.unlink(missing_ok=True)


def cold(*paths):
    """Written back, and out of the page cache as far as we may ask for it."""
    os.sync()
    for path in paths:
        for p in pathlib.Path(path).rglob('*'):
            if p.is_file():
                fd = os.open(p, os.O_RDONLY)
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(fd)


def copy(source, target):
    began = time.monotonic()
    subprocess.run(['cp', '-a', source, target], check=True)
    fd = os.open(target, os.O_RDONLY)
    subprocess.run(['sync', '-f', target], check=True)
    os.close(fd)
    return time.monotonic() - began


def throughput(data, work, rounds):
    backup, gib = work / 'backup', size(data) / 2 ** 30
    print(f'store: {gib:.1f} GiB', flush=True)
    took, r = run('backup', backup, '-d', data, '--copy', '--json')
    print(f'first backup (--copy): {took:.1f} s, {gib / took * 1024:.0f} MiB/s', flush=True)
    unchanged = []
    for _ in range(5):
        took, r = run('backup', backup, '-d', data, '--copy', '--json')
        assert r['read'] == 0 and r['unchanged'] == r['accounts'], r
        unchanged.append(took)
    print(f'unchanged: {statistics.median(unchanged):.3f} s (5 runs, {min(unchanged):.3f} to {max(unchanged):.3f})',
          flush=True)
    plain, recovered = [], []
    for i in range(rounds):
        shutil.rmtree(work / 'copy', ignore_errors=True)
        shutil.rmtree(work / 'new', ignore_errors=True)
        cold(backup)
        plain.append(copy(backup, work / 'copy'))
        shutil.rmtree(work / 'copy')
        cold(backup)
        recovered.append(run('recover', backup, '-d', work / 'new')[0])
        print(f'round {i + 1}: cp -a {plain[-1]:.1f} s, recover {recovered[-1]:.1f} s', flush=True)
    shutil.rmtree(work / 'new')
    p, r = statistics.median(plain), statistics.median(recovered)
    print(f'recover: {gib / r * 1024:.0f} MiB/s, {100 * p / r:.0f} % of cp -a', flush=True)
    took, r = run('check', backup, '--json')
    print(f'check of the backup: {took:.1f} s, {gib / took * 1024:.0f} MiB/s', flush=True)


def latencies(server, user, password, until):
    """A client that changes flags and looks, one command after the other."""
    c = Client(server.ports['imap'], user, password)
    c.select('INBOX')
    took, n = [], 0
    while not until():
        n += 1
        began = time.monotonic()
        c.command('UID STORE', f'{1 + n % 50} {"+-"[n % 2]}FLAGS (\\Flagged)')
        c.command('UID FETCH', f'{1 + n % 50} (FLAGS BODY.PEEK[HEADER])')
        took.append((time.monotonic() - began) * 1000)
        time.sleep(0.002)
    c.close()
    return took


def percentile(values, part):
    return sorted(values)[int(len(values) * part)]


def latency(data, work, rounds):
    with Server(data=str(data), sandbox='try') as s:
        password = s.account(f'client-{os.getpid()}@example.test')
        user = f'client-{os.getpid()}@example.test'
        for i in range(60):
            s.deliver(user, f'From: a@b\r\nSubject: {i}\r\n\r\n'.encode() + b'body\r\n' * 200)
        quiet, busy = [], []
        for i in range(rounds):
            end = time.monotonic() + 15
            quiet += latencies(s, user, password, lambda: time.monotonic() > end)
            shutil.rmtree(work / 'under-load', ignore_errors=True)
            cold(data)
            p = subprocess.Popen([BINARY, 'backup', work / 'under-load', '-d', data, '--copy', '--json'],
                                 stdout=subprocess.DEVNULL)
            busy += latencies(s, user, password, lambda: p.poll() is not None)
            assert p.returncode == 0
        for name, v in (('quiet', quiet), ('while a backup is made', busy)):
            print(f'{name}: p50 {percentile(v, .5):.2f} ms, p99 {percentile(v, .99):.2f} ms ({len(v)} rounds)')
        print(f'p99: {percentile(busy, .99) / percentile(quiet, .99):.2f} times', flush=True)
        s.cli('account', 'remove', user)
    shutil.rmtree(work / 'under-load')


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--make')
    ap.add_argument('--data')
    ap.add_argument('--work', required=True)
    ap.add_argument('--rounds', type=int, default=3)
    ap.add_argument('--only', choices=['throughput', 'latency'])
    a = ap.parse_args()
    work = pathlib.Path(a.work)
    work.mkdir(parents=True, exist_ok=True)
    data = a.data or work / 'data'
    if a.make:
        make(data, int(a.make.rstrip('G')) * 2 ** 30)
    if a.only != 'latency':
        throughput(data, work, a.rounds)
    if a.only != 'throughput':
        latency(data, work, 2)


main()
