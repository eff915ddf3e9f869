"""What the benchmarks share: CPU and memory of a server's whole process tree,
and the servers. Debian's Dovecot is that of the tests (tests/live/peers.py)."""
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'tests' / 'live'))
from peers import Dovecot  # noqa: E402,F401  (the benchmarks take it from here)
TICKS = os.sysconf('SC_CLK_TCK')


def tree(pid):
    """The process and all below it."""
    parents = {}
    for p in pathlib.Path('/proc').iterdir():
        if p.name.isdigit():
            try:
                parents[int(p.name)] = int((p / 'stat').read_text().rsplit(')', 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
    found, more = [pid], True
    while more:
        more = [p for p, parent in parents.items() if parent in found and p not in found]
        found += more
    return found


def cpu_seconds(pid):
    """User and system time of the tree, those already reaped included."""
    total = 0
    for p in tree(pid):
        try:
            f = pathlib.Path(f'/proc/{p}/stat').read_text().rsplit(')', 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(f[i]) for i in (11, 12, 13, 14))
    return total / TICKS


def pss_kib(pid):
    total = 0
    for p in tree(pid):
        try:
            text = pathlib.Path(f'/proc/{p}/smaps_rollup').read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(re.search(r'^Pss:\s+(\d+)', text, re.M)[1])
    return total


class Mailstead:
    def __init__(self, work, users, options=()):
        import harness
        self.server = harness.Server(data=pathlib.Path(work) / 'mailstead', sandbox='try', options=options)
        for user in users:
            self.server.account(user)
        self.server.start()
        self.pid = self.server.process.pid
        self.ports = self.server.ports

    def stop(self):
        self.server.stop()
