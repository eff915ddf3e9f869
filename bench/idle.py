#!/usr/bin/env python3
"""At rest, idle connections, and push: memory of all processes, the time to
be ready, and how long an idling session waits for a flag change.

    bench/idle.py [--connections 500] [--changes 500]
"""
import argparse
import shutil
import socket
import statistics
import tempfile
import time

import rig

USERS = [f'user{i}@example.test' for i in range(20)]


def idle_connection(port, user, password, context):
    s = context.wrap_socket(socket.create_connection(('127.0.0.1', port)))
    f = s.makefile('rb')
    f.readline()
    for tag, command in ((b'a', f'LOGIN {user} {password}'), (b'b', 'SELECT INBOX')):
        s.sendall(tag + b' ' + command.encode() + b'\r\n')
        while True:
            line = f.readline()
            if line.startswith(tag + b' '):
                break
        if not line.startswith(tag + b' OK'):
            raise RuntimeError(line)
    s.sendall(b'c IDLE\r\n')
    f.readline()
    return s, f


def socket_memory():
    """KiB of all TCP sockets of the machine, both ends."""
    text = open('/proc/net/sockstat').read()
    return int(text.split('TCP:')[1].split('mem ')[1].split()[0]) * 4


def push(server, changes):
    import client
    password = server.server.passwords[USERS[0]]
    a = client.Client(server.ports['imap'], USERS[0], password)
    a.command('APPEND', 'INBOX', b'Subject: x\r\n\r\nx\r\n')
    a.select('INBOX')
    b = client.Client(server.ports['imap'], USERS[0], password)
    b.select('INBOX')
    b.send('i IDLE\r\n')
    b.line()
    took = []
    for i in range(changes):
        began = time.perf_counter()
        a.send(f's{i} STORE 1 {"+-"[i % 2]}FLAGS.SILENT (\\Flagged)\r\n')
        while b'FETCH' not in b.line():
            pass
        took.append((time.perf_counter() - began) * 1000)
        while not a.line().startswith(b's%d ' % i):
            pass
    took.sort()
    return took[len(took) // 2], took[int(len(took) * .99)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--connections', type=int, default=500)
    p.add_argument('--changes', type=int, default=500)
    a = p.parse_args()
    work = tempfile.mkdtemp(prefix='bench-idle-')
    server = rig.Mailstead(work, USERS)
    try:
        ready = []
        for _ in range(5):
            server.stop()
            began = time.perf_counter()
            server.server.start()
            with socket.create_connection(('127.0.0.1', server.ports['imap'])) as s:
                s.recv(100)  # the ports take connections before there is one to greet
            ready.append((time.perf_counter() - began) * 1000)
        pid = server.server.process.pid
        print(f'ready after {statistics.median(ready):.0f} ms (median of 5, until IMAP greets)')
        time.sleep(2)
        print(f'at rest: {rig.pss_kib(pid) / 1024:.1f} MiB PSS in {len(rig.tree(pid))} processes')
        p50, p99 = push(server, a.changes)
        print(f'a flag change seen by an idling session: p50 {p50:.2f} ms, p99 {p99:.2f} ms')
        context = server.server.tls()

        def connect(n):
            return [idle_connection(server.ports['imaps'], u, server.server.passwords[u], context)
                    for u in (USERS * (n // len(USERS) + 1))[:n]]

        held = connect(len(USERS))  # every account is open
        time.sleep(2)
        before, kernel = rig.pss_kib(pid), socket_memory()
        held += connect(a.connections)
        time.sleep(5)
        print(f'an idle TLS connection: {(rig.pss_kib(pid) - before) / a.connections:.1f} KiB PSS over all processes, '
              f'{(socket_memory() - kernel) / a.connections:.1f} KiB of TCP socket memory, the client end included')
    finally:
        server.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == '__main__':
    main()
