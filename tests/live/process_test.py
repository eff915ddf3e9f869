#!/usr/bin/env python3
"""What processes tell each other, and what one of them may not do to the others."""
import base64
import contextlib
import imaplib
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile

from client import Client, No
from harness import PATIENCE, Server, Skip, free_ports, main, ok
from server_test import ANNA, MAIL, line, roles, until, works

imaplib.Commands['UNAUTHENTICATE'] = ('AUTH', 'SELECTED')


class Lmtp:
    """One connection, command by command."""
    def __init__(self, s, address='127.0.0.1'):
        self.sock = socket.create_connection((address, s.ports['lmtp']), PATIENCE)
        self.reply()
        self.say('LHLO tests')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def reply(self):
        lines = [line(self.sock)]
        while lines[-1][3:4] == b'-':
            lines.append(line(self.sock))
        return lines

    def say(self, text):
        self.sock.sendall(text.encode() + b'\r\n')
        return self.reply()

    def rcpt(self, address):
        self.say('RSET')
        self.say('MAIL FROM:<>')
        return int(self.say(f'RCPT TO:<{address}>')[-1][:3])


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def deliver_knows_recipients_until_the_directory_changes():
    shop = 'shop@example.test'
    with Server() as s:
        s.account(ANNA)
        with Lmtp(s) as c:
            assert c.rcpt(shop) == 550
            s.cli('account', 'set', ANNA, '--alias', shop)
            assert c.rcpt(shop) == 250
            with stopped(roles(s)['auth', 0]):
                assert c.rcpt(shop) == 250
            s.cli('account', 'set', ANNA, '--no-alias', shop)
            assert c.rcpt(shop) == 550
            assert c.rcpt(ANNA) == 250
            s.cli('account', 'remove', ANNA)
            assert c.rcpt(ANNA) == 550


def database(s):
    return next(pathlib.Path(s.data, 'accounts').glob('*/*/mail.db'))


# STORE_WAL_PAGES, of which the keeper is told; and how often it then tries by itself.
WAL_GROWN = 2000 * 4096
TRIES = 3


def checkpoints(s):
    return [(int(pages), int(moved)) for pages, moved in re.findall(r'checkpoint .*pages=(\d+) moved=(\d+)', s.log())]


def the_keeper_waits_for_a_change():
    """A reader keeps the WAL from being moved; when it has gone, the next change is
    enough for another try, though it does not grow the WAL by much."""
    with Server(options=['log.level=debug']) as s:
        password = s.account(ANNA)
        c = Client(s.ports['imap'], ANNA, password)
        c.select('INBOX')
        c.command('APPEND', 'INBOX', MAIL)
        reader = sqlite3.connect(f'file:{database(s)}?mode=ro', uri=True, isolation_level=None)
        reader.execute('BEGIN')
        reader.execute('SELECT * FROM account').fetchall()
        wal = pathlib.Path(str(database(s)) + '-wal')
        while wal.stat().st_size < 2 * WAL_GROWN:
            c.command('COPY', '1 INBOX')
        until(lambda: len(checkpoints(s)) >= TRIES)
        assert all(moved < pages for pages, moved in checkpoints(s)), checkpoints(s)
        reader.close()
        before = len(checkpoints(s))
        c.command('STORE', r'1 +FLAGS (\Flagged)')
        until(lambda: any(moved == pages for pages, moved in checkpoints(s)[before:]))
        c.close()


def worker_of(s, address):
    return int(re.findall(rf'worker\[(\d+)\] session .*account={address} ', s.log())[-1])


def crash(s, times):
    """Ends the worker by a signal of its own kind while it fetches message 1, until that was
    charged to the message so many times: between two slices it is charged to nobody."""
    charged = re.compile(rf'a crash while serving account=\S+ command=FETCH message=([1-9]\d*) times={times}\n')
    while not charged.search(s.log()):
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        role = 'worker', worker_of(s, ANNA)
        pid = roles(s)[role]
        c.send('x FETCH 1 BODY.PEEK[]\r\n' * 10)
        for _ in range(100):
            assert c.sock.recv(65536)
        os.kill(pid, signal.SIGSEGV)
        until(lambda: roles(s).get(role) not in (None, pid))
        c.close()
    return charged.search(s.log())[1]


def a_message_that_crashes_workers():
    """P10: the second time it is opaque bytes, the third time its account is refused."""
    ben = 'ben@example.test'
    nothing = b'(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)'
    with Server(options=['workers=2']) as s:
        s.account(ben)
        c = Client(s.ports['imap'], ANNA, s.account(ANNA))
        text = b'Subject: Bad\r\n\r\n' + b'x' * 70 + b'\r\n'
        big = text + (b'y' * 76 + b'\r\n') * 200_000
        c.command('APPEND', 'INBOX', big)
        c.command('APPEND', 'INBOX', MAIL)
        c.close()
        assert crash(s, 1) == crash(s, 2)
        c = Client(s.ports['imap'], ANNA, s.passwords[ANNA])
        c.select('INBOX')
        c.command('FETCH', '1 (ENVELOPE BODYSTRUCTURE)')
        body = b'("APPLICATION" "OCTET-STREAM" NIL NIL NIL "BINARY" %d)' % len(big)
        assert c.replies == [b'1 FETCH (ENVELOPE %s BODYSTRUCTURE %s)' % (nothing, body)], c.replies
        c.command('SEARCH', 'SUBJECT Bad')
        assert c.replies == [b'SEARCH'], c.replies
        c.command('FETCH', '1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[TEXT]<0.12>)')
        assert c.replies == [b'1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {0}\r\n BODY[TEXT]<0> '
                             b'{12}\r\nSubject: Bad)'], c.replies
        c.command('SEARCH', 'SUBJECT Hello')
        assert c.replies == [b'SEARCH 2'], c.replies
        c.close()
        crash(s, 3)
        try:
            Client(s.ports['imap'], ANNA, s.passwords[ANNA])
            raise AssertionError('it was served')
        except No as e:
            assert '[UNAVAILABLE]' in e.args[0], e
        refused = s.deliver([ANNA, ben], MAIL)
        assert list(refused) == [ANNA] and refused[ANNA][0] == 450, refused
        with s.imap(ben) as b:
            assert ok(b.select('INBOX')) == [b'1']


USERS = {'mailstead': 64990, 'mailstead-auth': 64991, 'mailstead-net': 64992}


def need_unshare(*flags):
    if subprocess.run(['unshare', *flags, 'true'], capture_output=True).returncode:
        raise Skip('no right to make a namespace: unshare ' + ' '.join(flags))


def with_users(folder):
    """A command that starts another one where these users exist: nobody else sees them."""
    need_unshare('-m')
    for name, text in (('passwd', '{0}:x:{1}:{1}::/:/usr/sbin/nologin'), ('group', '{0}:x:{1}:')):
        lines = pathlib.Path('/etc', name).read_text().splitlines()
        lines += [text.format(user, uid) for user, uid in USERS.items()]
        pathlib.Path(folder, name).write_text('\n'.join(lines) + '\n')
    binds = ' && '.join(f'mount --bind {folder}/{name} /etc/{name}' for name in ('passwd', 'group'))
    return ['unshare', '-m', '--propagation', 'private', 'sh', '-c', f'{binds} && exec "$@"', 'sh']


def uids(s):
    found = {}
    for (role, _), pid in roles(s).items():
        status = pathlib.Path(f'/proc/{pid}/status').read_text()
        found.setdefault(role, set()).add(int(re.search(r'Uid:\t(\d+)\t\1\t\1\t\1\n', status)[1]))
    return found


def may(user, group, what, *args):
    """Can somebody with these rights do that?"""
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            os.setgroups([])
            os.setresgid(*3 * (USERS[group],))
            os.setresuid(*3 * (USERS[user],))
            what(*args)
            code = 0
        except PermissionError:
            code = 1
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, 1), code
    return code == 0


def three_users():
    """P3: passwords and mail have users of their own, and the network has neither."""
    if os.geteuid() != 0:
        raise Skip('only root can become others')
    mail, auth, net = USERS.values()
    read = pathlib.Path.read_bytes
    with tempfile.TemporaryDirectory() as folder, Server() as s:
        s.account(ANNA)
        assert works(s)
        until(lambda: 'missing=users mailstead, mailstead-auth' in s.log() or 'missing="users' in s.log())
        assert set().union(*uids(s).values()) == {0}
        # What one root has made is theirs at the next start.
        s.stop()
        s.prefix = with_users(folder)
        s.start()
        until(lambda: s.log().count(' ready ') == 2)
        assert s.log().count('sandbox is weaker') == 2, s.log()
        assert uids(s) == {'auth': {auth}, 'hash': {auth}, 'worker': {mail}, 'keeper': {mail}, 'login': {net},
                           'tls': {net}, 'deliver': {net}, 'sync': {net}}, uids(s)
        assert works(s)
        credentials = pathlib.Path(s.data, 'credentials.db')
        assert oct(os.stat(s.data).st_mode) == '0o41770' and os.stat(s.data).st_uid == 0
        assert may('mailstead', 'mailstead', read, database(s))
        assert not may('mailstead-auth', 'mailstead', read, database(s))
        assert not may('mailstead-auth', 'mailstead', os.listdir, pathlib.Path(s.data, 'accounts'))
        assert may('mailstead-auth', 'mailstead', read, credentials)
        for name in ('credentials.db', 'credentials.db-wal', 'directory.db'):
            path = pathlib.Path(s.data, name)
            if path.exists():
                assert not may('mailstead', 'mailstead', read, path), name
                assert not may('mailstead', 'mailstead', os.unlink, path), name
        assert not may('mailstead-net', 'mailstead-net', os.listdir, s.data)
        s.cli('account', 'add', 'online@example.test')
        s.cli('folder', 'create', 'online@example.test', 'Work')
        s.stop()
        # Root without a server: its files are the server's all the same.
        s.cli('password', ANNA, '--password-stdin', input='a longer password\n')
        s.passwords[ANNA] = 'a longer password'
        s.account('new@example.test')
        s.cli('import', 'new@example.test', '-', input=MAIL)
        planted = pathlib.Path(s.data, 'credentials.db-wal')
        assert may('mailstead', 'mailstead', planted.write_bytes, b'mine')
        s.start()
        assert re.search(r'removed what is not auth.s file=credentials.db-wal uid=64990', s.log())
        assert works(s)
        with s.imap('new@example.test') as c:
            assert ok(c.select('INBOX')) == [b'1']
            ok(c.append('INBOX', None, None, MAIL))
        theirs = {p: p.stat().st_uid for p in pathlib.Path(s.data, 'accounts').rglob('*')}
        assert set(theirs.values()) == {mail}, theirs
        assert {p.stat().st_uid for p in pathlib.Path(s.data).glob('*.db*')} == {auth}


LATIN2, GREEK, CYRILLIC = 'zażółć', 'ελληνικά', 'слово'
CHARSETS = [  # as labels have it, for Python, a word in it
    ('UTF-8', 'utf-8', '漢字かな'), ('US-ASCII', 'ascii', 'plain'), ('ISO-8859-1', 'latin-1', 'grün'),
    ('windows-1252', 'cp1252', '“grün”'), ('ISO-8859-2', 'iso8859-2', LATIN2), ('ISO-8859-3', 'iso8859-3', 'ĉapelo'),
    ('ISO-8859-4', 'iso8859-4', 'ķēde'), ('ISO-8859-5', 'iso8859-5', CYRILLIC), ('ISO-8859-6', 'iso8859-6', 'كلمة'),
    ('ISO-8859-7', 'iso8859-7', GREEK), ('ISO-8859-8', 'iso8859-8', 'מילה'), ('ISO-8859-8-I', 'iso8859-8', 'שלום'),
    ('ISO-8859-9', 'iso8859-9', 'ağaç'), ('ISO-8859-10', 'iso8859-10', 'þorn'), ('ISO-8859-11', 'tis-620', 'คำ'),
    ('ISO-8859-13', 'iso8859-13', 'žodis'), ('ISO-8859-14', 'iso8859-14', 'ŵyŷ'), ('ISO-8859-15', 'iso8859-15', '10€'),
    ('ISO-8859-16', 'iso8859-16', 'și țară'), ('TIS-620', 'tis-620', 'ภาษา'), ('windows-874', 'cp874', 'ไทย'),
    ('windows-1250', 'cp1250', LATIN2), ('windows-1251', 'cp1251', CYRILLIC), ('windows-1253', 'cp1253', GREEK),
    ('windows-1254', 'cp1254', 'ağaç'), ('windows-1255', 'cp1255', 'מילה'), ('windows-1256', 'cp1256', 'كلمة'),
    ('windows-1257', 'cp1257', 'žodis'), ('windows-1258', 'cp1258', 'Đưa'), ('KOI8-R', 'koi8-r', CYRILLIC),
    ('KOI8-U', 'koi8-u', 'їжак'), ('IBM437', 'cp437', 'naïf'), ('IBM850', 'cp850', 'ãéî'), ('IBM852', 'cp852', LATIN2),
    ('IBM866', 'cp866', CYRILLIC), ('macintosh', 'mac-roman', 'œuvre'), ('GB2312', 'gb2312', '汉字'),
    ('GBK', 'gbk', '漢字體'), ('GB18030', 'gb18030', '汉语拼音'), ('Big5', 'big5', '繁體中文'),
    ('Big5-HKSCS', 'big5hkscs', '香港'), ('EUC-JP', 'euc-jp', '日本語'), ('Shift_JIS', 'shift-jis', 'カタカナ'),
    ('windows-31J', 'cp932', '①漢字'), ('ISO-2022-JP', 'iso2022-jp', 'ひらがな'), ('EUC-KR', 'euc-kr', '한국어'),
    ('KS_C_5601-1987', 'euc-kr', '한글'), ('ISO-2022-KR', 'iso2022-kr', '조선'), ('UTF-7', 'utf-7', 'sept+é'),
    ('UTF-16', 'utf-16', 'ÿ漢'), ('UTF-16LE', 'utf-16-le', 'petit ñ'), ('UTF-16BE', 'utf-16-be', 'grand Ñ'),
    ('UTF-32', 'utf-32', '𝄞 clef')]


def charsets_in_the_sandbox():
    """P3: what deliver and the workers read of charsets they read in their sandboxes."""
    with Server() as s:
        c = Client(s.ports['imap'], ANNA, s.account(ANNA))
        words = []
        for n, (label, codec, word) in enumerate(CHARSETS):
            words.append(f'{word} {n}x'.encode(codec).decode(codec))
            body = base64.encodebytes(words[-1].encode(codec))
            subject = base64.b64encode(f'{word} {n}s'.encode(codec)).decode()
            assert not s.deliver(ANNA, f'Subject: =?{label}?B?{subject}?=\r\nContent-Type: text/plain; charset={label}\r\n'
                                       f'Content-Transfer-Encoding: base64\r\n\r\n'.encode() + body)
        c.select('INBOX')
        assert len(c.view) == len(CHARSETS)
        for n, (label, _, word) in enumerate(CHARSETS):
            for key, text in (('BODY', words[n]), ('SUBJECT', f'{word} {n}s')):
                c.command(f'SEARCH CHARSET UTF-8 {key}', literal=text.encode())
                assert c.replies == [b'SEARCH %d' % (n + 1)], (label, key, c.replies)


ELSEWHERE = '192.0.2.1'


def apart(test):
    """Runs a test where this machine has an address that is not loopback: in a network of
    its own, which ends with it."""
    def run():
        if 'APART' in os.environ:
            test()
            return
        need_unshare('--map-root-user', '--net')
        inside = (f'ip link set lo up && ip address add {ELSEWHERE}/32 dev lo && '
                  f'exec "$0" "$1" {test.__name__}')
        done = subprocess.run(['unshare', '--map-root-user', '--net', 'sh', '-c', inside, sys.executable, __file__],
                              env={**os.environ, 'APART': '1'}, capture_output=True, text=True, timeout=2 * PATIENCE)
        assert done.returncode == 0 and '1 passed' in done.stdout, done.stdout + done.stderr
    run.__name__ = test.__name__
    return run


@apart
def lmtp_starts_tls_off_loopback():
    """P4, RFC 3207: for an MTA on another machine."""
    port = free_ports(1)[0]
    options = [f'listen.lmtp=127.0.0.1:{port} {ELSEWHERE}:{port}', f'lmtp.networks={ELSEWHERE}/32 127.0.0.0/8']
    with Server(options=options, listen=('imap',)) as s:
        s.ports['lmtp'] = port
        s.account(ANNA)
        with Lmtp(s) as c:
            assert not any(b'STARTTLS' in x for x in c.say('LHLO tests'))
            assert c.say('STARTTLS') == [b'502 5.5.1 TLS cannot begin here\r\n']
        with Lmtp(s, ELSEWHERE) as c:
            assert b'250-STARTTLS\r\n' in c.say('LHLO tests')
            # What is said behind it before TLS counts for nothing.
            assert c.say('STARTTLS\r\nLHLO injected') == [b'220 2.0.0 Begin TLS\r\n']
            c.sock = s.tls().wrap_socket(c.sock)
            assert c.say('MAIL FROM:<>') == [b'503 5.5.1 LHLO comes first\r\n']
            assert not any(b'STARTTLS' in x for x in c.say('LHLO tests'))
            assert c.rcpt(ANNA) == 250
            assert c.say('DATA')[0].startswith(b'354')
            assert c.say('Subject: Safe\r\n\r\nHello.\r\n.')[0].startswith(b'250')
            # A tls process that dies ends its connections, and no other.
            with Lmtp(s, ELSEWHERE) as other:
                for (role, _), pid in roles(s).items():
                    if role == 'tls':
                        os.kill(pid, signal.SIGKILL)
                assert not c.sock.recv(100)
                assert other.rcpt(ANNA) == 250
        # What is no TLS is closed, and the process goes on.
        with Lmtp(s, ELSEWHERE) as c:
            assert c.say('STARTTLS')[0].startswith(b'220')
            c.sock.sendall(b'this is no TLS\r\n')
            with contextlib.suppress(ConnectionResetError):
                while (got := c.sock.recv(1000)):
                    assert got[:1] == b'\x15'  # an alert
        with s.imap(ANNA) as c:
            ok(c.select('INBOX'))
            header = ok(c.fetch('1', '(BODY[HEADER.FIELDS (RECEIVED)])'))[0][1]
            assert b'with LMTPS' in header and b'[192.0.2.1]' in header, header


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


def works_from(s, password, source):
    try:
        with try_login(s, password, source) as c:
            return line(c).startswith(b'x OK ')
    except (OSError, AssertionError):  # not up yet
        return False


def a_mailbox_runs_out_of_uids():
    """S20: new UIDs under a new UIDVALIDITY; who has it selected is told."""
    with Server() as s:
        c = Client(s.ports['imap'], ANNA, s.account(ANNA))
        c.command('APPEND', r'INBOX (\Flagged)', MAIL)
        c.close()
        s.stop()
        with sqlite3.connect(database(s)) as db:
            db.execute("UPDATE mailbox SET uidnext = 4294967295 - 262144 WHERE name = 'INBOX'")
        db.close()
        s.start()
        watcher, writer = (Client(s.ports['imap'], ANNA, s.passwords[ANNA]) for _ in range(2))
        watcher.select('INBOX')
        was = watcher.uidvalidity
        watcher.send('x IDLE\r\n')
        assert watcher.line().startswith(b'+')
        told = writer.command('APPEND', 'INBOX', MAIL)
        assert watcher.line() == b'* BYE The selected mailbox was deleted, or has new UIDs'
        writer.select('INBOX')
        assert int(writer.uidvalidity) > int(was)
        assert f'[APPENDUID {int(writer.uidvalidity)} 2]' in told, told
        assert [(uid, sorted(flags)) for uid, flags in writer.told()] == [(1, [b'\\flagged']), (2, [])]
        writer.close()
        watcher.close()


if __name__ == '__main__':
    main([deliver_knows_recipients_until_the_directory_changes, the_keeper_waits_for_a_change,
          a_message_that_crashes_workers, three_users, charsets_in_the_sandbox,
          lmtp_starts_tls_off_loopback,
          another_login_on_the_same_connection,
          failures_outlive_processes, a_mailbox_runs_out_of_uids])
