# filter.py KIND: a seccomp filter for bwrap --seccomp, on standard output.
#
#   no-walls  a kernel without seccomp(2) and Landlock: ENOSYS
#   flatpak   calls that Flatpak refuses its apps: EPERM
import platform
import struct
import sys

NUMBERS = {
    'x86_64': (0xc000003e, {
        'seccomp': 317, 'add_key': 248, 'keyctl': 250, 'request_key': 249,
        'ptrace': 101, 'perf_event_open': 298, 'mount': 165, 'umount2': 166,
        'unshare': 272, 'setns': 308, 'pivot_root': 155, 'chroot': 161,
        'quotactl': 179, 'syslog': 103, 'acct': 163, 'move_pages': 279,
        'mbind': 237, 'get_mempolicy': 239, 'set_mempolicy': 238,
        'migrate_pages': 256, 'personality': 135}),
    'aarch64': (0xc00000b7, {
        'seccomp': 277, 'add_key': 217, 'keyctl': 219, 'request_key': 218,
        'ptrace': 117, 'perf_event_open': 241, 'mount': 40, 'umount2': 39,
        'unshare': 97, 'setns': 268, 'pivot_root': 41, 'chroot': 51,
        'quotactl': 60, 'syslog': 116, 'acct': 89, 'move_pages': 239,
        'mbind': 235, 'get_mempolicy': 236, 'set_mempolicy': 237,
        'migrate_pages': 238, 'personality': 92}),
}
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000
EPERM, ENOSYS = 1, 38

arch, numbers = NUMBERS.get(platform.machine(), (0, {}))
if not arch:
    sys.exit('no filter for ' + platform.machine())
if sys.argv[1] == 'no-walls':
    refused, answer = [numbers['seccomp'], 444, 445, 446], ERRNO | ENOSYS
else:
    refused = sorted(n for c, n in numbers.items() if c != 'seccomp')
    answer = ERRNO | EPERM
code = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, arch), (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, 0)]
for i, number in enumerate(refused):
    code.append((EQUAL, len(refused) - i, 0, number))
code += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, answer)]
for c in code:
    sys.stdout.buffer.write(struct.pack('=HBBI', *c))
