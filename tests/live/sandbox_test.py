#!/usr/bin/env python3
"""P3: what the processes may not, and what they can all the same."""
import base64
import os
import pathlib
import re
import tempfile

from client import Client
from harness import ANNA, MAIL, Server, Skip, database, main, ok, until, works
from users import USERS, may, uids, with_users


def sandboxed():
    with Server(sandbox='require') as s:
        until(lambda: 'ready' in s.log())
        for pid in s.children():
            status = pathlib.Path(f'/proc/{pid}/status').read_text()
            assert re.search(r'^NoNewPrivs:\s+1$', status, re.M), status
            assert re.search(r'^Seccomp:\s+2$', status, re.M), status
            assert re.search(r'^CapEff:\s+0+$', status, re.M), status
        assert 'sandbox is weaker: no' not in s.log()


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


if __name__ == '__main__':
    main([sandboxed, three_users, charsets_in_the_sandbox])
