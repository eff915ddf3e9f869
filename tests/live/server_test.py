#!/usr/bin/env python3
"""The processes of the server as a whole: their lives, their sockets, their memory."""
import os
import pathlib
import re
import signal
import socket
import ssl
import struct
import subprocess
import tempfile

from harness import BINARY, PATIENCE, Server, free_ports, main, memory, ok, roles, until

ANNA = 'anna@example.test'
MAIL = b'From: a@example.test\r\nSubject: Hello\r\n\r\nHello.\r\n'


def line(sock):
    data = b''
    while not data.endswith(b'\r\n'):
        got = sock.recv(1)
        assert got, f'closed after {data!r}'
        data += got
    return data


def until_tag(sock, tag):
    lines = []
    while True:
        lines.append(line(sock))
        if lines[-1].startswith(tag + b' '):
            return lines


def plain(s, port='imap'):
    sock = socket.create_connection(('127.0.0.1', s.ports[port]), PATIENCE)
    assert b'ready' in line(sock)
    return sock


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


def handover_takes_pipelined_commands():
    with Server() as s:
        password = s.account(ANNA)
        sock = plain(s)
        sock.sendall(f'a LOGIN {ANNA} {password}\r\nb NOOP\r\nc SELECT INBOX\r\nd LOGOUT\r\n'.encode())
        got = until_tag(sock, b'd')
        tagged = [l.split()[:2] for l in got if l[:1] in b'abcd']
        assert tagged == [[b'a', b'OK'], [b'b', b'OK'], [b'c', b'OK'], [b'd', b'OK']], got
        assert sock.recv(1) == b''


def tls_at_once_and_later():
    with Server() as s:
        s.account(ANNA)
        with s.imap(ANNA, tls=True) as c:
            assert c.sock.version() == 'TLSv1.3'
            ok(c.select('INBOX'))
        c = s.imap()
        ok(c.starttls(s.tls()))
        ok(c.login(ANNA, s.passwords[ANNA]))
        ok(c.append('INBOX', None, None, MAIL))
        c.logout()
        c = s.pop3()
        c.stls(s.tls())
        c.user(ANNA)
        c.pass_(s.passwords[ANNA])
        assert c.stat()[0] == 1
        c.quit()


def starttls_forgets_what_was_sent_with_it():
    """A command injected behind STARTTLS in clear must not run in TLS."""
    with Server() as s:
        sock = plain(s)
        sock.sendall(b'a STARTTLS\r\nb NOOP\r\n')
        assert line(sock).startswith(b'a OK')
        with s.tls().wrap_socket(sock) as t:
            t.sendall(b'c NOOP\r\n')
            assert line(t).startswith(b'c OK')


def tls_refuses_what_is_old_or_strange():
    with Server() as s:
        ctx = s.tls()
        ctx.minimum_version = ssl.TLSVersion.TLSv1
        ctx.maximum_version = ssl.TLSVersion.TLSv1_1
        ctx.set_ciphers('ALL:@SECLEVEL=0')
        for context in (ctx, alpn('http/1.1')):
            try:
                context.wrap_socket(socket.create_connection(('127.0.0.1', s.ports['imaps'])))
                raise AssertionError('the handshake succeeded')
            except (ssl.SSLError, ConnectionError):
                pass
        with alpn('imap').wrap_socket(socket.create_connection(('127.0.0.1', s.ports['imaps']))) as t:
            assert t.selected_alpn_protocol() == 'imap'
            assert b'ready' in line(t)


def alpn(name):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    ctx.set_alpn_protocols([name])
    return ctx


def certificate(folder, host):
    crt, key = f'{folder}/{host}.crt', f'{folder}/{host}.key'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days',
                    '2', '-subj', f'/CN={host}', '-addext', f'subjectAltName=DNS:{host}', '-keyout', key, '-out', crt],
                   check=True, capture_output=True)
    return crt, key


def name_of_server(s, sni):
    with s.tls().wrap_socket(socket.create_connection(('127.0.0.1', s.ports['imaps'])), server_hostname=sni) as t:
        der = t.getpeercert(True)
    out = subprocess.run(['openssl', 'x509', '-inform', 'der', '-noout', '-subject'], input=der, capture_output=True)
    return out.stdout.decode().split('=')[-1].strip()


class Configured(Server):
    """A server with a file, so that a reload can find something new in it."""

    def __init__(self, text, **kw):
        super().__init__(**kw)
        self.file = self.data + '.conf'
        self.write(text)

    def write(self, text):
        pathlib.Path(self.file).write_text(text)

    def arguments(self):
        return ['-c', self.file]

    def __exit__(self, *a):
        super().__exit__(*a)
        pathlib.Path(self.file).unlink()


def certificates_by_name_and_reload():
    with tempfile.TemporaryDirectory() as d:
        one, two, three = (certificate(d, h) for h in ('one.example.test', 'two.example.test', 'three.example.test'))
        pairs = '[tls]\ncertificate=%s\nkey=%s\n[tls two]\ncertificate=%s\nkey=%s\n[auth]\nscram=on\n'
        with Configured(pairs % (*one, *two)) as s:
            assert name_of_server(s, 'two.example.test') == 'two.example.test'
            assert name_of_server(s, 'one.example.test') == 'one.example.test'
            assert name_of_server(s, 'unknown.example.test') == 'one.example.test'
            old = s.tls().wrap_socket(socket.create_connection(('127.0.0.1', s.ports['imaps'])))
            s.write(pairs.replace('scram=on', 'scram=off') % (*three, *two))
            s.process.send_signal(signal.SIGHUP)
            until(lambda: 'reloaded' in s.log())
            until(lambda: name_of_server(s, 'one.example.test') == 'three.example.test')
            assert 'this setting needs a restart key=auth.scram' in s.log()
            assert b'ready' in line(old)
            # A broken file changes nothing.
            s.write('[colour]\nred=1\n')
            s.process.send_signal(signal.SIGHUP)
            until(lambda: 'not reloaded' in s.log())
            pathlib.Path(three[1]).write_text('no key')
            s.write(pairs % (*three, *two))
            s.process.send_signal(signal.SIGHUP)
            until(lambda: 'the certificates from before stay' in s.log())
            assert name_of_server(s, 'x') == 'three.example.test'


def goes_on_after_a_reload():
    with Server() as s:
        s.account(ANNA)
        before = s.imap(ANNA)
        s.process.send_signal(signal.SIGHUP)
        until(lambda: 'reloaded' in s.log())
        ok(before.select('INBOX'))
        s.account('ben@example.test')
        assert s.deliver([ANNA, 'ben@example.test'], MAIL) == {}
        until(lambda: works(s))
        with s.imap('ben@example.test') as c:
            assert ok(c.select('INBOX')) == [b'1']


def sessions_resume_in_another_process():
    """Ticket keys are shared: a ticket of one tls process is good in all."""
    with Server() as s:
        ctx = s.tls()
        session, reused = None, 0
        for _ in range(6):
            with ctx.wrap_socket(socket.create_connection(('127.0.0.1', s.ports['imaps'])), session=session) as t:
                line(t)
                reused += t.session_reused
                session = t.session
        assert reused == 5, reused


def proxy_header(address, port, tls=False):
    tlv = struct.pack('!BHBI', 0x20, 5, 1, 0) if tls else b''
    body = socket.inet_aton(address) + socket.inet_aton('127.0.0.1') + struct.pack('!HH', port, 143) + tlv
    return b'\r\n\r\n\0\r\nQUIT\n' + b'\x21\x11' + struct.pack('!H', len(body)) + body


def proxy_names_the_client():
    port = free_ports(1)[0]
    with Server(options=[f'listen.imap=127.0.0.1:{port} proxy'], listen=('imaps', 'pop3', 'pop3s', 'lmtp')) as s:
        s.account(ANNA)
        sock = socket.create_connection(('127.0.0.1', port))
        sock.sendall(proxy_header('192.0.2.7', 4711) + b'a NOOP\r\n')
        assert b'LOGINDISABLED' in line(sock)  # 192.0.2.7 is not loopback
        assert line(sock).startswith(b'a OK')
        sock = socket.create_connection(('127.0.0.1', port))
        sock.sendall(proxy_header('192.0.2.8', 4711, tls=True))
        assert b'LOGINDISABLED' not in line(sock)
        sock.sendall(f'a LOGIN {ANNA} wrong\r\n'.encode())
        assert line(sock).startswith(b'a NO')
        until(lambda: 'peer=192.0.2.8' in s.log())
        sock = socket.create_connection(('127.0.0.1', port))
        sock.sendall(b'a NOOP\r\n' * 4)
        try:
            assert sock.recv(100) == b''
        except ConnectionResetError:
            pass
        until(lambda: 'closed: no PROXY header of version 2 protocol=imap peer=127.0.0.1\n' in s.log())


def deliveries_are_logged():
    """Where mail went, and what nobody took; and no sender can write a line of his own."""
    sender = '"x y login failed protocol=imap name=x mechanism=PLAIN peer=192.0.2.66"@elsewhere.test'
    with Server() as s:
        s.account(ANNA)
        s.cli('folder', 'create', ANNA, 'shop')
        assert not s.deliver(ANNA, MAIL)
        assert not s.deliver('anna+shop@example.test', MAIL, sender)
        s.cli('account', 'set', ANNA, '--quota', '1K')
        assert s.deliver(ANNA, MAIL * 30)
        log = s.log()
        assert re.search(rf'delivered account={ANNA} folder=INBOX uid=1 bytes=\d+ peer=127.0.0.1 from=sender@elsewhere.test\n', log), log
        assert re.search(rf'delivered account={ANNA} folder=shop uid=1 bytes=\d+ peer=127.0.0.1 from="', log), log
        assert not re.search(r'peer=192.0.2.66$', log, re.M), log
        assert re.search(rf'not delivered account={ANNA} status="[^"]+" peer=127.0.0.1 from=sender@elsewhere.test\n', log), log


def dead_children_come_back():
    with Server() as s:
        s.account(ANNA)
        for role in sorted(roles(s)):
            pid = roles(s)[role]
            os.kill(pid, signal.SIGKILL)
            until(lambda: roles(s).get(role) not in (None, pid))
            until(lambda: works(s))
        assert s.stop() == 0


def works(s):
    try:
        with s.imap(ANNA, tls=True) as c:
            ok(c.append('INBOX', None, None, MAIL))
            ok(c.select('INBOX'))
        p = s.pop3(ANNA)
        there = p.stat()[0] > 0
        p.quit()
        return there
    except Exception:
        return False


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


def a_changed_password_ends_sessions():
    """P9: though nothing is asked in them."""
    with Server() as s:
        s.account(ANNA)
        c = s.imap(ANNA, tls=True)
        ok(c.select('INBOX'))
        s.cli('password', ANNA)
        assert line(c.sock).startswith(b'* BYE')


def lmtp_delivers_to_each():
    people = ['p1@example.test', 'p2@example.test', 'p3@example.test']
    with Server() as s:
        for p in people:
            s.account(p)
        refused = s.deliver([*people, 'nobody@example.test'], MAIL)
        assert list(refused) == ['nobody@example.test'] and refused['nobody@example.test'][0] == 550, refused
        for p in people:
            with s.imap(p) as c:
                ok(c.select('INBOX'))
                raw = ok(c.fetch('1', 'BODY.PEEK[]'))[0][1]
                assert raw.endswith(MAIL) and raw.startswith(b'Return-Path: <sender@elsewhere.test>\r\n'), raw


def lmtp_by_unix_socket():
    with Server(listen=('imap', 'imaps', 'pop3', 'pop3s'), options=[], lmtp='') as s:
        s.account(ANNA)
        with socket.socket(socket.AF_UNIX) as sock:
            until(lambda: os.path.exists(s.data + '/lmtp'))
            sock.connect(s.data + '/lmtp')
            line(sock)
            sock.sendall(b'LHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n' % ANNA.encode())
            while not line(sock).startswith(b'354'):
                pass
            sock.sendall(b'Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n')
            assert line(sock).startswith(b'250')
        with s.imap(ANNA) as c:
            assert ok(c.select('INBOX')) == [b'1']


def silent_connections_are_bounded():
    """P8: an address may hold so many connections without a login, and they do not stop another."""
    with Server(options=['limit.address=50']) as s:
        s.account(ANNA)
        silent = [plain(s) for _ in range(50)]
        more = socket.create_connection(('127.0.0.1', s.ports['imap']))
        assert line(more) == b'* BYE [LIMIT] Too many connections\r\n'
        silent.pop().close()
        until(lambda: welcomed(s))


def welcomed(s):
    with socket.create_connection(('127.0.0.1', s.ports['imap'])) as sock:
        return b'ready' in line(sock)


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


def sandboxed():
    with Server(sandbox='require') as s:
        until(lambda: 'ready' in s.log())
        for pid in s.children():
            status = pathlib.Path(f'/proc/{pid}/status').read_text()
            assert re.search(r'^NoNewPrivs:\s+1$', status, re.M), status
            assert re.search(r'^Seccomp:\s+2$', status, re.M), status
            assert re.search(r'^CapEff:\s+0+$', status, re.M), status
        assert 'sandbox is weaker: no' not in s.log()


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
    main([starts_and_stops, greets_before_all_are_loaded, one_owner, says_what_is_wrong_with_settings, refuses_a_strange_command_line, handover_takes_pipelined_commands,
          tls_at_once_and_later, starttls_forgets_what_was_sent_with_it, tls_refuses_what_is_old_or_strange,
          certificates_by_name_and_reload, goes_on_after_a_reload, sessions_resume_in_another_process, proxy_names_the_client,
          deliveries_are_logged,
          dead_children_come_back, one_worker_dies_others_go_on, drains_with_a_goodbye, idle_hears_of_a_change,
          a_changed_password_ends_sessions, lmtp_delivers_to_each, lmtp_by_unix_socket,
          silent_connections_are_bounded, thousands_of_silent_connections, sessions_of_an_account_are_bounded,
          sandboxed, little_memory_at_rest, little_memory_for_an_idle_connection])
