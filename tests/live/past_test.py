#!/usr/bin/env python3
"""Looking into the past: history, show, restore and undo, with a server and without one."""
import datetime
import email.message
import email.policy
import email.utils
import glob
import imaplib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from harness import BINARY, PATIENCE, Server, main, ok, until

ANNA = 'anna@example.test'


class Offline:
    """A DATA folder that nobody serves."""

    def __enter__(self):
        self.data = tempfile.mkdtemp(prefix='mailstead-past-')
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.data, ignore_errors=True)

    def run(self, *args, input=None):
        return subprocess.run([BINARY, *args, '-d', self.data], input=input, capture_output=True, text=True)

    def json(self, *args, input=None):
        r = self.run(*args, '--json', input=input)
        assert r.returncode == 0, r.stderr
        return json.loads(r.stdout)


class Online(Offline):
    def __enter__(self):
        self.server = Server(listen=('imap', 'pop3', 'lmtp')).__enter__()
        self.data = self.server.data
        return self

    def __exit__(self, *a):
        self.server.__exit__(*a)


def both(test):
    def run():
        for world in (Offline, Online):
            with world() as w:
                test(w)
    run.__name__ = test.__name__
    return run


def message(n, subject='Rechnung', sender='Müller GmbH <info@mueller.example>'):
    name, address = email.utils.parseaddr(sender)
    m = email.message.EmailMessage()
    m['From'] = email.utils.formataddr((name, address))
    m['To'] = ANNA
    m['Subject'] = f'{subject} {n}'
    m['Message-ID'] = f'<{subject}.{n}@mueller.example>'
    m['Date'] = email.utils.formatdate(1700000000 + n)
    m.set_content(f'Nummer {n}\n')
    return m


def fill(w, folder, numbers, subject='Rechnung'):
    with tempfile.NamedTemporaryFile('w', suffix='.mbox') as f:
        for n in numbers:
            f.write(f'From info@mueller.example Tue Nov 14 22:13:{n % 60:02} 2023\n{message(n, subject)}\n')
        f.flush()
        assert w.json('import', ANNA, '--folder', folder, f.name)['imported'] == len(numbers)


def moment():
    """A time that lies between what was and what comes, in words of the command line."""
    time.sleep(1.1)
    t = int(time.time())
    time.sleep(1.1)
    return f'@{t}'


def folders(w, *args):
    return {f['name']: f for f in w.json(*args)}


@both
def a_deleted_folder_is_seen_in_the_past(w):
    w.json('account', 'add', ANNA)
    fill(w, 'Kunden/Müller', range(450))
    fill(w, 'Kunden', range(3), 'Liste')
    then = moment()
    w.json('folder', 'delete', ANNA, 'Kunden/Müller')
    w.json('folder', 'delete', ANNA, 'Kunden')
    lost = w.json('history', ANNA, '--losses')
    assert len(lost) == 1, lost
    e = lost[0]
    assert (e['kind'], e['path'], e['messages'], e['folders'], e['changes'], e['loss']) == (
        'mailbox.destroyed', 'Kunden', 453, 2, 2, True), e
    assert e['actor'] == 'operator' and e['via']['protocol'] == 'cli', e
    text = w.run('history', ANNA, '--losses').stdout.splitlines()
    assert text[0].split() == ['EVENT', 'WHEN', 'BY', 'WHAT'], text
    assert text[1].startswith(e['id'] + '  ') and text[1].endswith(
        'deleted folder Kunden and 1 folder below it, with 453 messages'), text
    assert text[-1] == f'To take one back: mailstead undo {ANNA} EVENT', text

    was = folders(w, 'show', ANNA, '--at', then)
    assert was['Kunden/Müller']['messages'] == 450 and was['Kunden']['messages'] == 3, was
    now = folders(w, 'show', ANNA, '--at', 'now')
    assert 'Kunden' not in now and 'Kunden/Müller' not in now and 'INBOX' in now, now
    mails = w.json('show', ANNA, '--at', then, 'Kunden/Müller')
    assert [m['uid'] for m in mails] == list(range(1, 451)), mails
    assert mails[7]['subject'] == 'Rechnung 7' and mails[7]['from'] == 'Müller GmbH', mails[7]
    assert mails[7]['date'] == '2023-11-14T22:13:07Z' and mails[7]['emailid'][0] == 'M', mails[7]
    text = w.run('show', ANNA, '--at', then, 'Kunden/Müller').stdout.splitlines()
    assert len(text) == 451 and 'Müller GmbH' in text[8] and text[8].endswith('Rechnung 7'), text[8]


@both
def errors_say_what_to_do(w):
    w.json('account', 'add', ANNA)
    r = w.run('show', ANNA, '--at', '2001-01-01')
    first = re.search(r'is known from (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) on', r.stderr)
    assert r.returncode == 1 and first, r
    moment()
    assert 'INBOX' in folders(w, 'show', ANNA, '--at', first[1])
    for bad in ('gestern', '2026-02-30', '2090-01-01'):
        r = w.run('show', ANNA, '--at', bad)
        assert r.returncode == 2 and bad in r.stderr, r
    assert w.run('show', ANNA).returncode == 2
    r = w.run('show', ANNA, '--at', 'now', 'Kunden')
    assert r.returncode == 1 and 'lists those that were' in r.stderr, r
    assert w.json('history', ANNA, '--losses') == []
    assert 'Nothing was lost.' in w.run('history', ANNA, '--losses').stdout


def many_single_changes_of_one_device_are_one_loss():
    with Online() as w:
        password = w.json('account', 'add', ANNA)['password']
        w.server.passwords[ANNA] = password
        fill(w, 'Kunden/Müller', range(214))
        with w.server.imap(ANNA) as a, w.server.imap(ANNA) as b:
            ok(a.xatom('ID', '("name" "iPhone Mail")'))
            ok(a.select('Kunden/M&APw-ller'))
            ok(b.select('INBOX'))
            for i in range(214):
                ok(a.uid('MOVE', str(i + 1), 'Trash'))
                if i == 100:
                    ok(b.append('INBOX', None, None, message(1).as_bytes()))
            ok(a.close())
            ok(a.delete('Kunden/M&APw-ller'))
        lost = w.json('history', ANNA, '--losses')
        assert len(lost) == 1, lost
        e = lost[0]
        assert (e['kind'], e['path'], e['messages'], e['folders'], e['changes']) == (
            'mailbox.destroyed', 'Kunden/Müller', 214, 1, 215), e
        assert e['actor'] == ANNA and e['via']['client'] == 'iPhone Mail' and e['via']['protocol'] == 'imap', e
        # More changes than one answer holds, each of them single.
        with w.server.imap(ANNA) as c:
            ok(c.select('Trash'))
            c.send(b''.join(b'x%d UID STORE 1 %cFLAGS.SILENT (\\Flagged)\r\n' % (i, b'+-'[i % 2]) for i in range(4500)))
            for i in range(4500):
                while not c.readline().startswith(b'x%d OK' % i):
                    pass
        flagged = [x for x in w.json('history', ANNA) if x['kind'] == 'email.keywords']
        assert sum(x['changes'] for x in flagged) == 4500 and {x['path'] for x in flagged} == {'Trash'}, flagged
        # What POP3 downloads and deletes is a loss as well, and nothing else is.
        p = w.server.pop3(ANNA)
        p.dele(1)
        p.quit()
        lost = w.json('history', ANNA, '--losses')
        assert [(x['id'], x['kind'], x['via']['protocol']) for x in lost] == [
            (e['id'], 'mailbox.destroyed', 'imap'), (lost[1]['id'], 'email.destroyed', 'pop3')], lost
        assert [x['kind'] for x in w.json('history', ANNA, '--since', '1 hour ago')
                if x['kind'] != 'email.keywords'][-3:] == ['mailbox.destroyed', 'email.appended', 'email.destroyed']


def state(w, folder, at='now'):
    return [(m['uid'], m['emailid'], m['flags']) for m in w.json('show', ANNA, '--at', at, folder)]


@both
def what_was_deleted_comes_back(w):
    w.json('account', 'add', ANNA)
    fill(w, 'Kunden/Müller', range(40))
    fill(w, 'Kunden', range(3), 'Liste')
    then = moment()
    before = state(w, 'Kunden/Müller'), state(w, 'Kunden')
    validity = folders(w, 'show', ANNA, '--at', 'now')['Kunden/Müller']['uidvalidity']
    w.json('folder', 'delete', ANNA, 'Kunden/Müller')
    w.json('folder', 'delete', ANNA, 'Kunden')
    fill(w, 'INBOX', range(2), 'Neu')

    told = w.json('restore', ANNA, '--folder', 'Kunden', '--at', then, '--dry-run')
    assert (told['folders'], told['messages_same_uid'], told['messages_new_uid'], told['dry_run']) == (2, 43, 0, True), told
    assert [(f['name_then'], f['how'], f['messages_same_uid']) for f in told['by_folder']] == [
        ('Kunden', 'returns as it was', 3), ('Kunden/Müller', 'returns as it was', 40)], told
    assert 'Kunden' not in folders(w, 'folder', 'list', ANNA)
    text = w.run('restore', ANNA, '--folder', 'Kunden', '--at', then, '--dry-run').stdout
    assert text.endswith('2 folders would come back.\n43 messages would come back.\n'), text

    text = w.run('restore', ANNA, '--folder', 'Kunden', '--at', then).stdout.splitlines()
    assert text[:2] == ['2 folders are back.', '43 messages are back.'], text
    event = text[2].removeprefix(f'To take that back: mailstead undo {ANNA} ')
    assert (state(w, 'Kunden/Müller'), state(w, 'Kunden')) == before
    assert folders(w, 'show', ANNA, '--at', 'now')['Kunden/Müller']['uidvalidity'] == validity
    assert folders(w, 'folder', 'list', ANNA)['INBOX']['messages'] == 2

    again = w.json('restore', ANNA, '--folder', 'Kunden', '--at', then)
    assert (again['folders'], again['messages_same_uid'], again['there'], again['event']) == (0, 0, 43, None), again
    assert w.run('restore', ANNA, '--folder', 'Kunden', '--at', then).stdout == (
        'Nothing has to come back: all of it is there.\n')

    last = w.json('history', ANNA)[-1]
    assert (last['id'], last['kind'], last['messages'], last['folders']) == (event, 'restore.done', 43, 2), last
    undone = w.json('undo', ANNA, event)
    assert undone['removed'] == 43, undone
    assert 'Kunden/Müller' not in folders(w, 'folder', 'list', ANNA)
    assert w.json('history', ANNA)[-1]['kind'] == 'restore.undone'


@both
def a_whole_account_comes_back(w):
    w.json('account', 'add', ANNA)
    fill(w, 'INBOX', range(5))
    fill(w, 'Kunden/Müller', range(10, 20))
    fill(w, 'Archiv', range(20, 23))
    then = moment()
    names = ['INBOX', 'Kunden/Müller', 'Archiv']
    before = [state(w, f) for f in names]
    w.json('folder', 'delete', ANNA, 'Kunden/Müller')
    w.json('folder', 'delete', ANNA, 'Archiv')
    fill(w, 'Archiv', [99])  # another one of that name: what was there goes into it
    told = w.json('restore', ANNA, '--all', '--at', then, '--dry-run')
    assert {f['name_then']: f['how'] for f in told['by_folder']
            if f['messages_same_uid'] + f['messages_new_uid']} == {
        'Archiv': 'goes into the folder of that name', 'Kunden/Müller': 'returns as it was'}, told
    told = w.json('restore', ANNA, '--all', '--at', then)
    assert (told['messages_same_uid'], told['messages_new_uid'], told['folders']) == (10, 3, 1), told
    after = [state(w, f) for f in names]
    assert after[:2] == before[:2]
    assert [e for _, e, _ in after[2]][1:] == [e for _, e, _ in before[2]] and len(after[2]) == 4, after


@both
def an_event_is_taken_back(w):
    w.json('account', 'add', ANNA)
    fill(w, 'Kunden', range(40))
    before = state(w, 'Kunden')
    w.json('folder', 'delete', ANNA, 'Kunden')
    event = w.json('history', ANNA, '--losses')[0]['id']
    assert w.json('undo', ANNA, event, '--dry-run')['messages_same_uid'] == 40
    assert w.json('undo', ANNA, event.upper())['messages_same_uid'] == 40
    assert state(w, 'Kunden') == before
    assert w.json('undo', ANNA, event)['event'] is None
    for name, code, text in (('1234x', 2, 'not the name of an event'), ('zz' + 'zzj'[:1], 2, 'not the name'),
                             (event[:-1], 2, 'not the name')):
        r = w.run('undo', ANNA, name)
        assert r.returncode == code and text in r.stderr, (name, r)
    arrival = next(e for e in w.json('history', ANNA) if e['kind'] == 'email.appended')
    r = w.run('undo', ANNA, arrival['id'])
    assert r.returncode == 1 and 'delete it instead' in r.stderr, r


@both
def usage_of_restore(w):
    w.json('account', 'add', ANNA)
    for words in ((), ('--all',), ('--at', 'now'), ('--at', 'now', '--all', '--folder', 'X'),
                  ('--at', 'now', '--all', '--uids', '1'), ('--at', 'now', '--folder', 'INBOX', '--uids', '1:x')):
        r = w.run('restore', ANNA, *words)
        assert r.returncode == 2 and 'usage: mailstead restore' in r.stderr, (words, r)
    r = w.run('restore', ANNA, '--at', 'now', '--folder', 'Kunden')
    assert r.returncode == 1 and 'lists those that were' in r.stderr, r
    r = w.run('restore', ANNA, '--at', '2001-01-01', '--all')
    assert r.returncode == 1 and 'is known from' in r.stderr, r
    fill(w, 'Kunden', range(2))
    r = w.run('restore', ANNA, '--at', 'now', '--folder', 'Kunden', '--uids', '3:7')
    assert r.returncode == 1 and 'no message with such a UID in "Kunden" then' in r.stderr, r
    assert w.json('restore', ANNA, '--at', 'now', '--folder', 'Kunden', '--uids', '2:7')['event'] is None


@both
def a_restore_is_told_by_what_is_above_it(w):
    w.json('account', 'add', ANNA)
    fill(w, 'Kunden', range(2))
    fill(w, 'Kunden/Weber', range(3))
    fill(w, 'Post', range(4))
    then = moment()
    w.json('folder', 'delete', ANNA, 'Kunden/Weber')
    w.json('folder', 'delete', ANNA, 'Kunden')
    w.json('folder', 'delete', ANNA, 'Post')
    w.json('folder', 'create', ANNA, 'Kunden')
    told = w.json('restore', ANNA, '--folder', 'Kunden', '--at', then)
    assert (told['messages_same_uid'], told['messages_new_uid']) == (3, 2), told
    w.json('undo', ANNA, told['event'])
    w.json('restore', ANNA, '--all', '--at', then)
    text = [line.partition('  took ')[2] or line.partition('  brought ')[2]
            for line in w.run('history', ANNA).stdout.splitlines()]
    assert text[-3:] == ['back 5 messages and 1 folder in Kunden', 'back 5 messages in Kunden',
                         'back 9 messages and 2 folders'], text


def what_was_thrown_away_comes_back_by_one_undo():
    with Online() as w:
        w.server.passwords[ANNA] = w.json('account', 'add', ANNA)['password']
        fill(w, 'Kunden', range(5))
        with w.server.imap(ANNA) as c:
            ok(c.select('Kunden'))
            ok(c.uid('MOVE', '1:3', 'Trash'))
            ok(c.select('Trash'))
            ok(c.uid('STORE', '1:3', '+FLAGS', '(\\Deleted)'))
            ok(c.expunge())
        moved, emptied = w.json('history', ANNA, '--losses')
        assert (moved['kind'], emptied['kind'], emptied['path']) == ('email.moved', 'email.destroyed', 'Trash')
        assert w.run('undo', ANNA, moved['id'], '--dry-run').stdout.endswith('\n3 messages would come back.\n')
        assert w.json('undo', ANNA, moved['id'])['messages_new_uid'] == 3
        assert len(state(w, 'Kunden')) == 5 and state(w, 'Trash') == []
        assert w.run('undo', ANNA, emptied['id']).stdout == (
            'Nothing changed.\n3 messages are elsewhere by now, and stay there.\n')


def some_messages_flags_and_moves_come_back():
    with Online() as w:
        w.server.passwords[ANNA] = w.json('account', 'add', ANNA)['password']
        fill(w, 'Kunden', range(10))
        with w.server.imap(ANNA) as c:
            ok(c.select('Kunden'))
            ok(c.uid('STORE', '1:3', 'FLAGS', '(\\Flagged Wichtig)'))
            then = moment()
            ok(c.uid('STORE', '1:10', '+FLAGS', '(\\Seen)'))
            ok(c.uid('MOVE', '5:6', 'Archive'))
            ok(c.uid('STORE', '1:2,9', '+FLAGS', '(\\Deleted)'))
            ok(c.expunge())
            was = state(w, 'Kunden', then)
            told = w.json('restore', ANNA, '--folder', 'Kunden', '--uids', '1,5', '--at', then)
            assert (told['messages_new_uid'], told['elsewhere']) == (1, 1), told
            now = state(w, 'Kunden')
            assert now[-1] == (11, was[0][1], '\\Flagged Wichtig'), now
            text = w.run('restore', ANNA, '--folder', 'Kunden', '--at', then, '--dry-run').stdout
            assert text.endswith('2 messages would come back.\n'
                                 '2 messages were moved elsewhere since; --move-back moves them back.\n'), text
            told = w.json('restore', ANNA, '--folder', 'Kunden', '--at', then, '--move-back', '--flags')
            assert (told['messages_new_uid'], told['moved_back'], told['flags']) == (2, 2, 5), told
            assert sorted((e, f) for _, e, f in state(w, 'Kunden')) == sorted((e, f) for _, e, f in was)
            # Who is connected sees it all.
            typ, data = c.uid('FETCH', '1:*', '(FLAGS)')
            assert len(data) == 10, data


def notes(w):
    """What the brake has told the account."""
    with w.server.imap(ANNA) as c:
        ok(c.select('INBOX', readonly=True))
        uids = ok(c.uid('SEARCH', 'HEADER', 'Auto-Submitted', 'auto-generated'))[0].split()
        return [email.message_from_bytes(ok(c.uid('FETCH', u, '(BODY.PEEK[])'))[0][1], policy=email.policy.default)
                for u in uids]


def mass_deletion_is_told():
    with Online() as w:
        w.server.passwords[ANNA] = w.json('account', 'add', ANNA)['password']
        fill(w, 'Kunden', range(300))
        fill(w, 'Archive', range(200), 'Alt')
        with w.server.imap(ANNA) as c:
            ok(c.xatom('ID', '("name" "Handy")'))
            ok(c.select('Kunden'))
            # Moving is no removal; 100 of 500 are less than a quarter.
            ok(c.uid('MOVE', '1:150', 'Trash'))
            ok(c.uid('STORE', '151:250', '+FLAGS', '(\\Deleted)'))
            ok(c.expunge())
            assert notes(w) == []
            ok(c.uid('STORE', '251:300', '+FLAGS', '(\\Deleted)'))
            ok(c.expunge())
            ok(c.close())
            ok(c.delete('Archive'))  # once is enough
        got = until(notes, w)
        assert len(got) == 1, got
        assert got[0]['Subject'] == 'Viele Nachrichten gelöscht / Many messages deleted'
        text = got[0].get_content()
        assert '150 von 500 Nachrichten dieses Postfachs gelöscht' in text, text
        assert 'deleted 150 of the 500 messages' in text and '"password" (imap, Handy, 127.0.0.1)' in text, text
        commands = re.findall(r'^    (mailstead .*?)\r?$', text, re.M)
        assert len(commands) == 4 and commands[:2] == commands[2:], commands
        assert 'mass deletion account=anna@example.test' in w.server.log()
        undo = commands[0].split()[1:]
        assert undo[:2] == ['undo', ANNA], undo
        done = w.json(*undo)
        assert done['messages_new_uid'] == 150, done
        done = w.json('undo', ANNA, [e for e in w.json('history', ANNA, '--losses')][-1]['id'])
        assert done['messages_same_uid'] == 200, done


(FAKETIME,) = glob.glob('/usr/lib/*/faketime/libfaketime.so.1')  # tools/deps live


def clock(off):
    """The environment in which it is earlier or later: '-3d', '+1h'."""
    return {'LD_PRELOAD': FAKETIME, 'FAKETIME': off, 'DONT_FAKE_MONOTONIC': '1'}


def a_pop3_program_that_always_deletes_is_told_once():
    with Online() as w:
        w.server.passwords[ANNA] = w.json('account', 'add', ANNA)['password']

        def collect(numbers):
            fill(w, 'INBOX', numbers)
            p = w.server.pop3(ANNA)
            n = p.stat()[0]
            for i in range(n):
                p.dele(i + 1)
            p.quit()
            return n

        assert collect(range(150)) == 150
        assert len(until(notes, w)) == 1
        # An hour later, as each hour: it is how this program works.
        w.server.env.update(clock('+1h'))
        w.server.restart()
        assert collect(range(150, 300)) == 151
        assert collect(range(300, 301)) == 1
        assert notes(w) == [] and w.server.log().count('mass deletion') == 1


def mirror_of(s, base, name):
    """A laptop that keeps all folders with mbsync."""
    home = pathlib.Path(base, name)
    (home / 'mail').mkdir(parents=True)
    (home / 'rc').write_text(f'''IMAPAccount a
Host 127.0.0.1
Port {s.ports['imap']}
User {ANNA}
Pass {s.passwords[ANNA]}
SSLType None

IMAPStore far
Account a

MaildirStore near
Path {home}/mail/
Inbox {home}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
''')
    return home


def sync(home):
    r = subprocess.run(['mbsync', '-a', '-c', str(home / 'rc')], env={**os.environ, 'HOME': str(home)},
                       capture_output=True, text=True, timeout=PATIENCE)
    assert r.returncode == 0, r.stderr
    return r.stdout + r.stderr


def mirrored(home):
    """Folder -> what is in it: names of files tell UIDs and flags, too."""
    found = {}
    for d in sorted((home / 'mail').rglob('cur')):
        files = [f for sub in ('cur', 'new') for f in (d.parent / sub).iterdir()]
        found[str(d.parent.relative_to(home / 'mail'))] = sorted(
            (re.search(r',U=(\d+)', f.name)[1], f.name.partition(':2,')[2], f.read_bytes()) for f in files)
    return found


def server_state(s):
    """What a mail program compares with its cache."""
    found = {}
    with s.imap(ANNA) as c:
        for line in ok(c.list('""', '*')):
            name = line.decode().rpartition('"/" ')[2]
            ok(c.select(name, readonly=True))
            validity = c.response('UIDVALIDITY')[1][0]
            data = ok(c.uid('FETCH', '1:*', '(FLAGS RFC822.SIZE INTERNALDATE)'))
            found[name] = (validity, data)
        found['subscribed'] = sorted(ok(c.lsub('""', '*')))
    return found


def a_suspended_password_opens_nothing():
    with Online() as w:
        s = w.server
        s.passwords[ANNA] = w.json('account', 'add', ANNA)['password']
        phone = w.json('app-password', 'add', ANNA, '--name', 'Handy')['password']
        s.options.append('brake.suspend=on')
        s.restart()
        fill(w, 'Kunden', range(120))
        c = imaplib.IMAP4('127.0.0.1', s.ports['imap'])
        c.login(ANNA, phone)
        ok(c.delete('Kunden'))

        def ended():
            try:
                return c.noop()[0] != 'OK'
            except (imaplib.IMAP4.abort, OSError):
                return True

        def opens():
            again = imaplib.IMAP4('127.0.0.1', s.ports['imap'])
            try:
                return again.login(ANNA, phone)[0] == 'OK'
            except imaplib.IMAP4.error:
                return False

        until(ended)
        assert not opens()
        assert [(p['name'], p['suspended']) for p in w.json('app-password', 'list', ANNA)] == [('Handy', True)]
        text = until(notes, w)[0].get_content()  # by the account's own password
        assert text.count(f'mailstead resume {ANNA}') == 2, text
        assert w.json('resume', ANNA)['resumed'] == 1
        assert opens()
        assert w.json('resume', ANNA)['resumed'] == 0


def monday_and_thursday():
    """On Thursday you notice that on Monday you deleted a customer's folder."""
    with Online() as w, tempfile.TemporaryDirectory() as d:
        s = w.server
        s.passwords[ANNA] = w.json('account', 'add', ANNA)['password']
        # Monday
        s.env.update(clock('-3d'))
        s.restart()
        fill(w, 'INBOX', range(10), 'Post')
        tree = {'Kunden': 3, 'Kunden/Müller GmbH': 40, 'Kunden/Müller GmbH/2025': 25, 'Kunden/Weber': 12}
        for n, (folder, count) in enumerate(tree.items()):
            fill(w, folder, range(n * 100, n * 100 + count))
        a, b = mirror_of(s, d, 'laptop'), mirror_of(s, d, 'desk')
        with s.imap(ANNA) as c:
            for name in ('Kunden', '"Kunden/M&APw-ller GmbH"', '"Kunden/M&APw-ller GmbH/2025"', 'Kunden/Weber'):
                ok(c.subscribe(name))
                ok(c.select(name))
                ok(c.uid('STORE', '2:3', '+FLAGS', '(\\Flagged \\Answered Wichtig)'))
        sync(a)
        sync(b)
        before, laptop, desk = server_state(s), mirrored(a), mirrored(b)
        pop = s.pop3(ANNA)
        uidls = pop.uidl()[1]
        pop.quit()
        time.sleep(2.1)  # times are told to the second: one lies in between
        with s.imap(ANNA) as c:
            ok(c.xatom('ID', '("name" "Handy")'))
            for name in ('Kunden/Weber', '"Kunden/M&APw-ller GmbH/2025"', '"Kunden/M&APw-ller GmbH"', 'Kunden'):
                ok(c.unsubscribe(name))
                ok(c.delete(name))
        sync(b)
        assert mirrored(b)['INBOX'] == desk['INBOX']

        # Thursday: mail has come in since, the laptop was off
        for key in clock(''):
            s.env.pop(key)
        s.restart()
        fill(w, 'INBOX', range(10, 15), 'Post')
        (lost,) = w.json('history', ANNA, '--losses')
        assert (lost['kind'], lost['path'], lost['messages'], lost['folders'], lost['via']['client']) == (
            'mailbox.destroyed', 'Kunden', 80, 4, 'Handy'), lost
        assert w.json('history', ANNA, '--losses', '--since', 'yesterday') == []
        with s.imap(ANNA) as open_session:
            ok(open_session.select('INBOX'))
            # As it was a minute before.
            at = time.strftime('%Y-%m-%dT%H:%M:%S', time.localtime(
                datetime.datetime.fromisoformat(lost['at']).timestamp() - 1))
            was = folders(w, 'show', ANNA, '--at', at)
            assert {f: was[f]['messages'] for f in tree} == tree, was
            told = w.json('restore', ANNA, '--folder', 'Kunden', '--at', at)
            assert (told['folders'], told['messages_same_uid'], told['messages_new_uid']) == (4, 80, 0), told
            typ, data = open_session.list('""', 'Kunden*')
            assert len(data) == 4, data
            ok(open_session.select('"Kunden/M&APw-ller GmbH"'))
            assert len(ok(open_session.uid('SEARCH', 'KEYWORD', 'Wichtig'))[0].split()) == 2
        after = server_state(s)
        inbox = before.pop('INBOX'), after.pop('INBOX')
        assert after == before, (after, before)
        assert inbox[1][0] == inbox[0][0] and inbox[1][1][:10] == inbox[0][1], inbox
        # The laptop finds its copies right: nothing but the new mail comes.
        for home, was in ((a, laptop), (b, desk)):
            sync(home)
            now = mirrored(home)
            assert len(now['INBOX']) == 15
            assert len([f for f in now if f.startswith('Kunden')]) == len(tree), now.keys()
            for folder in now.keys() - {'INBOX'}:
                assert now[folder] == was[folder], (home, folder, now[folder], was[folder])
        # And no POP3 program downloads again what it has.
        pop = s.pop3(ANNA)
        assert pop.uidl()[1][:10] == uidls
        pop.quit()
        # Nothing is lost any more, and a second time nothing happens.
        assert w.json('undo', ANNA, lost['id'])['event'] is None


def nothing_of_the_past_is_mirrored():
    with Online() as w, tempfile.TemporaryDirectory() as d:
        s = w.server
        s.passwords[ANNA] = w.json('account', 'add', ANNA)['password']
        s.env.update(clock('-2d'))
        s.restart()
        fill(w, 'Kunden', range(5))
        time.sleep(2.1)
        w.json('folder', 'delete', ANNA, 'Kunden')
        for key in clock(''):
            s.env.pop(key)
        s.restart()
        then = w.json('history', ANNA, '--losses')[0]['at']
        at = time.strftime('%Y-%m-%dT%H:%M:%S', time.localtime(datetime.datetime.fromisoformat(then).timestamp() - 1))
        with s.imap(ANNA) as c:
            assert ok(c.namespace()) == [b'(("" "/")) NIL NIL']
            assert c.status(f'Past/{at}/Kunden', '(MESSAGES)')[0] == 'NO'
        assert w.json('account', 'set', ANNA, '--past', 'on')['past_until']
        with s.imap(ANNA) as c:
            assert ok(c.namespace()) == [b'(("" "/")) NIL (("Past/" "/"))']
            names = ok(c.list('""', 'Past/%'))
            assert len(names) in (1, 2), names
            ok(c.select(f'"Past/{at}/Kunden"', readonly=True))
            assert ok(c.uid('SEARCH', 'ALL')) == [b'1 2 3 4 5']
            assert c.copy('2:3', 'INBOX')[0] == 'OK'
            assert c.store('1', '+FLAGS', '(\\Seen)')[0] == 'NO'
            ok(c.select('INBOX'))
            assert ok(c.search(None, 'ALL')) == [b'1 2']
        home = mirror_of(s, d, 'desk')
        assert 'Past' not in sync(home)
        assert set(mirrored(home)) == {'INBOX', 'Drafts', 'Sent', 'Junk', 'Trash', 'Archive'}
        w.json('account', 'set', ANNA, '--past', 'off')
        with s.imap(ANNA) as c:
            assert ok(c.namespace()) == [b'(("" "/")) NIL NIL']
            assert c.select(f'"Past/{at}/Kunden"')[0] == 'NO'


main([a_deleted_folder_is_seen_in_the_past, errors_say_what_to_do, many_single_changes_of_one_device_are_one_loss,
      what_was_deleted_comes_back, a_whole_account_comes_back, an_event_is_taken_back, usage_of_restore,
      a_restore_is_told_by_what_is_above_it, what_was_thrown_away_comes_back_by_one_undo, some_messages_flags_and_moves_come_back,
      mass_deletion_is_told, a_pop3_program_that_always_deletes_is_told_once, a_suspended_password_opens_nothing, monday_and_thursday,
      nothing_of_the_past_is_mirrored])
