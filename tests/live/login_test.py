#!/usr/bin/env python3
"""Logins: who gets in, how often, with how many connections, and until when."""
import base64
import contextlib
import imaplib
import json
import os
import pathlib
import re
import signal
import socket

from harness import ANNA, MAIL, PATIENCE, Server, main, memory, ok, roles, until, works
from wire import line, plain, until_tag

imaplib.Commands['UNAUTHENTICATE'] = ('AUTH', 'SELECTED')


def handover_takes_pipelined_commands():
    with Server() as s:
        password = s.account(ANNA)
        sock = plain(s)
        sock.sendall(f'a LOGIN {ANNA} {password}\r\nb NOOP\r\nc SELECT INBOX\r\nd LOGOUT\r\n'.encode())
        got = until_tag(sock, b'd')
        tagged = [l.split()[:2] for l in got if l[:1] in b'abcd']
        assert tagged == [[b'a', b'OK'], [b'b', b'OK'], [b'c', b'OK'], [b'd', b'OK']], got
        assert sock.recv(1) == b''


def another_login_on_the_same_connection():
    """P5, RFC 8437: the worker gives the connection back, TLS and all."""
    ben = 'ben@example.test'
    with Server() as s:
        s.account(ANNA)
        s.account(ben)
        with s.imap(ben) as c:
            ok(c.append('INBOX', None, None, MAIL))

        def plain(who):
            return base64.b64encode(f'\0{who}\0{s.passwords[who]}'.encode())
        for tls in (False, True):
            c = s.imap(ANNA, tls=tls)
            ok(c.select('INBOX'))
            # Both at once: nothing that stands behind the command is lost.
            c.sock.sendall(b'x UNAUTHENTICATE\r\ny AUTHENTICATE PLAIN ' + plain(ben) + b'\r\nz STATUS INBOX (MESSAGES)\r\n')
            assert line(c.sock) == b'x OK UNAUTHENTICATE completed\r\n'
            assert line(c.sock).startswith(b'y OK [CAPABILITY ')
            assert line(c.sock) == b'* STATUS INBOX (MESSAGES 1)\r\n'
            assert line(c.sock).startswith(b'z OK ')
            # Before a login, what may be said without TLS is decided as before.
            c.sock.sendall(b'x UNAUTHENTICATE\r\ny CAPABILITY\r\n')
            assert line(c.sock) == b'x OK UNAUTHENTICATE completed\r\n'
            told = line(c.sock).split()
            assert b'UNAUTHENTICATE' not in told and (b'STARTTLS' in told) != tls, told
            assert (b'AUTH=SCRAM-SHA-256-PLUS' in told) == tls, told
            assert line(c.sock).startswith(b'y OK ')
            # The credential of the login that was given up is of no concern now.
            c.sock.sendall(b'x AUTHENTICATE PLAIN ' + plain(ben) + b'\r\n')
            assert line(c.sock).startswith(b'x OK ')
            s.passwords[ANNA] = json.loads(s.cli('password', ANNA, '--json').stdout)['password']
            c.sock.sendall(b'x NOOP\r\n')
            assert line(c.sock).startswith(b'x OK ')
            c.sock.close()
        # More than can travel with it: the connection ends, and says so.
        c = s.imap(ANNA)
        c.sock.sendall(b'x UNAUTHENTICATE\r\n' + b'y NOOP\r\n' * 2000)
        assert line(c.sock) == b'x OK UNAUTHENTICATE completed\r\n'
        assert line(c.sock) == b'* BYE The connection cannot be used again\r\n'
        # It counts as one that is not logged in, and again not when it is.
        with Server(options=['limit.address=5']) as few:
            few.account(ANNA)
            held = [few.imap(ANNA) for _ in range(8)]
            for c in held[:5]:
                ok(c._simple_command('UNAUTHENTICATE'))
            held[5].sock.sendall(b'x UNAUTHENTICATE\r\n')
            assert line(held[5].sock).startswith(b'x OK ')
            with contextlib.suppress(ConnectionResetError):
                assert not held[5].sock.recv(100)
            held[0].state = 'NONAUTH'
            ok(held[0].login(ANNA, few.passwords[ANNA]))
            ok(held[6]._simple_command('UNAUTHENTICATE'))
            held[6].sock.sendall(b'x NOOP\r\n')
            assert line(held[6].sock).startswith(b'x OK ')


def a_changed_password_ends_sessions():
    """P9: though nothing is asked in them."""
    with Server() as s:
        s.account(ANNA)
        c = s.imap(ANNA, tls=True)
        ok(c.select('INBOX'))
        s.cli('password', ANNA)
        assert line(c.sock).startswith(b'* BYE')


def failed(s):
    """Who failed, as docs/fail2ban.md has it read."""
    text = pathlib.Path(__file__).resolve().parents[2].joinpath('docs', 'fail2ban.md').read_text()
    pattern = re.search(r'failregex = (.*)', text)[1].replace('<HOST>', r'(?P<host>[0-9a-f.:]+)')
    return [m['host'] for m in re.finditer(pattern, s.log(), re.M)]


def try_login(s, password, source='127.0.0.1', name=ANNA):
    """Not waited for: failures are answered late."""
    sock = socket.create_connection(('127.0.0.1', s.ports['imap']), PATIENCE, (source, 0))
    line(sock)
    plain = base64.b64encode(f'\0{name}\0{password}'.encode())
    sock.sendall(b'x AUTHENTICATE PLAIN ' + plain + b'\r\n')
    return sock


def works_from(s, password, source):
    try:
        with try_login(s, password, source) as c:
            return line(c).startswith(b'x OK ')
    except (OSError, AssertionError):  # not up yet
        return False


def failures_outlive_processes():
    """Whoever guesses cannot make the server forget by making a process crash; and each failure
    is a line for fail2ban that nobody can forge."""
    most = 30
    with Server() as s:
        password = s.account(ANNA)
        with try_login(s, password) as c:
            assert line(c).startswith(b'x OK ')
        # No more at a time than may wait for one address to be tried.
        while (left := most - len(failed(s))):
            for c in [try_login(s, 'wrong') for _ in range(min(left, 12))]:
                assert line(c).startswith(b'x NO [AUTHENTICATIONFAILED]')
                c.close()
        assert failed(s) == ['127.0.0.1'] * most
        for role in (('login', 0), ('auth', 0)):
            pid = roles(s)[role]
            os.kill(pid, signal.SIGKILL)
            until(lambda: roles(s).get(role) not in (None, pid))
            until(lambda: works_from(s, password, '127.0.0.2'))
            with try_login(s, password) as c:
                assert line(c).startswith(b'x NO [UNAVAILABLE]')
        before = len(failed(s))
        forged = 'a" login failed protocol=imap name=x mechanism=PLAIN peer=192.0.2.66'
        with try_login(s, 'wrong', '127.0.0.3', forged) as c:
            assert line(c).startswith(b'x NO ')
        until(lambda: len(failed(s)) == before + 1)
        assert failed(s)[-1] == '127.0.0.3' and '192.0.2.66' not in failed(s)


def welcomed(s):
    with socket.create_connection(('127.0.0.1', s.ports['imap'])) as sock:
        return b'ready' in line(sock)


def silent_connections_are_bounded():
    """P8: an address may hold so many connections without a login, and they do not stop another."""
    with Server(options=['limit.address=50']) as s:
        s.account(ANNA)
        silent = [plain(s) for _ in range(50)]
        more = socket.create_connection(('127.0.0.1', s.ports['imap']))
        assert line(more) == b'* BYE [LIMIT] Too many connections\r\n'
        silent.pop().close()
        until(lambda: welcomed(s))


def thousands_of_silent_connections():
    with Server(options=['limit.address=60000', 'limit.account=10']) as s:
        s.account(ANNA)
        held = []
        try:
            for _ in range(8000):
                held.append(socket.create_connection(('127.0.0.1', s.ports['imap'])))
        except OSError:
            pass
        assert len(held) > 1000
        assert memory(s) < 400 * 1024, memory(s)
        for sock in held:
            sock.close()
        until(lambda: works(s))


def sessions_of_an_account_are_bounded():
    with Server(options=['limit.account=3']) as s:
        s.account(ANNA)
        held = [s.imap(ANNA) for _ in range(3)]
        try:
            s.imap(ANNA)
            raise AssertionError('a fourth session')
        except Exception as e:
            assert 'LIMIT' in str(e) or 'Too many' in str(e), e
        held.pop().logout()
        until(lambda: works(s))


if __name__ == '__main__':
    main([handover_takes_pipelined_commands, another_login_on_the_same_connection, a_changed_password_ends_sessions,
          failures_outlive_processes, silent_connections_are_bounded, thousands_of_silent_connections,
          sessions_of_an_account_are_bounded])
