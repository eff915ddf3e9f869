#!/usr/bin/env python3
"""What is forgotten: no process keeps a password, nor what it was sent as, when a login is over."""
import base64
import pathlib
import re

from harness import ANNA, Server, main, roles
from wire import Raw


def holds(pid, secrets):
    found = []
    with open(f'/proc/{pid}/mem', 'rb', buffering=0) as mem:
        for line in pathlib.Path(f'/proc/{pid}/maps').read_text().splitlines():
            m = re.match(r'(\w+)-(\w+) rw', line)
            if not m:
                continue
            start, end = int(m[1], 16), int(m[2], 16)
            try:
                mem.seek(start)
                data = mem.read(end - start)
            except OSError:
                continue
            for name, secret in secrets.items():
                if secret in data:
                    found.append((name, line.split()[-1]))
    return found


def password_is_forgotten():
    right, wrong = 'Kq7-pQ2xW9-rT5zLm', 'Vb3-nH8cJ4-yD6sFk'
    with Server() as s:
        s.cli('account', 'add', ANNA, '--password-stdin', input=right + '\n')
        secrets = {}
        for kind, password in (('right', right), ('wrong', wrong)):
            plain = base64.b64encode(b'\0' + ANNA.encode() + b'\0' + password.encode())
            # Eight bytes suffice to know it again; base64 is cut where the password's own groups are.
            secrets[kind] = password[4:].encode()
            secrets[kind + ' base64'] = plain[-12:]
            ok = kind == 'right'
            # Wrong ones are answered ever more slowly: one of each protocol.
            for way in ('plain', 'tls') if ok else ('tls',):
                for command in (f'LOGIN {ANNA} {password}', f'LOGIN {ANNA} {{{len(password)}+}}\r\n{password}',
                                f'AUTHENTICATE PLAIN {plain.decode()}', f'AUTHENTICATE PLAIN\r\n{plain.decode()}')[:4 if ok else 1]:
                    with Raw(s, 'imap', way) as c:
                        c.say('a ' + command)
                        assert c.until(b'a ')[-1].startswith(b'a OK' if ok else b'a NO')
                for commands in ([f'USER {ANNA}', f'PASS {password}'], [f'AUTH PLAIN {plain.decode()}'],
                                 ['AUTH PLAIN', plain.decode()])[:3 if ok else 1]:
                    with Raw(s, 'pop3', way) as c:
                        for x in commands:
                            got = c.ask(x)
                        assert got.startswith(b'+OK' if ok else b'-ERR [AUTH]'), got
        for (role, index), pid in roles(s).items():
            got = holds(pid, secrets)
            assert got == [], (role, index, got)


if __name__ == '__main__':
    main([password_is_forgotten])
