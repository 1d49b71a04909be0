"""One file of 8 GiB that is mostly a hole: interrupted beyond 4 GiB and gone on
with, the same at the far end, and a hole there, too."""
import os
import random
import signal
import subprocess
import time

from ferry import Ferry, env

SITE, LIVE = env["SITE"], env["LIVE"]
GIB, MIB = 1 << 30, 1 << 20
HUB_MB, WORKER_MB = 16, 24
ROOM = 128  # that part of the hole is written all the same


def make(path, gib):
    """Some data at the ends, across each GiB, and at odd places."""
    rng = random.Random(gib)
    size = gib * GIB
    with open(path, "wb") as f:
        f.truncate(size)
        places = [0, size - MIB, *(i * GIB - 12345 for i in range(1, gib))]
        for place in places + [rng.randrange(size - MIB) for _ in range(16)]:
            f.seek(place)
            f.write(rng.randbytes(MIB))
    return size


def told(result):
    print("  %s, %d bytes sent" % (result, result["bytes_sent"]), flush=True)
    for name, most in (("hub", HUB_MB), ("worker", WORKER_MB)):
        if result.peaks.get(name, 0) > most:
            raise SystemExit("the %s held more than %d MB" % (name, most))
    return result


def same(path):
    subprocess.run(["cmp", os.path.join(SITE, path),
                    os.path.join(LIVE, path)], check=True)


def staged():
    """Bytes of the largest file that is on its way."""
    folder = os.path.join(LIVE, ".sandferry/stage")
    try:
        return max((os.path.getsize(os.path.join(folder, name))
                    for name in os.listdir(folder)), default=0)
    except OSError:
        return 0


def taken(root, path):
    return os.stat(os.path.join(root, path)).st_blocks * 512


def interrupted(ferry, there):
    """Killed when so much of the file is there."""
    def watch(process):
        if staged() > there:
            process.send_signal(signal.SIGKILL)
    result = ferry.finish(ferry.start("publish"), "publish, killed",
                          watch=watch)
    if result.rc != -signal.SIGKILL:
        raise SystemExit("it was over before: exit %d" % result.rc)
    return staged()


def other(path):
    """What OpenSSH's own client takes for the same file."""
    batch = "put %s %s\n" % (os.path.join(SITE, path), env["TMP"] + "/other")
    begin = time.monotonic()
    subprocess.run(env["SFTP"].split(), input=batch.encode(), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - begin
    os.unlink(env["TMP"] + "/other")
    print("  sftp: %.1f s" % seconds, flush=True)


def run(gib):
    size = make(os.path.join(SITE, "disk.img"), gib)
    data = taken(SITE, "disk.img")
    print("%d GiB, %d MiB of it data:" % (gib, data / MIB), flush=True)
    with open(os.path.join(SITE, "index.html"), "wb") as f:
        f.write(b"<h1>Here it is</h1>\n")
    ferry = Ferry("large", keep_bytes="%dG" % (2 * gib))
    there = interrupted(ferry, size * 9 / 16)
    result = told(ferry.expect(0, "publish"))
    if result["bytes_sent"] > size - there + 64 * MIB:
        raise SystemExit("%d bytes were there" % there)
    same("disk.img")
    if not ferry.ftp and taken(LIVE, "disk.img") > data + size / ROOM:
        raise SystemExit("it takes %d bytes" % taken(LIVE, "disk.img"))
    told(ferry.expect(0, "publish", sent=0))
    with open(os.path.join(SITE, "disk.img"), "r+b") as f:
        f.seek(size * 3 // 4 + 5)
        f.write(b"changed")
    result = told(ferry.expect(0, "publish", sent=1))
    same("disk.img")
    if result["bytes_planned"] != size:
        raise SystemExit("%d bytes planned" % result["bytes_planned"])
    if not ferry.ftp:
        other("disk.img")
        told(ferry.expect(0, "undo", bytes_sent=0))
    told(ferry.expect(0, "verify", "--content", "--exit-code"))
