"""A site for years: each night one file in a hundred changes, names with it;
some nights end in the middle.  Nothing grows, on either side.

Where libfaketime is installed, each run sees a clock that is a day later than
that of the night before, and what left the source stays for days.  The server
keeps the clock of this machine, for the kernel writes its times."""
import os
import random
import shutil
import signal
import subprocess

import docs
from clock import Clock
from ferry import Ferry, children, env

SITE, LIVE = env["SITE"], env["LIVE"]
SIDE = os.path.join(LIVE, ".sandferry")
FILES, KEEP, GRACE = 300, 3, 2
LONG = {"look": 100, "kill": 11, "undo": 31, "other": 59, "thin": 47}
SHORT = {"look": 7, "kill": 4, "undo": 6, "other": 5, "thin": 3}
HUB_MB, WORKER_MB = 16, 20
LEDGER = 160 * 1024  # bytes: twice what is live, and what one may not compact
STATE = 300 * 1024  # with what a killed write left within the minute


def size(folder):
    return sum(os.path.getsize(os.path.join(at, name))
               for at, _, names in os.walk(folder) for name in names)


class Nights:
    def __init__(self, nights):
        self.nights = nights
        # each so many nights
        self.each = LONG if nights > LONG["look"] else SHORT
        self.rng = random.Random(nights)
        self.files = docs.make(SITE, FILES)
        keys = {"keep": KEEP, "grace": "%d publishes" % GRACE}
        self.clock = Clock()
        if self.clock.is_fake:
            keys["grace"] = "%d days" % GRACE
        self.machines = [Ferry("one", **keys), Ferry("two", **keys)]
        for ferry in self.machines:
            self.clock.give(ferry.env)
        self.assets = []
        self.peaks, self.kept = {}, 0
        self.killed = self.undone = 0

    def is_time(self, night, what):
        return night % self.each[what] == 0

    def build(self, night):
        """What the generator of the site makes of one day."""
        for path in self.rng.sample(self.files, max(1, FILES // 100)):
            docs.change(SITE, path, "night %d" % night)
        name = "js/app.%06x.js" % self.rng.getrandbits(24)
        docs.put(SITE, name, b"// %d\n" % night * 500)
        self.assets.append(name)
        if len(self.assets) > 2:
            os.unlink(os.path.join(SITE, self.assets.pop(0)))
        if self.is_time(night, "thin"):
            shutil.rmtree(os.path.join(SITE, "extra"), ignore_errors=True)
            for i in range(night // self.each["thin"] % 12):
                docs.put(SITE, "extra/%d.html" % i, b"night %d\n" % night)

    def end(self, process, ferry):
        """Kill the hub or its worker, at any moment."""
        moment = self.rng.uniform(.02, .35)

        def watch(process):
            nonlocal moment
            moment -= .005
            if moment > 0:
                return
            victims = [process.pid]
            if self.rng.random() < .5:
                victims = [int(pid) for pid in children(process.pid)]
            for pid in victims:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            moment = 1e9
        return ferry.finish(process, "publish", watch=watch)

    def publish(self, night):
        ferry = self.machines[self.is_time(night, "other")]
        if self.is_time(night, "kill"):
            result = self.end(ferry.start("publish", "--yes"), ferry)
            self.killed += result.rc != 0
            if result.rc not in (-signal.SIGKILL, 0, 21, 51, 60):
                raise SystemExit("killed, and exit %d: %s" % (
                    result.rc, result.events[-1:]))
        result = ferry.run("publish", "--yes", every=.02)
        if result.rc == 33:
            # by the other machine: its lock is young, for this one
            self.machines.reverse()
            ferry = self.machines[0]
            result = ferry.run("publish", "--yes", every=.02)
            self.machines.reverse()
        if result.rc != 0:
            raise SystemExit("night %d: exit %d: %s" % (
                night, result.rc, result.events[-1:]))
        for name, peak in result.peaks.items():
            self.peaks[name] = max(peak, self.peaks.get(name, 0))
        return ferry

    def undo(self, ferry):
        before = self.tree()
        ferry.expect(0, "undo", bytes_sent=0)
        if self.tree() == before:
            raise SystemExit("the undo did nothing")
        ferry.expect(0, "undo", bytes_sent=0)
        if self.tree() != before:
            raise SystemExit("what was undone twice is not as it was")
        self.undone += 1

    def tree(self):
        return subprocess.check_output(
            "find . -name .sandferry -prune -o -type f -print0 | "
            "LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum",
            shell=True, cwd=LIVE)

    def bounded(self, night):
        """All that could grow."""
        ledger = os.path.getsize(os.path.join(SIDE, "ledger"))
        kept = os.listdir(os.path.join(SIDE, "kept"))
        state = size(os.path.join(env["TMP"], "one"))
        left = os.listdir(os.path.join(SIDE, "stage"))
        self.kept = max(self.kept, len(kept))
        if ledger > LEDGER:
            raise SystemExit("the ledger has %d bytes" % ledger)
        if len(kept) > KEEP * (FILES // 100 + 20):
            raise SystemExit("%d versions are kept" % len(kept))
        if left or os.path.exists(os.path.join(SIDE, "lock")):
            raise SystemExit("left behind: %s" % (left or "a lock"))
        if state > STATE:
            raise SystemExit("%d bytes of state" % state)
        return ledger, len(kept), state

    def look(self, night, ferry):
        ferry.expect(0, "verify", "--content", "--exit-code")
        ferry.expect(0, "status", "--exit-code")
        told = subprocess.run(
            ["diff", "-rq", "-x", ".sandferry", SITE, LIVE],
            stdout=subprocess.PIPE, text=True, check=False).stdout
        strange = [line for line in told.splitlines()
                   if not line.startswith("Only in " + LIVE)]
        if strange or told.count("\n") > 3 * GRACE + 15:
            raise SystemExit("night %d: the trees differ: %s" % (night, told))
        print("  night %4d: ledger %d bytes, %d kept, state %d bytes; "
              "at most hub %.1f MB, worker %.1f MB" % (
                  night, *self.bounded(night), self.peaks["hub"],
                  self.peaks["worker"]), flush=True)
        if self.peaks["hub"] > HUB_MB or self.peaks["worker"] > WORKER_MB:
            raise SystemExit("that is too much memory")

    def run(self):
        self.machines[0].expect(0, "publish", sent=len(self.files))
        for night in range(1, self.nights + 1):
            for ferry in self.machines:
                self.clock.set(ferry.env, night)
            self.build(night)
            ferry = self.publish(night)
            self.bounded(night)
            if self.is_time(night, "undo"):
                self.undo(ferry)
            if self.is_time(night, "look") or night == self.nights:
                self.look(night, ferry)
        self.clock.expect(os.path.join(SIDE, "ledger"), self.nights)
        print("  %d nights, %d killed, %d undone and done again, at most "
              "%d kept" % (self.nights, self.killed, self.undone, self.kept))


def run(nights):
    Nights(nights).run()
