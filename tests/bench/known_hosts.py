#!/usr/bin/env python3
"""100,000 hashed known_hosts lines: `host show` beside `ssh-keygen -F`.

Both say whether a host is in the file.  We do so on port 22 and on another one,
where the plain name is looked up too, and read every key on the way.  User time
counts; that of a run with an empty file (the connection) is taken off ours.
The median of the ratios of the pairs is printed; nothing here judges it.

Needs root, for a network of its own where port 22 is free, sshd, ssh-keygen.

  BIN=out/release    the program
  BENCH_LINES=100000
  BENCH_ROUNDS=7
"""

import base64
import hashlib
import hmac
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

PORTS = (22, 2222)


def _string(data):
    return len(data).to_bytes(4, "big") + data


def _line(dice, number):
    salt = dice.randbytes(20)
    name = b"host%d.example" % number
    text = [base64.b64encode(part).decode()
            for part in (salt, hmac.digest(salt, name, hashlib.sha1),
                         _string(b"ssh-ed25519") + _string(dice.randbytes(32)))]
    return "|1|{}|{} ssh-ed25519 {}\n".format(*text)


def _user_time(argv):
    with open(os.devnull, "r+b") as null:
        child = subprocess.Popen(argv, stdin=null, stdout=null, stderr=null)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime


def _serve(folder, port):
    server = subprocess.Popen(
        ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", str(port),
         "-h", f"{folder}/key", "-o", "UsePAM=no", "-o", "PidFile=none"],
        stderr=subprocess.PIPE, text=True)
    for line in server.stderr:  # until it listens
        if "listening" in line:
            return server
    sys.exit("sshd does not start")


def _ours(folder, port, file):
    return [os.path.join(os.environ.get("BIN", "out/release"), "sandferry"),
            "host", "show", "--no-input", "--known-hosts", f"{folder}/{file}",
            "--fallback-known-hosts", "none",
            "--url", f"sftp://nobody@127.0.0.1:{port}/"]


def _measure(folder, port, rounds):
    ratios = []
    for _ in range(rounds):
        theirs = _user_time(["ssh-keygen", "-F", "127.0.0.1",
                             "-f", f"{folder}/many"])
        ours = _user_time(_ours(folder, port, "many"))
        nothing = _user_time(_ours(folder, port, "none"))
        ratios.append((ours - nothing) / theirs)
        print(f"port {port}: {ours - nothing:.3f} s, ssh-keygen {theirs:.3f} s",
              flush=True)
    print(f"port {port}: {median(ratios):.2f} times ssh-keygen -F")


def main():
    if "--here" not in sys.argv:
        os.execvp("unshare", ["unshare", "-n", sys.executable, __file__,
                              "--here"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        dice = random.Random(1)
        lines = int(os.environ.get("BENCH_LINES", 100000))
        with open(f"{folder}/many", "w") as file:
            file.writelines(_line(dice, n) for n in range(lines))
        Path(f"{folder}/none").touch()
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                        "-f", f"{folder}/key"], check=True)
        for port in PORTS:
            server = _serve(folder, port)
            try:
                _measure(folder, port, int(os.environ.get("BENCH_ROUNDS", 7)))
            finally:
                server.terminate()
                server.wait()


main()
