"""drive.py MODE[@MODE=N][:STEP]...: publish the update of site_before_after.py
again and again, each time ended at another point; STEP is how many points lie
between two.  For each one: every path whole, the order kept, and one more run
brings what is missing.

MODE is VICTIM-WHEN; to be killed right behind a call is to be killed before
the next one, unless something else comes in between:
  hub-before hub-after worker-before worker-after   kill -9 at a system call
  server-before server-after                        of the server's session
  cut-up cut-down                                   the stream, by bytes; of
                                                    FTP the control connection
  hub-EIO worker-ENOSPC ... hub-short               a system call that fails,
                                                    or does half; it goes on
  hub-alloc worker-alloc                            no memory, once
  hub-truncated worker-replaced ...                 files of the source change
VICTIM-WHEN+undo is the same of an undo of that update, not of the update.
Behind an @ is how and where a run before had been ended, which this one takes
up: N is a part of a thousand of its points.
After each OTHERth point another machine goes on, when the lock is stale.

The surroundings come from tests/sweep/run, by SWEEP_*.  For each mode it says
"PEER MODE: N kills, N whole, N converged".
"""
import json
import os
import queue
import random
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

import site_before_after as site
import site_releases

env = os.environ
TMP = env["SWEEP_TMP"]
SWEEP = env["SWEEP_TRACER"]
FERRY = env["FERRY"]
PEER = env["SWEEP_PEER"]  # sftp, vsftpd, peer, or releases, over SFTP
SFTP = PEER in ("sftp", "releases")
check = site_releases if PEER == "releases" else site
JOBS = int(env.get("SWEEP_JOBS", "2"))
LONG = 120  # seconds: it hangs
OTHER = 5
THIRD = 4  # after each so many a third run, which finds nothing to do
ENDS = 20000  # the first and last bytes of a stream: the lock, the commit
DENSE = 16  # so much denser are the points there
ERRORS = ("EIO", "ENOSPC", "EINTR", "EMFILE", "ENOMEM", "short")

STEP = int(env.get("SWEEP_STEP") or "1")
ONLY = int(env["SWEEP_POINT"]) if env.get("SWEEP_POINT") else None
LOG = env.get("SWEEP_LOG")
END = (time.monotonic() + float(env["SWEEP_SECONDS"])
       if env.get("SWEEP_SECONDS") else None)
BYTES = 4096  # of a stream are one point
PRECOMPRESS = ("--precompress", "gzip")
AGAIN = (*PRECOMPRESS, "--yes")  # who was undone half has much to remove


# What happens to TORN of the source: by which command, and what is there then.
TORN = ("media/film.bin", "pages/3.html")
CHANGES = {
    "truncated": ("truncate -s %(half)d %(file)s",
                  lambda old, new: old[:len(old) // 2]),
    "appended": ("cat %(new)s >>%(file)s", lambda old, new: old + new),
    "overwritten": ("dd if=%(new)s of=%(file)s conv=notrunc status=none bs=1M",
                    lambda old, new: new),
    "replaced": ("mv %(new)s %(file)s", lambda old, new: new),
    "removed": ("rm %(file)s", lambda old, new: None),
}
PROGRAMS = {"hub": "sandferry", "worker": "sandferry-worker"}


class Mode:
    def __init__(self, words):
        self.name, _, step = words.partition(":")
        this, _, first = self.name.partition("@")
        self.victim, self.when = this.split("+")[0].split("-")
        first, _, nth = first.partition("=")
        self.first = (Mode(first), int(nth)) if first else None
        self.first_nth = None  # counted from one, once that is known
        self.undo = this.endswith("+undo")
        self.want = site.OLD if self.undo else site.NEW
        self.changes = self.when in CHANGES
        self.fails = (self.when == "alloc" or self.when in ERRORS or
                      self.changes)
        self.step = int(step or STEP)

    def points(self, total):
        """All over; at both ends of a stream more of them."""
        if self.victim != "cut":
            return range(self.step, total + 1, self.step)
        step = self.step * BYTES
        dense = step // DENSE
        points = set(range(step, total + 1, step))
        points |= set(range(dense, min(ENDS, total), dense))
        points |= set(range(max(total - ENDS, dense), total, dense))
        return sorted(points)

    def traced(self, program, nth, tally, forks=False, command=None):
        return ([SWEEP] + (["-a"] if self.when == "after" else []) +
                (["-e", self.when] if self.when in ERRORS else []) +
                (["-r", command] if command else []) +
                (["-f"] if forks else []) + (["-v"] if ONLY == 0 else []) +
                [program, str(nth), tally.name])


class Tally:
    """What the tracer counts; several of them may share it."""

    def __init__(self, name):
        self.name = name
        self.clear()

    def clear(self):
        with open(self.name, "wb") as f:
            f.write(bytes(256))

    def read(self):
        with open(self.name, "rb") as f:
            data = f.read()
        return (struct.unpack_from("=Q", data)[0],
                data[8:].split(b"\0")[0].decode(errors="replace"))


class Memory:
    """The two programs as tests/faults/alloc.c has them, in a folder of their
    own: beside each is how many times it may ask for memory."""

    def __init__(self, directory):
        self.dir = os.path.join(directory, "bin")
        os.makedirs(self.dir)
        for name in PROGRAMS.values():
            shutil.copy(os.path.join(env["SWEEP_ALLOC"], name), self.dir)
        self.ferry = os.path.join(self.dir, PROGRAMS["hub"])

    def tally(self, victim):
        return os.path.join(self.dir, PROGRAMS[victim] + ".tally")

    def clear(self, victim, nth):
        for name in PROGRAMS:
            with open(self.tally(name), "wb") as f:
                f.write(struct.pack("=QQ", nth if name == victim else 0, 0) +
                        bytes(112))

    def read(self, victim):
        with open(self.tally(victim), "rb") as f:
            data = f.read()
        return (struct.unpack_from("=Q", data, 8)[0],
                data[16:].split(b"\0")[0].decode(errors="replace"))


class Source:
    """A source of one's own, of which a few files will change."""

    def __init__(self, directory, change):
        self.root = os.path.join(directory, "source")
        self.also, commands = {}, []
        command, then = CHANGES[change]
        site.copy(os.path.join(TMP, "new"), self.root)
        for path in TORN:
            old = site.NEW[path]
            new = site.noise("other " + path, len(old))
            name = os.path.join(directory, "other." + os.path.basename(path))
            with open(name, "wb") as f:
                f.write(new)
            os.chmod(name, 0o644)
            commands.append(command % {
                "file": os.path.join(self.root, path), "new": name,
                "half": len(old) // 2})
            self.also[path] = then(old, new)
            if path + ".gz" in site.NEW:
                self.also[path + ".gz"] = site.packed(self.also[path] or b"")
        self.command = " && ".join(commands)


class Cutter:
    """Hands bytes on in both directions, until one has had so many."""

    def __init__(self, limited, limit):
        self.counts = {"up": 0, "down": 0}
        self.limited, self.limit = limited, limit  # 0: none
        self.done = False
        self.lock = threading.Lock()

    def hand_on(self, way, a, b, both):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                with self.lock:
                    if self.limit > 0 and way == self.limited:
                        room = self.limit - self.counts[way]
                        self.done |= len(data) > room
                        data = data[:max(room, 0)]
                    self.counts[way] += len(data)
                b.sendall(data)
                if self.done:
                    for s in both:
                        s.shutdown(socket.SHUT_RDWR)
                    return
            b.shutdown(socket.SHUT_WR)
        except OSError:
            for s in both:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def run(self, client, server):
        both = (client, server)
        threads = [threading.Thread(target=self.hand_on, args=(*w, both))
                   for w in (("up", client, server), ("down", server, client))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for s in both:
            s.close()


def tcp_pair():
    listener = socket.create_server(("127.0.0.1", 0))
    a = socket.create_connection(listener.getsockname())
    b, _ = listener.accept()
    listener.close()
    return a, b


class Server:
    """A session of its own for each connection, as inetd would start it."""

    def __init__(self, directory, _):
        self.log = open(os.path.join(directory, "server.log"), "ab")
        self.prefix = []
        self.cutter = None
        self.threads = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            conn, _ = self.listener.accept()
            t = threading.Thread(target=self.serve, args=(conn,), daemon=True)
            t.start()
            self.threads.append(t)

    def serve(self, conn):
        cutter, far = self.cutter, None
        if cutter is not None:
            far, near = tcp_pair()
        else:
            near = conn
        child = subprocess.Popen(
            self.prefix + json.loads(env["SWEEP_SESSION"]), stdin=near,
            stdout=near, stderr=self.log,
            env={**env, **json.loads(env.get("SWEEP_SESSION_ENV", "{}"))})
        near.close()
        if cutter is not None:
            cutter.run(conn, far)
        child.wait()

    def settle(self):
        """Until all that was on its way has been done."""
        while self.threads:
            t = self.threads.pop()
            t.join(LONG)
            if t.is_alive():
                return False
        return True

    def close(self):
        self.listener.close()


class Peer:
    """The scripted FTP server: it runs on, and has sockets while it is busy."""

    def __init__(self, directory, root):
        rules = os.path.join(directory, "rules")
        with open(rules, "wb"):
            pass
        self.process = subprocess.Popen(
            [sys.executable, "tests/scenario/ftp_peer.py", root, rules,
             os.path.join(directory, "server.log")], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.prefix, self.cutter = [], None

    def sockets(self):
        n, base = 0, "/proc/%d/fd/" % self.process.pid
        for fd in os.listdir(base):
            try:
                n += os.readlink(base + fd).startswith("socket:")
            except OSError:
                pass
        return n

    def settle(self):
        end = time.monotonic() + LONG
        while self.sockets() > 1:  # the one that listens
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def close(self):
        self.process.kill()
        self.process.wait()


class Run:
    def __init__(self, rc, out, errors):
        self.rc, self.errors = rc, errors
        self.also = {}  # what files may be then, too; None: gone
        self.summaries = [json.loads(line) for line in out.splitlines()
                          if line.startswith('{"') and
                          '"type":"summary"' in line]
        self.summary = self.summaries[-1] if self.summaries else {}

    def __str__(self):
        return "exit %d, %s" % (self.rc, self.summary.get("text", self.errors))


class Slot:
    """A server, a home and a site's root; one run at a time."""

    def __init__(self, number):
        self.dir = os.path.join(TMP, "slot%d" % number)
        self.home = os.path.join(self.dir, "home")
        os.makedirs(self.home)
        # what the server's account may write, and the site's place in it
        self.far = os.path.join(env["SWEEP_ROOT"], "slot%d" % number)
        self.server = (Peer if PEER == "peer" else Server)(self.dir, self.far)
        self.live = os.path.join(self.far, "www")
        self.tally = Tally(os.path.join(self.dir, "tally"))
        os.makedirs(self.live)
        for name in ("beside.txt", "www/" + site.STRANGER):
            with open(os.path.join(self.far, name), "wb") as f:
                f.write(b"theirs\n")
        for name in (self.far, self.live):
            os.chown(name, int(env["SWEEP_UID"]), int(env["SWEEP_UID"]))
        self.url = env["SWEEP_URL"].replace("PORT", str(self.server.port))
        self.url = self.url.replace("SLOT", "slot%d" % number)
        if SFTP:
            self.ferry("host", "trust", "--url", self.url, "--hostkey",
                       env["SWEEP_HOSTKEY"])
        first = self.publish("old")
        if first.rc != 0:
            sys.exit("the first publish: %s" % first)
        self.server.settle()
        self.outside = self.look_outside()
        self.save("0")
        self.memory = None  # for who wants none

    def save(self, which):
        for name in ("far", "home"):
            site.copy(getattr(self, name),
                      os.path.join(self.dir, name + which))

    def restore(self, mode):
        which = "1" if mode.undo else "0"
        if not os.path.exists(os.path.join(self.dir, "far" + which)):
            self.load("0")
            run = self.publish("new")
            if run.rc != 0:
                sys.exit("the publish that is to be undone: %s" % run)
            self.server.settle()
            self.save(which)
        self.load(which)
        if not mode.first:
            return
        first, part = mode.first
        if mode.first_nth is None:
            _, total, _ = self.ended_at(first, 0)
            mode.first_nth = max(total * part // 1000, 1)
            self.load(which)
        self.ended_at(first, mode.first_nth)

    def load(self, which):
        for name in ("far", "home"):
            site.copy(os.path.join(self.dir, name + which),
                      getattr(self, name))

    def be_another(self):
        """A machine that was never here, after a while."""
        shutil.rmtree(os.path.join(self.home, ".local", "state"))
        lock = os.path.join(self.live, site.OURS, "lock")
        then = time.time() - 11 * 60
        for name in (os.path.join(lock, "owner"), lock):
            try:
                os.utime(name, (then, then))
            except OSError:
                pass

    def look_outside(self):
        """All of the account that is not the site's."""
        found = []
        for top, dirs, names in os.walk(self.far):
            if top == self.far:
                dirs.remove("www")
            for name in dirs + names:
                s = os.lstat(os.path.join(top, name))
                found.append((top, name, s.st_size, s.st_mode, s.st_mtime_ns))
        return sorted(found)

    def ferry(self, *arguments, prefix=(), program=FERRY, home=None):
        password = os.open(os.path.join(TMP, "password"), os.O_RDONLY)
        command = [*prefix, program, *arguments, "--fallback-known-hosts",
                   "none", "--no-input"]
        if arguments[0] in ("publish", "undo") and not SFTP:
            command += ["--plain-ftp", "--password-fd", str(password)]
        if arguments[0] in ("publish", "undo") and PEER == "releases":
            command += ["--layout", "releases"]
        try:
            p = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, timeout=LONG, pass_fds=[password],
                env={**env, "HOME": home or self.home}, check=False)
            return Run(p.returncode, p.stdout.decode(errors="replace"),
                       p.stderr.decode(errors="replace"))
        except subprocess.TimeoutExpired:
            return Run(-1, "", "it hangs")
        finally:
            os.close(password)

    def publish(self, source="new", more=PRECOMPRESS, **how):
        return self.ferry("publish", "--source",
                          os.path.join(TMP, source),  # or it is absolute
                          "--url", self.url, "--json", *more, *self.key(),
                          **how)

    def key(self):
        return ["--key", env["SWEEP_KEY"]] if SFTP else []

    def act(self, mode, **how):
        if not mode.undo:
            return self.publish(**how)
        return self.ferry("undo", "--source", os.path.join(TMP, "old"),
                          "--url", self.url, "--json", *self.key(), **how)

    def ended_at(self, mode, nth):
        """The update, ended there; of how many; what ended it, or ""."""
        prefix, server, source = [], self.server, None
        self.tally.clear()
        if mode.when == "alloc":
            self.memory = self.memory or Memory(self.dir)
            self.memory.clear(mode.victim, nth)
            run = self.act(mode, program=self.memory.ferry)
            server.settle()
            return run, *self.memory.read(mode.victim)
        if mode.victim == "cut":
            server.cutter = Cutter(mode.when, nth)
        elif mode.victim == "server":
            program, forks = json.loads(env["SWEEP_SERVER"])
            server.prefix = mode.traced(program, nth, self.tally, forks)
        else:
            if mode.changes:
                source = Source(self.dir, mode.when)
            prefix = mode.traced(PROGRAMS[mode.victim], nth, self.tally,
                                 command=source and source.command)
        if source is not None:
            run = self.publish(source.root, prefix=prefix)
            run.also = source.also
        else:
            run = self.act(mode, prefix=prefix)
        settled = server.settle()
        count, ended = self.tally.read()
        if mode.victim == "cut":
            count = server.cutter.counts[mode.when]
            ended = "behind that byte" if server.cutter.done else ""
        server.prefix, server.cutter = [], None
        if not settled:
            run.errors += "; the server goes on"
            run.rc = -2
        return run, count, ended


def has_no_words(run, ended):
    """Whom the loader could not start, or who could not write, has none."""
    if "while loading shared" in run.errors or " write pipe:" in ended:
        return False
    return len(run.summaries) != 1 or not run.summary["text"]


def wrong_with_end(mode, run, ended, slot):
    """The run that was ended must say so, or have come to its end."""
    if run.rc < 0 or "Sanitizer" in run.errors:
        yield "%s: %s" % (run, run.errors[:2000])
    elif mode.victim == "hub" and ended and not mode.fails:
        if run.rc != 137:
            yield "killed, and yet: %s" % run
    elif run.rc == 0:
        for text in check.what_is_wrong_after(slot.live, False, mode.want,
                                              run.also):
            if not text.startswith("left behind"):
                yield "exit 0, but: %s" % text
    elif run.rc > 128 or has_no_words(run, ended):
        yield "no words: %s" % run


def wrong_midway(mode, run, slot):
    yield from check.what_is_wrong_midway(slot.live, mode.want, run.also,
                                         SFTP)
    if slot.look_outside() != slot.outside:
        yield "something outside was touched"


def wrong_with_next(mode, slot, nth, committing, seen):
    other = nth % OTHER == 0
    if other:
        slot.be_another()
    run = slot.publish("old" if mode.undo else "new", AGAIN)
    if run.rc != 0:
        yield "the next run: %s" % run
        return
    if committing and not mode.undo and run.summary["sent"] != 0:
        yield "sent again although it was staged: %d" % run.summary["sent"]
    slot.server.settle()
    idle = other and run.summary["sent"] + run.summary["removed"] == 0
    must_keep = SFTP and not mode.undo and not mode.changes
    for text in check.what_is_wrong_after(slot.live, must_keep, mode.want,
                                         seen=seen):
        # whoever has nothing to do leaves others' alone
        if not idle or text != "left behind: lock":
            yield text
    if slot.look_outside() != slot.outside:
        yield "something outside was touched"
    if nth % THIRD != 0:
        return
    run = slot.publish("old" if mode.undo else "new", AGAIN)
    slot.server.settle()
    for what in ("added", "changed", "removed", "sent"):
        if run.rc != 0 or run.summary[what] != 0:
            yield "there is more to do: %s, %s" % (what, run)


class Sweep:
    """One mode."""

    def __init__(self, mode, slot):
        self.mode = mode
        self.kills = self.whole = self.converged = self.failed = 0
        self.lock = threading.Lock()
        self.points = self.choose(slot)
        self.tried = self.before() & set(self.points)

    def before(self):
        """Those that an earlier sweep has tried, according to SWEEP_LOG."""
        tried = set()
        for line in read_lines(LOG):
            peer, mode, nth, *result = line.split()
            if (peer, mode) == (PEER, self.mode.name):
                tried.add(int(nth))
                self.count(*(word == "yes" for word in result))
        return tried

    def count(self, ended, whole, converged):
        self.kills += ended
        self.whole += ended and whole
        self.converged += ended and converged
        self.failed += not (whole and converged)

    def note(self, nth, *result):
        """With the lock held."""
        self.tried.add(nth)
        self.count(*result)
        if LOG:
            with open(LOG, "a", encoding="utf-8") as f:
                print(PEER, self.mode.name, nth,
                      *("yes" if good else "no" for good in result), file=f)

    def tell(self, nth, ended, wrong):
        if self.failed > 40:
            return
        print("%s %d (%s):" % (self.mode.name, nth, ended or "not killed"))
        for text in wrong[:6]:
            print("   ", text)
        sys.stdout.flush()

    def try_one(self, slot, nth):
        slot.restore(self.mode)
        run, _, ended = slot.ended_at(self.mode, nth)
        if ONLY is not None:
            print(run, run.errors, sep="\n")
        bad_end = list(wrong_with_end(self.mode, run, ended, slot))
        bad_end += wrong_midway(self.mode, run, slot)
        committing = site.is_committing(slot.live)
        bad_next = list(wrong_with_next(
            self.mode, slot, nth, committing,
            [data for data in run.also.values() if data is not None]))
        with self.lock:
            self.note(nth, ended != "", not bad_end, not bad_next)
            if bad_end or bad_next:
                self.tell(nth, ended + (", staged" if committing else ""),
                          bad_end + bad_next)

    def choose(self, slot):
        """In an order that has tried some of everything soon."""
        if ONLY is not None:
            return [ONLY]
        slot.restore(self.mode)
        run, total, _ = slot.ended_at(self.mode, 0)
        if run.rc != 0:
            sys.exit("nobody ended it: %s" % run)
        points = list(self.mode.points(total))
        random.Random(self.mode.name).shuffle(points)
        return points

    def tell_all(self):
        missing = len(set(self.points) - self.tried)
        print("%s %s: %d %s, %d whole, %d converged%s" % (
            PEER, self.mode.name, self.kills,
            "faults" if self.mode.fails else "kills", self.whole,
            self.converged,
            ", %d points not tried" % missing if missing else ""))
        sys.stdout.flush()
        return self.failed == 0 and (self.kills > 0 or ONLY == 0)


def read_lines(name):
    try:
        with open(name or os.devnull, encoding="utf-8") as f:
            return f.readlines()
    except FileNotFoundError:
        return []


def mix(sweeps):
    """The points of all modes, such that each mode is done in part early."""
    points = []
    for sweep in sweeps:
        for i, nth in enumerate(sweep.points):
            if nth not in sweep.tried:
                points.append((i / len(sweep.points), sweep, nth))
    found = queue.SimpleQueue()
    for _, sweep, nth in sorted(points, key=lambda point: point[0]):
        found.put((sweep, nth))
    return found


def work(slot, points):
    while END is None or time.monotonic() < END:
        try:
            sweep, nth = points.get_nowait()
        except queue.Empty:
            return
        try:
            sweep.try_one(slot, nth)
        except (OSError, KeyError) as e:
            with sweep.lock:
                sweep.failed += 1
                sweep.tell(nth, "", ["the sweep itself: %r" % e])


def make_slots(count):
    for name, tree in zip(("old", "new"), site.SOURCES):
        site.write(tree, os.path.join(TMP, name))
    return [Slot(i) for i in range(count)]


def main():
    slots = make_slots(1 if ONLY is not None else JOBS)
    sweeps = [Sweep(Mode(words), slots[0]) for words in sys.argv[1:]]
    points = mix(sweeps)
    threads = [threading.Thread(target=work, args=(slot, points))
               for slot in slots]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    good = [sweep.tell_all() for sweep in sweeps]
    for slot in slots:
        slot.server.close()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
