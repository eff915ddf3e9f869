#!/usr/bin/env python3
"""The brake on mass deletion: who it tells, and what it suspends."""
import email
import email.policy
import imaplib
import re

from harness import ANNA, main, ok, until
from past import fill
from verbs import Online


def notes(w):
    """What the brake has told the account."""
    with w.server.imap(ANNA) as c:
        ok(c.select('INBOX', readonly=True))
        uids = ok(c.uid('SEARCH', 'HEADER', 'Auto-Submitted', 'auto-generated'))[0].split()
        return [email.message_from_bytes(ok(c.uid('FETCH', u, '(BODY.PEEK[])'))[0][1], policy=email.policy.default)
                for u in uids]


def mass_deletion_is_told():
    with Online() as w:
        w.server.account(ANNA)
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
        # Both commands work, in an account that is younger than the ten minutes, too.
        assert '\n-- ' not in text
        w.json(*commands[1].split()[1:], '--dry-run')
        done = w.json('undo', ANNA, [e for e in w.json('history', ANNA, '--losses')][-1]['id'])
        assert done['messages_same_uid'] == 200, done


def a_pop3_program_that_always_deletes_is_told_once():
    with Online() as w:
        w.server.account(ANNA)

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
        w.server.restart_at('+1h')
        assert collect(range(150, 300)) == 151
        assert collect(range(300, 301)) == 1
        assert notes(w) == [] and w.server.log().count('mass deletion') == 1


def a_suspended_password_opens_nothing():
    with Online() as w:
        s = w.server
        s.account(ANNA)
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


if __name__ == '__main__':
    main([mass_deletion_is_told, a_pop3_program_that_always_deletes_is_told_once, a_suspended_password_opens_nothing])
