#!/usr/bin/env python3
"""The command line, with a server and without one: the same verbs, the same answers."""
import json
import mailbox
import os
import pathlib
import re
import subprocess
import tempfile

from harness import ANNA, BINARY, Server, main, ok
from verbs import Offline, Online, both


@both
def accounts_come_and_go(w):
    made = w.json('account', 'add', ANNA)
    assert made['address'] == ANNA and len(made['password']) == 24, made
    r = w.run('account', 'add', ANNA)
    assert r.returncode == 1 and r.stderr.count('\n') == 1 and 'taken' in r.stderr, r
    set_ = w.json('account', 'set', ANNA, '--quota', '2G', '--alias', 'a@example.test', '--pop3', 'off')
    assert set_['quota'] == 2 << 30 and set_['aliases'] == ['a@example.test'] and set_['pop3'] is False, set_
    shown = w.json('account', 'show', 'a@example.test')
    assert shown['address'] == ANNA and shown['messages'] == 0, shown
    assert [d['name'] for d in w.json('domain', 'list')] == ['example.test']
    w.json('domain', 'add', 'empty.test')
    assert w.json('account', 'list', 'empty.test') == []
    r = w.run('account', 'list', 'exmaple.test')
    assert r.returncode == 1 and r.stderr == 'mailstead: there is no domain exmaple.test\n', r
    w.json('domain', 'remove', 'empty.test')
    assert w.json('status')['accounts'] == 1
    assert w.run('domain', 'remove', 'example.test').returncode == 1
    w.json('account', 'remove', ANNA)
    assert w.json('account', 'list') == []
    assert os.listdir(w.data + '/removed')
    w.json('domain', 'remove', 'example.test')


@both
def passwords_are_made_and_revoked(w):
    w.json('account', 'add', ANNA)
    assert w.run('password', ANNA, '--password-stdin', input='short\n').returncode == 1
    assert w.json('password', ANNA, '--password-stdin', input='correct horse\n') == {'address': ANNA}
    app = w.json('app-password', 'add', ANNA, '--name', 'iPhone')
    assert len(app['password']) == 24
    listed = w.json('app-password', 'list', ANNA)
    assert [(p['name'], p['used']) for p in listed] == [('iPhone', None)], listed
    w.json('app-password', 'revoke', ANNA, '--name', 'iPhone')
    assert w.json('app-password', 'list', ANNA) == []
    assert w.run('app-password', 'revoke', ANNA, '--name', 'iPhone').returncode == 1


@both
def folders_are_changed(w):
    w.json('account', 'add', ANNA)
    w.json('folder', 'create', ANNA, 'Work/2024')
    assert w.json('folder', 'rename', ANNA, 'Work', 'Job') == {'name': 'Work', 'new_name': 'Job'}
    names = [f['name'] for f in w.json('folder', 'list', ANNA)]
    assert 'Job/2024' in names and 'Work' not in names, names
    w.json('folder', 'delete', ANNA, 'Job/2024')
    assert 'Job/2024' not in [f['name'] for f in w.json('folder', 'list', ANNA)]
    assert w.run('folder', 'delete', ANNA, 'Nothing').returncode == 1


def source(root):
    md = mailbox.Maildir(root + '/md')
    for i in range(200):
        m = mailbox.MaildirMessage(f'Subject: {i}\n\nbody {i}\n')
        m.set_flags('FS' if i % 2 else '')
        m.set_subdir('cur')
        m.set_date(1700000000 + i)
        md.add(m)
    md.add_folder('Work.2024').add('Subject: sub\n\nx\n')
    box = mailbox.mbox(root + '/old.mbox')
    for i in range(3):
        m = mailbox.mboxMessage(f'Subject: mbox {i}\n\nline\nFrom me\n\nend\n')
        m.set_from(f'anna@example.test', True)
        m.set_flags('RA' if i else 'O')
        box.add(m)
    box.close()
    pathlib.Path(root + '/one.eml').write_bytes(b'Subject: one\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n\r\nhi\r\n')


@both
def mail_goes_in_and_out(w):
    w.json('account', 'add', ANNA)
    w.json('account', 'add', 'ben@example.test')
    with tempfile.TemporaryDirectory() as root:
        source(root)
        assert w.json('import', ANNA, root + '/md')['imported'] == 201
        assert w.json('import', ANNA, '--folder', 'Old', root + '/old.mbox', root + '/one.eml')['imported'] == 4
        assert w.json('import', ANNA, '-', input='Subject: pipe\n\nx\n')['imported'] == 1
        want = {f['name']: (f['messages'], f['unseen'], f['bytes']) for f in w.json('folder', 'list', ANNA)}
        assert want['INBOX'][:2] == (201, 101) and want['Work/2024'][0] == 1 and want['Old'][:2] == (4, 2), want
        for form in ('maildir', 'mbox'):
            out = f'{root}/{form}'
            assert w.json('export', ANNA, out, '--format', form)['exported'] == 206
            assert w.run('export', ANNA, out).returncode == 1
            assert w.json('import', 'ben@example.test', '--folder', form, out)['imported'] == 206
            got = {f['name']: (f['messages'], f['unseen'], f['bytes'])
                   for f in w.json('folder', 'list', 'ben@example.test')}
            for name, counts in want.items():
                if counts[0]:
                    assert got[f'{form}/{name}'] == counts, (form, name, got)
        assert w.run('import', ANNA, root + '/none').returncode == 1
        bad = pathlib.Path(root + '/bad.mbox')
        bad.write_bytes(b'')
        assert w.json('import', ANNA, str(bad))['imported'] == 0


@both
def an_export_comes_back_as_it_was(w):
    """Folders with any name, empty ones too; messages that an mbox makes hard to keep apart."""
    names = ['INBOX', 'INBOX/Kind', 'Größe', '.dot', 'cur', 'new/tmp', '_cur', 'a.mbox', 'a.mbox/b', '50%', 'leer/tief']
    messages = [
        b'Subject: header alone\n',
        b'Subject: empty\n\n',
        b'Subject: quotes\n\nFrom here\n>From there\n>>From both\n\nFrom a Mon Jan  1 12:00:00 2024\nx\n\n\n',
        b'From nobody\nSubject: envelope\n\nx\n',
        b'Status: RO\nX-Status: FD\nX-Keywords: mine\nSubject: marks of another\n\nx\n',
        b'\nbody alone\n',
        b'Subject: header alone\n',
    ]
    for who in (ANNA, 'ben@example.test', 'eva@example.test'):
        w.json('account', 'add', who)
    with tempfile.TemporaryDirectory() as root:
        for n, name in enumerate(names[1:]):
            w.json('folder', 'create', ANNA, name)
        md = pathlib.Path(root, 'md')
        for sub in ('cur', 'new', 'tmp'):
            (md / sub).mkdir(parents=True)
        for i, raw in enumerate(messages):
            f = md / 'cur' / f'{1500000000 + i}.x:2,{"FS" if i % 2 else ""}'
            f.write_bytes(raw)
            os.utime(f, (1500000000 + i,) * 2)
        for name in names[:3]:
            assert w.json('import', ANNA, '--folder', name, str(md))['imported'] == len(messages)

        def state(who):
            found = {}
            for f in w.json('folder', 'list', who):
                found[f['name']] = f['subscribed'], [
                    (m['date'], m['flags'], m['bytes'], m['subject']) for m in w.json('show', who, '--at', 'now', f['name'])]
            return found

        was = state(ANNA)
        assert {f: len(was[f][1]) for f in names} == dict.fromkeys(names, 0) | dict.fromkeys(names[:3], len(messages)), was
        for form, who in (('maildir', 'ben@example.test'), ('mbox', 'eva@example.test')):
            out = f'{root}/{form}'
            w.json('export', ANNA, out, '--format', form)
            assert w.json('import', who, out)['imported'] == 3 * len(messages)
            assert state(who) == was, (form, state(who), was)
            again = f'{root}/{form}-again'
            w.json('export', who, again, '--format', form)
            r = subprocess.run(['diff', '-r', out, again], capture_output=True)
            assert r.returncode == 0, r.stdout


@both
def what_is_there_is_not_imported_again(w):
    w.json('account', 'add', ANNA)
    with tempfile.TemporaryDirectory() as root:
        source(root)
        twice = pathlib.Path(root + '/twice.mbox')
        twice.write_bytes(b'From a Mon Jan  1 12:00:00 2024\nSubject: same\n\nx\n\n' * 2)
        md = pathlib.Path(root + '/md/cur')
        late = sorted(md.iterdir())[:50]
        for f in late:
            f.rename(root + '/' + f.name)
        assert w.json('import', ANNA, root + '/md') == {'address': ANNA, 'imported': 151, 'skipped': 0}
        for f in late:
            pathlib.Path(root + '/' + f.name).rename(f)
        assert w.json('import', ANNA, root + '/md') == {'address': ANNA, 'imported': 50, 'skipped': 151}
        # Equal messages of the source are as many as they are there.
        args = 'import', ANNA, '--folder', 'Twice'
        one = twice.read_bytes()[:len(twice.read_bytes()) // 2]
        (twice.parent / 'once.mbox').write_bytes(one)
        assert w.json(*args, root + '/once.mbox') == {'address': ANNA, 'imported': 1, 'skipped': 0}
        assert w.json(*args, str(twice)) == {'address': ANNA, 'imported': 1, 'skipped': 1}
        assert w.json(*args, str(twice)) == {'address': ANNA, 'imported': 0, 'skipped': 2}
        said = w.run(*args, str(twice))
        assert said.stdout == '0 messages imported; 2 were there already.\n', said
        assert w.json(*args, '--all', str(twice)) == {'address': ANNA, 'imported': 2, 'skipped': 0}
        # The same bytes in another folder are another message; a byte more is one, too.
        assert w.json('import', ANNA, '--folder', 'Other', str(twice))['imported'] == 2
        (twice.parent / 'once.mbox').write_bytes(one.replace(b'\nx\n', b'\ny\n'))
        assert w.json(*args, root + '/once.mbox')['imported'] == 1


def what_is_imported_is_served():
    with Online() as w, tempfile.TemporaryDirectory() as root:
        source(root)
        w.server.account(ANNA)
        w.json('import', ANNA, root + '/md')
        w.json('import', ANNA, '--folder', 'Old/2019/May', root + '/one.eml')
        with w.server.imap(ANNA) as c:
            # A superior name that is not subscribed cannot be opened in Thunderbird.
            shown = {line.split(b' "/" ')[1] for line in ok(c.lsub('""', '"Old*"'))}
            assert shown == {b'Old', b'Old/2019', b'Old/2019/May'}, shown
            ok(c.select('INBOX'))
            (line,) = [d for d in ok(c.fetch('2', '(FLAGS INTERNALDATE RFC822.SIZE)'))]
            assert b'\\Flagged' in line and b'\\Seen' in line and b'Nov-2023' in line, line
        w.json('password', ANNA)
        # The session of the old password has to end by itself.
        assert w.json('account', 'remove', ANNA)['address'] == ANNA


@both
def a_domain_has_two_spellings(w):
    assert w.json('domain', 'add', 'MÜLLER.example')['name'] == 'xn--mller-kva.example'
    assert w.run('domain', 'add', 'xn--mller-kva.example').returncode == 1
    made = w.json('account', 'add', 'Anna@Müller.example')
    assert made['address'] == 'anna@xn--mller-kva.example', made
    shown = w.json('account', 'show', 'anna@xn--mller-kva.example')
    assert shown['unicode'] == 'anna@müller.example', shown
    assert w.run('domain', 'list').stdout.splitlines()[1].split()[:2] == ['müller.example', '1']
    w.json('account', 'set', 'anna@müller.example', '--alias', 'Ärger@müller.example')
    assert w.json('account', 'show', 'a\u0308rger@müller.example')['address'] == made['address']
    w.json('account', 'remove', 'anna@müller.example')
    w.json('domain', 'remove', 'müller.example')


def both_spellings_log_in_and_get_mail():
    with Server() as s:
        s.account('anna@müller.example')
        password = s.passwords['anna@müller.example']
        for name in 'Anna@Müller.example', 'anna@xn--mller-kva.example':
            with s.imap() as c:
                ok(c.authenticate('PLAIN', lambda _: f'\0{name}\0{password}'.encode()))
            with s.imap() as c:
                c._encoding = 'utf-8'
                ok(c.login(f'"{name}"', password))
            c = s.pop3()
            c.user(name)
            c.pass_(password)
            c.quit()
            with s.lmtp() as c:
                utf8 = ['SMTPUTF8'] if not name.isascii() else []
                assert c.sendmail('x@elsewhere.test', [name], b'Subject: Gruss\r\n\r\nHallo\r\n', utf8) == {}
        with s.imap() as c:
            ok(c.authenticate('PLAIN', lambda _: f'\0anna@müller.example\0{password}'.encode()))
            assert ok(c.select('INBOX')) == [b'2']


def usage_is_told():
    with Offline() as w:
        r = w.run('account')
        assert r.returncode == 2
        assert r.stderr == 'mailstead: "account" wants one of: add, show, list, set, remove, restore\n', r
        r = w.run('acount')
        assert r.returncode == 2 and r.stderr == 'mailstead: there is no verb "acount" (mailstead help)\n', r
        assert w.run('account', 'add').returncode == 2
        assert w.run('account', 'add', ANNA, '--nothing').returncode == 2
        assert w.run('account', 'list', '--json=1').returncode == 2
        r = w.run('account', 'set', ANNA, '--pop3', 'maybe')
        assert r.returncode == 2 and 'usage: mailstead account set' in r.stderr, r
        r = subprocess.run([BINARY, 'help'], capture_output=True, text=True)
        assert r.returncode == 0 and 'import ADDRESS' in r.stdout
        r = subprocess.run([BINARY, 'status', '-d', w.data + '/none'], capture_output=True, text=True)
        assert r.returncode == 1 and not os.path.exists(w.data + '/none')


def nothing_that_is_shown_commands_a_terminal():
    """Whoever sends mail chooses its subject, not what the operator's terminal does."""
    with Offline() as w:
        w.json('account', 'add', ANNA)
        odd = 'Subject: =?utf-8?Q?=1B[31mred=C2=9B2J?=\nFrom: =?utf-8?Q?=07=C2=9Dx?= <a@b.test>\n\nx\n'
        w.json('import', ANNA, '-', input=odd)
        shown = w.run('show', ANNA, '--at', 'now', 'INBOX')
        assert shown.returncode == 0 and '[31mred 2J' in shown.stdout, shown
        refused = w.run('folder', 'create', ANNA, 'a\x1b[31m\nb')
        assert refused.returncode == 1 and refused.stderr.count('\n') == 1, refused
        for said in shown.stdout, refused.stderr:
            assert not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f]', said), said


def the_man_page_knows_every_verb():
    verbs = json.loads(subprocess.run([BINARY, 'help', '--json'], capture_output=True, check=True).stdout)
    assert {'serve', 'restore', 'folder rename'} <= {v['verb'] for v in verbs}, verbs
    man = (pathlib.Path(__file__).resolve().parents[2] / 'man' / 'mailstead.1').read_text()
    out = subprocess.run([BINARY, 'help'], capture_output=True, text=True).stdout
    for line in out.splitlines():
        if line.startswith('  ') and line[2] != ' ':
            verb = re.match(r'  ((?:[a-z][a-z-]* ?)+)', line)[1].strip()
            assert f'.Cm {verb}' in man or f'.It Cm {verb}' in man, verb


def the_man_page_knows_every_field():
    """Of what verbs print with --json: scripts rely on it."""
    man = (pathlib.Path(__file__).resolve().parents[2] / 'man' / 'mailstead.1').read_text()
    known = set(re.findall(r'[a-z][a-z0-9_]+', man.partition('.Sh JSON')[2].partition('.Sh EXIT STATUS')[0]))

    def keys(value):
        if isinstance(value, list):
            return {k for v in value for k in keys(v)}
        if not isinstance(value, dict):
            return set()
        return value.keys() | {k for v in value.values() for k in keys(v)}

    with Offline() as w:
        found = keys(w.json('account', 'add', ANNA)) | keys(w.json('account', 'add', 'office@example.test'))
        w.json('account', 'set', 'office@example.test', '--member', ANNA)
        w.json('app-password', 'add', ANNA, '--name', 'desk', '--for', 'office@example.test')
        w.json('import', ANNA, '-', input='Subject: x\n\ny\n')
        w.json('folder', 'create', ANNA, 'Kunden')
        for words in (('account', 'show', ANNA), ('account', 'list'), ('app-password', 'list', ANNA), ('folder', 'list', ANNA),
                      ('folder', 'rename', ANNA, 'Kunden', 'Trash/Kunden'), ('history', ANNA), ('show', ANNA, '--at', 'now'),
                      ('show', ANNA, '--at', 'now', 'INBOX'), ('restore', ANNA, '--all', '--at', 'now'),
                      ('restore', ANNA, '--all', '--at', 'now', '--dry-run'), ('export', ANNA, w.data + '/export'),
                      ('purge', ANNA, '--folder', 'INBOX', '--uid', '1', '--yes'), ('status', '--space')):
            found |= keys(w.json(*words))
        assert {'via', 'renamed', 'emailid', 'role', 'new_name', 'reclaimable'} <= found, found
        assert found <= known, found - known


if __name__ == '__main__':
    main([accounts_come_and_go, passwords_are_made_and_revoked, folders_are_changed, mail_goes_in_and_out,
          an_export_comes_back_as_it_was, what_is_there_is_not_imported_again, what_is_imported_is_served,
          a_domain_has_two_spellings, both_spellings_log_in_and_get_mail, usage_is_told,
          nothing_that_is_shown_commands_a_terminal, the_man_page_knows_every_verb,
          the_man_page_knows_every_field])
