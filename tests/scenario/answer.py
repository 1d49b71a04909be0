"""answer.py TRANSCRIPT [QUESTION ANSWER]... -- PROGRAM...: run it in a terminal
of its own and type each answer when its question has come; then hang up."""
import os
import pty
import sys

end = sys.argv.index("--")
dialogue = sys.argv[2:end]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])
said = b""
with open(sys.argv[1], "wb", buffering=0) as transcript:
    while True:
        try:
            some = os.read(terminal, 4096)
        except OSError:
            break  # the program has ended
        if not some:
            break
        transcript.write(some)
        said += some
        if dialogue and dialogue[0].encode() in said:
            said = b""
            if len(dialogue) == 1:
                break  # nothing more is to be answered
            os.write(terminal, dialogue[1].encode() + b"\n")
            dialogue = dialogue[2:]
os.close(terminal)
os.waitpid(pid, 0)
sys.exit(len(dialogue) > 1)
