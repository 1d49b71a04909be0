# filter.py KIND: a seccomp filter for bwrap --seccomp, on standard output.
#
#   no-walls   a kernel without seccomp(2) and Landlock: ENOSYS
#   flatpak    calls that Flatpak refuses its apps: EPERM
#   unit FILE  all but what this unit's SystemCallFilter= lets through: EPERM
import errno
import platform
import re
import struct
import subprocess
import sys

ARCHITECTURES = {'x86_64': 0xc000003e, 'aarch64': 0xc00000b7}
FLATPAK = '''syslog uselib acct quotactl add_key keyctl request_key move_pages
    mbind get_mempolicy set_mempolicy migrate_pages unshare setns mount umount
    umount2 pivot_root chroot ptrace perf_event_open personality'''.split()
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True, stdin=subprocess.DEVNULL).stdout


def numbers():
    macros = output('cc', '-dM', '-E', '-include', 'asm/unistd.h', '-x', 'c',
                    '/dev/null')
    return {name: int(number) for name, number in
            re.findall(r'#define __NR_(\w+) (\d+)', macros)}


# Sets of systemd hold names and other sets.
def expand(name):
    if name[0] != '@':
        return {name}
    lines = output('systemd-analyze', 'syscall-filter', name).split('\n')[1:]
    words = [w.strip() for w in lines if w.strip() and '#' not in w]
    return set().union(*(expand(w) for w in words))


def calls_of_unit(path):
    values = re.findall(r'^SystemCallFilter=(.*)$', open(path).read(), re.M)
    return set().union(*(expand(w) for v in values for w in v.split()))


known = numbers()
arch = ARCHITECTURES.get(platform.machine())
if arch is None:
    sys.exit('no filter for ' + platform.machine())
if sys.argv[1] == 'unit':
    named, answer, otherwise = calls_of_unit(sys.argv[2]), ALLOW, \
        ERRNO | errno.EPERM
elif sys.argv[1] == 'flatpak':
    named, answer, otherwise = FLATPAK, ERRNO | errno.EPERM, ALLOW
else:
    named, answer, otherwise = ['seccomp', 'landlock_create_ruleset',
        'landlock_add_rule', 'landlock_restrict_self'], \
        ERRNO | errno.ENOSYS, ALLOW
# Debian 12's headers may be older than the kernel, never its numbers.
known.update(landlock_create_ruleset=444, landlock_add_rule=445,
             landlock_restrict_self=446)
code = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, arch), (RETURN, 0, 0, otherwise),
        (LOAD, 0, 0, 0)]
for number in sorted(known[name] for name in named if name in known):
    code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, answer)]
code.append((RETURN, 0, 0, otherwise))
for c in code:
    sys.stdout.buffer.write(struct.pack('=HBBI', *c))
