"""type.py SHELL SETUP FILE: a shell at a terminal, and somebody who types.

Each line of standard input is typed, then TAB is pressed; what the command line
is by then is printed.  SETUP are the shell's first commands, FILE (which must
not exist) is where it says so.
"""
import os
import pty
import select
import sys
import time

SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        """bind -x '"\\C-g": printf "%s\\n" "$READLINE_LINE" >>FILE'\n""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "told() { print -r -- $BUFFER >>FILE }; zle -N told\n"
        "bindkey '^G' told; bindkey '^U' kill-whole-line\n",
    ),
}
PATIENCE = 60

shell, setup, path = sys.argv[1:]
command, told = SHELLS[shell]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="vt100", PS1="$ ", COLUMNS="200", LC_ALL="C.UTF-8")
    os.execvp(command[0], command)
seen = b""


def until(done):
    """Read along, or the shell would wait for us."""
    global seen
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            sys.exit("no answer; seen: %r" % seen[-2000:])
        if select.select([terminal], [], [], 0.02)[0]:
            seen += os.read(terminal, 65536)


def lines():
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().split("\n")[:-1]
    except FileNotFoundError:
        return []


os.write(terminal, (setup + "\n" + told.replace("FILE", path)).encode())
os.write(terminal, b"echo rea''dy >" + path.encode() + b"\n")
until(lambda: lines() == ["ready"])
until(lambda: b"$ " in seen[seen.rfind(b"\n") :])
for number, text in enumerate(sys.stdin.read().splitlines(), start=2):
    os.write(terminal, b"\x15" + text.encode() + b"\t\x07")
    until(lambda: len(lines()) >= number)
os.write(terminal, b"\x15")
os.close(terminal)
print("\n".join(lines()[1:]))
