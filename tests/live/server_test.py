#!/usr/bin/env python3
"""The processes of the server as a whole: their lives, and their memory."""
import os
import pathlib
import re
import signal
import subprocess

from harness import ANNA, BINARY, MAIL, PATIENCE, Server, main, memory, ok, roles, until, works
from wire import line, plain, until_tag


def starts_and_stops():
    with Server() as s:
        log = until(lambda: 'ready' in s.log() and s.log())
        assert re.search(r'ready data=\S+ ms=\d+', log)
        assert oct(os.stat(s.data + '/control').st_mode & 0o777) == '0o600'
        assert s.stop() == 0
        assert pathlib.Path(s.data, 'epoch').read_text().endswith(' clean\n')
        assert not os.path.exists(s.data + '/control')
        assert not os.path.exists(s.data + '/lmtp')


def greets_before_all_are_loaded():
    with Server() as s:
        password = s.account(ANNA)
        for _ in range(3):
            s.restart()
            with plain(s) as sock:  # auth and the workers may not have begun
                sock.sendall(b'a LOGIN %s %s\r\n' % (ANNA.encode(), password.encode()))
                assert until_tag(sock, b'a')[-1].startswith(b'a OK')
            found = roles(s)
            assert min(found, key=found.get)[0] == 'login', found


def one_owner():
    with Server() as s:
        r = subprocess.run([BINARY, 'serve', '-d', s.data, '-o', 'listen.imap=none', '-o', 'listen.imaps=none',
                            '-o', 'listen.pop3=none', '-o', 'listen.pop3s=none', '-o', 'listen.lmtp=none'],
                           capture_output=True, text=True, timeout=PATIENCE)
        assert r.returncode == 1 and 'another process owns this folder' in r.stderr, r.stderr


def says_what_is_wrong_with_settings():
    for option, words in (('colour=red', 'unknown setting colour'), ('workers=99', 'must be from 0 to 16'),
                          ('listen.imap=here', 'cannot read "here"')):
        r = subprocess.run([BINARY, 'serve', '-d', '/nonexistent/x', '-o', option], capture_output=True, text=True)
        assert r.returncode == 2 and words in r.stderr, r.stderr


def refuses_a_strange_command_line():
    for args in (['--bad'], ['-x'], ['word'], ['-o']):
        r = subprocess.run([BINARY, 'serve', *args], capture_output=True, text=True, timeout=PATIENCE)
        assert r.returncode == 2 and 'usage: mailstead serve' in r.stderr, r.stderr


def goes_on_after_a_reload():
    with Server() as s:
        s.account(ANNA)
        before = s.imap(ANNA)
        s.reload()
        until(lambda: 'reloaded' in s.log())
        ok(before.select('INBOX'))
        s.account('ben@example.test')
        assert s.deliver([ANNA, 'ben@example.test'], MAIL) == {}
        until(lambda: works(s))
        with s.imap('ben@example.test') as c:
            assert ok(c.select('INBOX')) == [b'1']


def asked_to_reload_before_it_is_ready():
    with Server() as s:
        s.reload()  # it listens; not all of its processes have begun
        log = until(lambda: ' reloaded' in s.log() and s.log())
        assert log.index(' ready ') < log.index(' reloaded'), log


def dead_children_come_back():
    with Server() as s:
        s.account(ANNA)
        for role in sorted(roles(s)):
            pid = roles(s)[role]
            os.kill(pid, signal.SIGKILL)
            until(lambda: roles(s).get(role) not in (None, pid))
            until(lambda: works(s))
        assert s.stop() == 0


def one_worker_dies_others_go_on():
    with Server(options=['workers=2']) as s:
        people = [f'p{i}@example.test' for i in range(8)]
        for p in people:
            s.account(p)
        sessions = [s.imap(p) for p in people]
        os.kill(roles(s)['worker', 0], signal.SIGKILL)
        alive = 0
        for c in sessions:
            try:
                ok(c.noop())
                alive += 1
            except Exception:
                pass
        assert 0 < alive < len(people), alive


def drains_with_a_goodbye():
    with Server() as s:
        s.account(ANNA)
        before, after = plain(s), s.imap(ANNA)
        ok(after.select('INBOX'))
        secured = s.imap(ANNA, tls=True)
        s.process.send_signal(signal.SIGTERM)
        assert line(before).startswith(b'* BYE')
        assert line(after.sock).startswith(b'* BYE')
        assert line(secured.sock).startswith(b'* BYE')
        assert s.process.wait(PATIENCE) == 0  # asked once: a second time is for those who cannot wait
        assert pathlib.Path(s.data, 'epoch').read_text().endswith(' clean\n')


def idle_hears_of_a_change():
    with Server() as s:
        s.account(ANNA)
        with s.imap(ANNA, tls=True) as a, s.imap(ANNA) as b:
            ok(a.select('INBOX'))
            a.sock.sendall(b'x IDLE\r\n')
            assert line(a.sock).startswith(b'+')
            ok(b.append('INBOX', None, None, MAIL))
            assert line(a.sock) == b'* 1 EXISTS\r\n'
            a.sock.sendall(b'DONE\r\n')
            until_tag(a.sock, b'x')


def little_memory_at_rest():
    with Server() as s:
        until(lambda: 'ready' in s.log())
        until(lambda: memory(s) < 32 * 1024)
        print(f'      at rest {memory(s)} KiB in {len(s.children()) + 1} processes', flush=True)


def little_memory_for_an_idle_connection():
    with Server(options=['limit.account=1000']) as s:
        s.account(ANNA)
        held = [s.imap(ANNA, tls=True) for _ in range(20)]
        before, n = memory(s), 200
        for _ in range(n):
            c = s.imap(ANNA, tls=True)
            ok(c.select('INBOX'))
            c.sock.sendall(b'x IDLE\r\n')
            line(c.sock)
            held.append(c)
        def each():
            return (memory(s) - before) / n

        until(lambda: each() < 32)  # what a login took is given back soon, not at once
        print(f'      {each():.1f} KiB for an idle TLS connection', flush=True)


if __name__ == '__main__':
    main([starts_and_stops, greets_before_all_are_loaded, one_owner, says_what_is_wrong_with_settings,
          refuses_a_strange_command_line, goes_on_after_a_reload, asked_to_reload_before_it_is_ready,
          dead_children_come_back, one_worker_dies_others_go_on, drains_with_a_goodbye, idle_hears_of_a_change, little_memory_at_rest, little_memory_for_an_idle_connection])
