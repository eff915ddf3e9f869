#!/usr/bin/env python3
"""What happened, and what there was: history, show and the past in IMAP."""
import datetime
import re
import tempfile
import time

from harness import ANNA, main, ok
from mbsync import Mirror
from past import fill, folders, message, moment
from verbs import Online, both


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
        w.server.account(ANNA)
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


def nothing_of_the_past_is_mirrored():
    with Online() as w, tempfile.TemporaryDirectory() as d:
        s = w.server
        s.account(ANNA)
        s.restart_at('-2d')
        fill(w, 'Kunden', range(5))
        moment()
        w.json('folder', 'delete', ANNA, 'Kunden')
        s.restart_at(None)
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
        home = Mirror(s, ANNA, d, 'desk')
        assert 'Past' not in home.sync()
        assert home.folders().keys() == {'INBOX', 'Drafts', 'Sent', 'Junk', 'Trash', 'Archive'}
        w.json('account', 'set', ANNA, '--past', 'off')
        with s.imap(ANNA) as c:
            assert ok(c.namespace()) == [b'(("" "/")) NIL NIL']
            assert c.select(f'"Past/{at}/Kunden"')[0] == 'NO'


if __name__ == '__main__':
    main([a_deleted_folder_is_seen_in_the_past, errors_say_what_to_do, many_single_changes_of_one_device_are_one_loss,
          nothing_of_the_past_is_mirrored])
