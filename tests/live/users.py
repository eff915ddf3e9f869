"""The three users of SECURITY.md where this machine has none: seen by what is started with them, and by nobody else."""
import os
import pathlib
import re
import subprocess

from harness import Skip, roles

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
