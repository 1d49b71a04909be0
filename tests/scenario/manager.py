"""manager.py SOCKET PROGRAM...: run it as systemd would run a service: standard
error is a stream that JOURNAL_STREAM names, SOCKET (@NAME: an abstract one)
takes its status.  Prints "journal LINE" and "status LINE"; exits as it does."""
import os
import socket
import subprocess
import sys
import threading

name, program = sys.argv[1], sys.argv[2:]
status = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
status.bind("\0" + name[1:] if name[0] == "@" else name)
ours, theirs = socket.socketpair()
which = os.fstat(theirs.fileno())
inode = which.st_ino + (os.environ.get("STRANGE") is not None)
env = dict(os.environ, NOTIFY_SOCKET=name,
           JOURNAL_STREAM="%d:%d" % (which.st_dev, inode))
lines = []


def listen():
    while True:
        told = status.recv(65536).decode()
        if told == "END":
            return
        lines.append("status " + told)


listener = threading.Thread(target=listen)
listener.start()
process = subprocess.Popen(program, env=env, stderr=theirs,
                           stdin=subprocess.DEVNULL)
theirs.close()
said = b""
while some := ours.recv(65536):
    said += some
rc = process.wait()
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.sendto(b"END", status.getsockname())
listener.join()
for line in said.decode().splitlines():
    print("journal " + line)
print("\n".join(lines))
sys.exit(rc)
