"""The verbs of the command line, with a server and without one."""
import json
import shutil
import subprocess
import tempfile

from harness import BINARY, Server


class Offline:
    """A DATA folder that nobody serves."""

    def __enter__(self):
        self.data = tempfile.mkdtemp(prefix='mailstead-')
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.data, ignore_errors=True)

    def run(self, *args, input=None):
        return subprocess.run([BINARY, *args, '-d', self.data], input=input, capture_output=True,
                              text=not isinstance(input, bytes))

    def json(self, *args, input=None):
        r = self.run(*args, '--json', input=input)
        assert r.returncode == 0, r.stderr
        return json.loads(r.stdout)


class Online(Offline):
    """The same with a server on it."""

    def __enter__(self):
        self.server = Server(listen=('imap', 'pop3', 'lmtp')).__enter__()
        self.data = self.server.data
        return self

    def __exit__(self, *a):
        self.server.__exit__(*a)


def both(test):
    """Runs a test in one and then in the other: the answers are the same."""
    def run():
        for world in (Offline, Online):
            with world() as w:
                test(w)
    run.__name__ = test.__name__
    return run
