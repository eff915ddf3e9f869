#!/usr/bin/env python3
"""Restore and undo: what comes back is what was, UIDs and all."""
import datetime
import re
import tempfile
import time

from harness import ANNA, main, ok
from mbsync import Mirror
from past import fill, folders, moment, state
from verbs import Online, both


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
def a_folder_thrown_into_the_trash_is_told(w):
    """As Thunderbird deletes one: it is renamed into the Trash."""
    w.json('account', 'add', ANNA)
    fill(w, 'Kunden', range(2))
    fill(w, 'Kunden/Weber', range(3))
    then = moment()
    w.json('folder', 'rename', ANNA, 'Kunden', 'Trash/Kunden')
    (lost,) = w.json('history', ANNA, '--losses')
    assert (lost['kind'], lost['path'], lost['path_after']) == ('mailbox.renamed', 'Kunden', 'Trash/Kunden'), lost
    args = 'restore', ANNA, '--folder', 'Kunden', '--at', then
    for more in ((), ('--dry-run',)):
        assert w.run(*args, *more).stdout == (
            'Nothing has to come back: all of it is there.\n'
            'Kunden is called Trash/Kunden by now; --move-back renames it back.\n')
    assert w.json(*args)['renamed'] == [{'name_then': 'Kunden', 'name': 'Trash/Kunden'}]
    assert w.json(*args, '--move-back')['renamed'] == []
    assert folders(w, 'folder', 'list', ANNA)['Kunden/Weber']['messages'] == 3
    # The Trash emptied: it comes back to where it was.
    w.json('folder', 'rename', ANNA, 'Kunden', 'Trash/Kunden')
    w.json('folder', 'delete', ANNA, 'Trash/Kunden/Weber')
    w.json('folder', 'delete', ANNA, 'Trash/Kunden')
    told = w.json(*args)
    assert (told['folders'], told['messages_same_uid'], told['renamed']) == (2, 5, []), told


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
        w.server.account(ANNA)
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
        w.server.account(ANNA)
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


def mirrored(mirror):
    """Folder -> what is in it: names of files tell UIDs and flags, too."""
    return {folder: sorted((re.search(r',U=(\d+)', f.name)[1], f.name.partition(':2,')[2], f.read_bytes()) for f in files)
            for folder, files in mirror.folders().items()}


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


def monday_and_thursday():
    """On Thursday you notice that on Monday you deleted a customer's folder."""
    with Online() as w, tempfile.TemporaryDirectory() as d:
        s = w.server
        s.account(ANNA)
        # Monday
        s.restart_at('-3d')
        fill(w, 'INBOX', range(10), 'Post')
        tree = {'Kunden': 3, 'Kunden/Müller GmbH': 40, 'Kunden/Müller GmbH/2025': 25, 'Kunden/Weber': 12}
        for n, (folder, count) in enumerate(tree.items()):
            fill(w, folder, range(n * 100, n * 100 + count))
        a, b = Mirror(s, ANNA, d, 'laptop'), Mirror(s, ANNA, d, 'desk')
        with s.imap(ANNA) as c:
            for name in ('Kunden', '"Kunden/M&APw-ller GmbH"', '"Kunden/M&APw-ller GmbH/2025"', 'Kunden/Weber'):
                ok(c.subscribe(name))
                ok(c.select(name))
                ok(c.uid('STORE', '2:3', '+FLAGS', '(\\Flagged \\Answered Wichtig)'))
        a.sync()
        b.sync()
        before, laptop, desk = server_state(s), mirrored(a), mirrored(b)
        pop = s.pop3(ANNA)
        uidls = pop.uidl()[1]
        pop.quit()
        moment()  # one second lies in between
        with s.imap(ANNA) as c:
            ok(c.xatom('ID', '("name" "Handy")'))
            for name in ('Kunden/Weber', '"Kunden/M&APw-ller GmbH/2025"', '"Kunden/M&APw-ller GmbH"', 'Kunden'):
                ok(c.unsubscribe(name))
                ok(c.delete(name))
        b.sync()
        assert mirrored(b)['INBOX'] == desk['INBOX']

        # Thursday: mail has come in since, the laptop was off
        s.restart_at(None)
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
            home.sync()
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


if __name__ == '__main__':
    main([what_was_deleted_comes_back, a_whole_account_comes_back, an_event_is_taken_back, usage_of_restore,
          a_folder_thrown_into_the_trash_is_told, a_restore_is_told_by_what_is_above_it, what_was_thrown_away_comes_back_by_one_undo,
          some_messages_flags_and_moves_come_back, monday_and_thursday])
