#!/usr/bin/env python3
"""SEARCH while the keeper makes the text index, and with it: the answers stay what they were."""
import email.header
import email.mime.multipart
import email.mime.text
import pathlib
import random
import struct

from harness import ANNA, Server, main, ok, until

WORDS = ('Quarterly budget Grüße Straße żółć Привет мир 日本語 テスト Ελληνικά naïve garden harbour lights invoice '
         'meeting HARBOUR drawings').split()
CHARSETS = ('utf-8', 'iso-8859-1', 'iso-8859-2', 'koi8-r', 'iso-2022-jp', 'us-ascii')
COUNT = 1200  # two segments, and some that are in none


def mail(i):
    r = random.Random(i)
    charset = r.choice(CHARSETS)

    def text(n):
        words = ' '.join(r.choice(WORDS) for _ in range(n)) + f' n{i % 37}'
        return words.encode(charset, 'ignore').decode(charset)

    body = email.mime.text.MIMEText(text(r.randrange(1, 80)), 'plain', charset)
    m = body
    if r.randrange(3) == 0:
        m = email.mime.multipart.MIMEMultipart()
        m.attach(body)
        m.attach(email.mime.text.MIMEText(f'<p>{text(5)}</p>', 'html', charset))
    m['From'] = f'Person {i % 50} <p{i % 50}@example.org>'
    m['Subject'] = email.header.Header(text(r.randrange(1, 6)), charset)
    m['X-Number'] = f'number {i}'
    return m.as_bytes().replace(b'\r\n', b'\n')


def queries():
    r = random.Random(1)
    for word in WORDS[::2]:
        yield 'SUBJECT', word
        yield 'BODY', word[1:]
        yield 'TEXT', word.swapcase()
    for i in range(6):
        yield 'TEXT', f'{r.choice(WORDS)} {r.choice(WORDS)}'
        yield 'FROM', f'person {i}'
        yield 'HEADER X-Number', f'number {i * 190}'
    yield 'NOT BODY', 'garden'
    yield 'OR SUBJECT harbour BODY', 'Привет'
    yield 'SUBJECT', 'never said'
    yield 'BODY', 'ab'
    yield 'SUBJECT', 'x'


def search(c, how, text):
    c.literal = text.encode()
    return ok(c.uid('SEARCH', 'CHARSET', 'UTF-8', how))


def answers(c):
    return {q: search(c, *q) for q in queries()}


def end_of(path):
    """Up to where the index is whole; 0: there is none."""
    try:
        return struct.unpack_from('<Q', path.read_bytes()[:64], 8)[0]
    except (FileNotFoundError, struct.error):
        return 0


def the_index_changes_no_answer():
    s = Server()
    s.account(ANNA)
    with open(s.data + '.mbox', 'wb') as f:
        for i in range(COUNT):
            f.write(b'From x Thu Jan  1 00:00:00 1970\n' + mail(i) + b'\n\n')
    s.cli('import', ANNA, s.data + '.mbox')
    pathlib.Path(s.data + '.mbox').unlink()
    with s:
        c = s.imap(ANNA)
        ok(c.select('INBOX'))
        before = answers(c)  # the first of them has the keeper begin
        assert any(len(a[0].split()) > 100 for a in before.values())
        account = next(pathlib.Path(s.data, 'accounts').glob('*/*'))
        index = account / 'text-index'
        until(lambda: end_of(index) > 2 * 64 and struct.unpack_from('<Q', index.read_bytes(), 24)[0] >= 1024)
        assert answers(c) == before
        # What is not in it is found as well.
        ok(c.append('INBOX', None, None, b'Subject: never said\r\n\r\nalso here: gardener\r\n'))
        assert search(c, 'SUBJECT', 'never said') == [str(COUNT + 1).encode()]
        assert search(c, 'BODY', 'here: gardener') == [str(COUNT + 1).encode()]
        # Without it, or with one that is of no use, all is as before.
        ok(c.uid('STORE', str(COUNT + 1), '+FLAGS', '\\Deleted'))
        ok(c.expunge())
        index.write_bytes(b'x' * 1000)
        assert answers(c) == before
        until(lambda: end_of(index) > 1000)
        assert answers(c) == before


if __name__ == '__main__':
    main([the_index_changes_no_answer])
