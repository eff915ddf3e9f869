"""A strict IMAP client that keeps what the server told it of one mailbox and
refuses whatever contradicts it: for convergence and crash tests."""
import re
import socket

from harness import PATIENCE

ATOM = re.compile(rb'[^\s()"{}\r\n]+')
NO_EXPUNGE = {'FETCH', 'STORE', 'SEARCH'}  # RFC 9051 7.5.1


class ProtocolError(AssertionError):
    pass


class No(Exception):
    """A tagged NO; .args[0] is its text."""


def parse(data, at=0):
    """Values of a reply line: bytes, lists, None for NIL."""
    out = []
    while at < len(data):
        c = data[at:at + 1]
        if c == b' ':
            at += 1
        elif c == b'(':
            inner, at = parse(data, at + 1)
            out.append(inner)
        elif c == b')':
            return out, at + 1
        elif c == b'"':
            end = at + 1
            while data[end:end + 1] != b'"':
                end += 2 if data[end:end + 1] == b'\\' else 1
            out.append(re.sub(rb'\\(.)', rb'\1', data[at + 1:end]))
            at = end + 1
        elif c == b'{':
            m = re.compile(rb'\{(\d+)\}\r\n').match(data, at)
            out.append(data[m.end():m.end() + int(m[1])])
            at = m.end() + int(m[1])
        else:
            m = ATOM.match(data, at)
            if not m:
                raise ProtocolError(data[at:at + 80])
            word = m[0]
            if word.startswith(b'BODY[') or word.startswith(b'BINARY['):
                end = data.index(b']', at) + 1
                word = data[at:end]
            out.append(None if word == b'NIL' else word)
            at += len(word)
    return out, at


class Client:
    def __init__(self, port, user=None, password=None, record=None):
        self.sock = socket.create_connection(('127.0.0.1', port), PATIENCE)
        self.file = self.sock.makefile('rb')
        self.record = record
        self.tag = 0
        self.view = None      # [[uid or None, flags or None], ...]
        self.uidvalidity = None
        self.replies = []
        self.line()
        if user:
            self.command('LOGIN', f'"{user}" "{password}"')

    def close(self):
        try:
            self.file.close()
            self.sock.close()
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def line(self):
        out = b''
        while True:
            part = self.file.readline()
            if not part.endswith(b'\r\n'):
                raise ConnectionError('the server closed')
            out += part
            m = re.search(rb'\{(\d+)\}\r\n$', part)
            if not m:
                break
            literal = self.file.read(int(m[1]))
            if len(literal) != int(m[1]):
                raise ConnectionError('the server closed in a literal')
            out += literal
        if self.record is not None:
            self.record.write(out)
        return out[:-2]

    def send(self, text):
        self.sock.sendall(text if isinstance(text, bytes) else text.encode())

    def command(self, name, args='', literal=None):
        """Sends one command, handles all replies, returns the OK text."""
        self.tag += 1
        tag = f'a{self.tag}'
        self.replies = []
        text = f'{tag} {name}' + (f' {args}' if args else '')
        if literal is None:
            self.send(text + '\r\n')
        else:
            self.send(text.encode() + b' {%d+}\r\n' % len(literal) + literal + b'\r\n')
        return self.finish(tag, name)

    def finish(self, tag, name):
        while True:
            line = self.line()
            if line.startswith(tag.encode() + b' '):
                word, _, rest = line[len(tag) + 1:].partition(b' ')
                if word == b'OK':
                    return rest.decode()
                if word == b'NO':
                    raise No(rest.decode())
                raise ProtocolError(f'{name}: {line!r}')
            if line.startswith(b'* BYE') and name != 'LOGOUT':
                raise ConnectionError(line.decode())
            self.untagged(line, name)

    def untagged(self, line, name):
        if not line.startswith(b'* '):
            raise ProtocolError(line)
        words = line[2:].split(b' ', 2)
        self.replies.append(line[2:])
        if not words[0].isdigit():
            return
        n, kind = int(words[0]), words[1]
        if kind == b'EXISTS':
            if self.view is None:
                self.view = []
            if n < len(self.view):
                raise ProtocolError(f'EXISTS {n} after {len(self.view)}')
            self.view += [[None, None] for _ in range(n - len(self.view))]
        elif kind == b'EXPUNGE':
            if name in NO_EXPUNGE:
                raise ProtocolError(f'EXPUNGE during {name}')
            if not 1 <= n <= len(self.view):
                raise ProtocolError(f'EXPUNGE {n} of {len(self.view)}')
            del self.view[n - 1]
        elif kind == b'FETCH':
            self.fetched(n, parse(words[2])[0][0])

    def fetched(self, n, items):
        if not 1 <= n <= len(self.view):
            raise ProtocolError(f'FETCH {n} of {len(self.view)}')
        entry = self.view[n - 1]
        got = dict(zip(items[::2], items[1::2]))
        if b'UID' in got:
            uid = int(got[b'UID'])
            if entry[0] not in (None, uid):
                raise ProtocolError(f'message {n} was {entry[0]}, now {uid}')
            entry[0] = uid
        if b'FLAGS' in got:
            entry[1] = frozenset(f.lower() for f in got[b'FLAGS']) - {b'\\recent'}

    def select(self, mailbox):
        self.view = []
        text = self.command('SELECT', f'"{mailbox}"')
        for r in self.replies:
            m = re.match(rb'OK \[UIDVALIDITY (\d+)\]', r)
            if m:
                self.uidvalidity = int(m[1])
        self.learn()
        return text

    def learn(self):
        """Fetches what is not known yet of the messages told."""
        if any(uid is None or flags is None for uid, flags in self.view):
            self.command('FETCH', '1:* (UID FLAGS)')

    def told(self):
        self.command('NOOP')
        self.learn()
        return [(uid, flags) for uid, flags in self.view]

    def idle(self, until):
        """IDLE until the callable says so of a line, then DONE."""
        self.tag += 1
        tag = f'a{self.tag}'
        self.send(f'{tag} IDLE\r\n')
        if not self.line().startswith(b'+'):
            raise ProtocolError('no continuation')
        while True:
            line = self.line()
            self.untagged(line, 'IDLE')
            if until(line):
                break
        self.send('DONE\r\n')
        self.finish(tag, 'IDLE')
