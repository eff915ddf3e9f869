#!/usr/bin/env python3
"""TLS and certificates; what is said before TLS; who the client is behind a proxy."""
import pathlib
import socket
import ssl
import struct
import subprocess
import tempfile

from harness import ANNA, MAIL, Server, free_ports, main, ok, until
from wire import line, plain


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


def alpn(name):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    ctx.set_alpn_protocols([name])
    return ctx


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
            s.reload()
            until(lambda: 'reloaded' in s.log())
            until(lambda: name_of_server(s, 'one.example.test') == 'three.example.test')
            assert 'this setting needs a restart key=auth.scram' in s.log()
            assert b'ready' in line(old)
            # A broken file changes nothing.
            s.write('[colour]\nred=1\n')
            s.reload()
            until(lambda: 'not reloaded' in s.log())
            pathlib.Path(three[1]).write_text('no key')
            s.write(pairs % (*three, *two))
            s.reload()
            until(lambda: 'the certificates from before stay' in s.log())
            assert name_of_server(s, 'x') == 'three.example.test'


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


if __name__ == '__main__':
    main([tls_at_once_and_later, starttls_forgets_what_was_sent_with_it, tls_refuses_what_is_old_or_strange,
          certificates_by_name_and_reload, sessions_resume_in_another_process, proxy_names_the_client])
