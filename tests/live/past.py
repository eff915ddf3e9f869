"""Mail with a past, and how it was at a time: for the tests of history, restore and the brake."""
import email.message
import email.utils
import tempfile
import time

from harness import ANNA


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


def next_second():
    """Returns when the wall clock has begun another second: times are told to the second."""
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.02)


def moment():
    """A time that lies between what was and what comes, in words of the command line."""
    next_second()
    t = int(time.time())
    next_second()
    return f'@{t}'


def folders(w, *args):
    return {f['name']: f for f in w.json(*args)}


def state(w, folder, at='now'):
    """What stood in a folder: UIDs, messages, flags."""
    return [(m['uid'], m['emailid'], m['flags']) for m in w.json('show', ANNA, '--at', at, folder)]
