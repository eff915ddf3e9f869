#!/usr/bin/env python3
"""The transcripts of tests/, played against the built server, in the clear and over TLS."""
import os
import pathlib
import re
import subprocess
import tempfile

from harness import BINARY, Server, main

TESTS = pathlib.Path(__file__).resolve().parents[1]
PLAYER = os.environ.get('TRANSCRIPT_LIVE', str(TESTS.parent / 'build' / 'tests' / 'transcript-live'))


def play(tls, protocols, at_least):
    with Server(['domain=example.org', 'hostname=mx.test', 'auth.scram=off']) as s:
        env = {**os.environ, 'MAILSTEAD': BINARY, 'LIVE_DATA': s.data,
               'LIVE': ' '.join(f'{k}={v}' for k, v in s.ports.items())}
        if tls:
            env['LIVE_TLS'] = '1'
        files = [str(f) for p in protocols for f in sorted((TESTS / p).rglob('*.t'))]
        r = subprocess.run([PLAYER, str(TESTS / 'data'), *files], env=env, capture_output=True, text=True)
        skipped = set(re.findall(r'^skip (\S+):', r.stdout, re.M))
        played = [f for f in files if f not in skipped]
        print(f'{len(played)} played, {len(skipped)} skipped', flush=True)
        assert r.returncode == 0, r.stdout + r.stderr
        assert len(played) >= at_least, sorted(skipped)


def in_the_clear():
    play(False, ('imap', 'pop3', 'lmtp'), 50)


def over_tls():
    play(True, ('imap/clients', 'imap/rfc2177', 'imap/rfc3516', 'imap/rfc6851', 'pop3'), 13)


main([in_the_clear, over_tls])
