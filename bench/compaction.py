#!/usr/bin/env python3
"""What a client notices of compaction: latencies of FETCH and STORE in the account that is compacted and in
another one of the same worker, without and with it. Days pass by tests/live/disturb.c.

    ninja -C build mailstead tests/libdisturb.so && bench/compaction.py [MIB]
"""
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, os.environ.get('LIVE', str(pathlib.Path(__file__).resolve().parents[1] / 'tests' / 'live')))
from retention_test import ANNA, Aged, big, disk

BEN = 'ben@example.test'


def loop(s, address, stop, out):
    with s.imap(address) as c:
        c.select('INBOX')
        n = 0
        while not stop.is_set():
            began = time.perf_counter()
            c.fetch('1', '(FLAGS ENVELOPE BODY.PEEK[])')
            c.store('1', '+FLAGS' if n % 2 else '-FLAGS', r'(\Flagged)')
            out.append(time.perf_counter() - began)
            n += 1
            time.sleep(0.005)


def measure(s, seconds=None, until=None):
    stop, lists = threading.Event(), {ANNA: [], BEN: []}
    threads = [threading.Thread(target=loop, args=(s, a, stop, o)) for a, o in lists.items()]
    for t in threads:
        t.start()
    began = time.monotonic()
    while time.monotonic() - began < (seconds or 300) and not (until and until()):
        time.sleep(0.1)
    took = time.monotonic() - began
    stop.set()
    for t in threads:
        t.join()
    for a, o in lists.items():
        o.sort()
        print(f'  {a:20} n={len(o):5}  p50 {o[len(o) // 2] * 1e3:6.2f} ms  p99 {o[len(o) * 99 // 100] * 1e3:6.2f} ms'
              f'  max {o[-1] * 1e3:6.2f} ms')
    return took


def main():
    mib = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with Aged('workers=1') as s:
        s.account(ANNA)
        s.account(BEN)
        for a in (ANNA, BEN):
            s.deliver(a, b'Subject: small\n\nHello\n')
        for i in range(mib):
            s.deliver(ANNA, big(i))
        with s.imap(ANNA) as c:
            c.select('INBOX')
            c.store(','.join(str(2 + i) for i in range(0, mib, 2)), '+FLAGS', r'(\Deleted)')
            c.expunge()
        before = disk(s)
        print('without compaction:')
        measure(s, seconds=10)
        s.days_pass(8)
        print('with compaction:')
        took = measure(s, until=lambda: disk(s) < before * 2 // 3)
        print(f'{before >> 20} MiB became {disk(s) >> 20} MiB in {took:.1f} s')


main()
