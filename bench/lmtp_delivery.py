#!/usr/bin/env python3
"""LMTP delivery of 20 KiB messages, durable: Mailstead beside Dovecot,
alternating; messages per second, and per second of CPU of all processes.

    bench/lmtp_delivery.py [--messages 2000] [--rounds 5] [--connections 8]
"""
import argparse
import os
import random
import shutil
import socket
import statistics
import tempfile
import threading
import time

import rig

USERS = [f'user{i}@example.test' for i in range(50)]


def message(i):
    r = random.Random(i)
    head = (f'From: a{i}@x.test\r\nTo: b@example.test\r\nSubject: number {i}\r\nMessage-ID: <{i}.{r.random()}@x.test>\r\n'
            'Date: Mon, 5 Jan 2026 10:00:00 +0100\r\nContent-Type: text/plain\r\n\r\n')
    words = [f'{r.getrandbits(48):x}' if r.random() < .3 else 'delivery of twenty kibibytes' for _ in range(1100)]
    body = ''
    for k in range(0, len(words), 5):
        body += ' '.join(words[k:k + 5]) + '\r\n'
    return (head + body)[:20 * 1024 - 2] + '\r\n'


MESSAGES = [message(i).encode() for i in range(200)]


def deliver(port, first, n):
    s = socket.create_connection(('127.0.0.1', port))
    f = s.makefile('rb')

    def expect(code):
        while True:
            line = f.readline()
            if line[3:4] != b'-':
                break
        if not line.startswith(code):
            raise RuntimeError(line)

    expect(b'220')
    s.sendall(b'LHLO bench\r\n')
    expect(b'250')
    for i in range(first, first + n):
        user = USERS[i % len(USERS)]
        s.sendall(b'MAIL FROM:<a@x.test>\r\nRCPT TO:<%s>\r\nDATA\r\n' % user.encode())
        expect(b'250')
        expect(b'250')
        expect(b'354')
        s.sendall(MESSAGES[i % len(MESSAGES)] + b'.\r\n')
        expect(b'250')
    s.sendall(b'QUIT\r\n')
    s.close()


def one_round(server, n, connections):
    each = n // connections
    cpu, began = rig.cpu_seconds(server.pid), time.perf_counter()
    threads = [threading.Thread(target=deliver, args=(server.ports['lmtp'], c * each, each)) for c in range(connections)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    wall = time.perf_counter() - began
    time.sleep(0.2)
    return each * connections / wall, each * connections / (rig.cpu_seconds(server.pid) - cpu)


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--messages', type=int, default=2000)
    a.add_argument('--rounds', type=int, default=5)
    a.add_argument('--connections', type=int, default=8)
    a = a.parse_args()
    work = tempfile.mkdtemp(prefix='bench-lmtp-', dir='/var/tmp')
    os.chmod(work, 0o755)
    servers = {}
    try:
        servers['mailstead'] = rig.Mailstead(work, USERS)
        servers['dovecot'] = rig.Dovecot(work)
        took = {name: [] for name in servers}
        for i in range(a.rounds + 1):
            for name, server in servers.items():
                r = one_round(server, a.messages, a.connections)
                if i:  # the first makes mailboxes
                    took[name].append(r)
        for name, rounds in took.items():
            print(f'{name:10} {statistics.median(r[0] for r in rounds):8.0f} messages/s '
                  f'{statistics.median(r[1] for r in rounds):8.0f} messages/CPU second')
        ratio = statistics.median(m[1] / d[1] for m, d in zip(took['mailstead'], took['dovecot']))
        print(f'ratio of messages per CPU second: {ratio:.1f}')
    finally:
        for s in servers.values():
            s.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == '__main__':
    main()
