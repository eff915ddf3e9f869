#!/usr/bin/env python3
"""The real corpus: imported, listed, searched, fetched whole and by part, and
byte-identical afterwards (V8: LF becomes CRLF)."""
import os
import pathlib
import re
import tempfile

import corpus
from client import Client, parse
from harness import ANNA, Server, main

MOST = int(os.environ.get('CORPUS', '0')) or None
BATCH = 200


def bodies(client, section):
    """uid order -> bytes of that section for all messages of the view."""
    out = []
    for first in range(1, len(client.view) + 1, BATCH):
        last = min(first + BATCH - 1, len(client.view))
        client.command('FETCH', f'{first}:{last} (BODY.PEEK[{section}])')
        for r in client.replies:
            items, _ = parse(r.split(b' ', 2)[2])
            out.append(dict(zip(items[0][::2], items[0][1::2]))[b'BODY[%s]' % section.encode()])
    return out


def leaves(structure, prefix=''):
    """(section, octets) of every leaf that has a size of its own."""
    if isinstance(structure[0], list):
        n = 0
        for part in structure:
            if not isinstance(part, list):
                break
            n += 1
            yield from leaves(part, f'{prefix}{n}.')
    elif prefix:
        yield prefix[:-1], int(structure[6])


def everything_comes_back():
    raws = corpus.messages(MOST)
    raws = [r.split(b'\n', 1)[1] if r.startswith(b'From ') else r for r in raws]
    want = [corpus.crlf(r) for r in raws]
    with Server() as s, tempfile.TemporaryDirectory() as d:
        s.account(ANNA)
        for i, raw in enumerate(raws):
            pathlib.Path(d, f'{i:05}.eml').write_bytes(raw)
        s.cli('import', ANNA, '--folder', 'Corpus', d)
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('Corpus')
        assert len(c.view) == len(want), (len(c.view), len(want))
        got = bodies(c, '')
        for i, (g, w) in enumerate(zip(got, want)):
            assert g.replace(b'\x80', b'\0') == w.replace(b'\x80', b'\0'), f'message {i + 1} differs'
        headers, texts = bodies(c, 'HEADER'), bodies(c, 'TEXT')
        for i, (h, t, g) in enumerate(zip(headers, texts, got)):
            assert h + t == g, f'HEADER and TEXT of {i + 1} are not the message'
        c.command('FETCH', '1:* (RFC822.SIZE ENVELOPE BODYSTRUCTURE)')
        checked = 0
        replies = c.replies
        for i, r in enumerate(replies):
            items = parse(r.split(b' ', 2)[2])[0][0]
            items = dict(zip(items[::2], items[1::2]))
            assert int(items[b'RFC822.SIZE']) == len(want[i]), i + 1
            assert len(items[b'ENVELOPE']) == 10, i + 1
            if i % 10 == 0:
                for section, octets in leaves(items[b'BODYSTRUCTURE']):
                    c.command('FETCH', f'{i + 1} (BODY.PEEK[{section}])')
                    part = parse(c.replies[0].split(b' ', 2)[2])[0][0][1]
                    assert len(part or b'') == octets, (i + 1, section)
                    assert (part or b'') in want[i], (i + 1, section)
                    checked += 1
        assert checked > 20 or MOST, checked
        for i in range(0, len(want), 211):
            m = re.search(rb'^message-id:\s*<([!-~]+)>', want[i], re.I | re.M)
            if m:
                c.command('SEARCH', f'HEADER Message-ID "{m[1].decode()}"')
                assert str(i + 1).encode() in c.replies[0].split(b' '), (i + 1, c.replies)
        s.restart()
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('Corpus')
        assert bodies(c, '') == got
        print(f'{len(want)} messages, {sum(map(len, want))} bytes, {checked} parts')


if __name__ == '__main__':
    main([everything_comes_back])
