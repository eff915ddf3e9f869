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


def a_trace_becomes_a_transcript():
    with Server(['log.trace=Anna@example.test']) as s, tempfile.TemporaryDirectory() as root:
        for name in 'anna', 'ben':
            s.account(f'{name}@example.test')
            with s.imap(f'{name}@example.test') as c:
                for f in 'Archive', 'Drafts', 'Junk', 'Sent', 'Trash':
                    c.delete(f)
                c.create('"a b"')
                c.append('"a b"', '', None, b'Subject: x\r\n\r\n\xc3\xbc\\\r\n')
                c.select('"a b"')
                c.fetch('1', '(UID BODY[])')
                c.store('1', '+FLAGS', '(Work)')
                c.send(b'x LOGIN anna in-the-wrong-place\r\n')
                assert c.readline().startswith(b'x BAD')
                c.expunge()
        (trace,) = pathlib.Path(s.data).glob('accounts/*/*/trace-*-imap')
        text = trace.read_text()
        assert 'a b' in text and 'in-the-wrong-place' not in text and s.passwords['anna@example.test'] not in text
        assert trace.stat().st_mode & 0o777 == 0o600
        made = subprocess.run([str(TESTS.parent / 'tools' / 'trace2test'), str(trace)], capture_output=True, text=True, check=True)
        lines = made.stdout.splitlines()
        # What the folders were is not in a trace; the refused login is cut out by hand.
        begin = next(i for i, x in enumerate(lines) if 'CREATE' in x)
        gone = lines.index('# here was a password')
        (pathlib.Path(root) / 'tests' / 'imap').mkdir(parents=True)
        script = pathlib.Path(root) / 'tests' / 'imap' / 'made.t'
        script.write_text('\n'.join([*lines[:3], *lines[begin:gone], *lines[gone + 2:]]) + '\n')
        r = subprocess.run([os.environ.get('TRANSCRIPT', str(TESTS.parent / 'build' / 'tests' / 'transcript')),
                            str(TESTS / 'data'), str(script)], capture_output=True, text=True)
        assert r.returncode == 0, r.stderr + script.read_text()
        assert 'S: * 1 FETCH (UID 1 BODY[] ...' in lines, lines


main([in_the_clear, over_tls, a_trace_becomes_a_transcript])
