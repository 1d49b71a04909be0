"""Run the product and look at it: what it said, what it cost."""
import json
import os
import subprocess
import time

env = os.environ
TMP = env["TMP"]


class Result:
    """One run that is over."""

    def __init__(self, verb, rc, seconds, cpu, peaks, events):
        self.verb, self.rc = verb, rc
        self.seconds = seconds
        self.cpu = cpu  # of the hub and its worker, seconds
        self.peaks = peaks  # MB by program
        self.events = events
        self.summary = next((e for e in reversed(events)
                             if e.get("type") == "summary"), {})

    def __getitem__(self, member):
        return self.summary[member]

    def __str__(self):
        return "%s: %.2f s, CPU %.2f s, hub %.1f MB, worker %.1f MB" % (
            self.verb, self.seconds, self.cpu, self.peaks.get("hub", 0),
            self.peaks.get("worker", 0))


def _peak(pid):
    """(program, most MB that it ever held), or None: it is gone, or is not
    one of ours yet."""
    try:
        with open("/proc/%s/status" % pid, encoding="utf-8") as f:
            fields = dict(line.split(":", 1) for line in f)
        name = fields["Name"].strip()
        peak = int(fields["VmHWM"].split()[0]) / 1024
    except (OSError, KeyError, ValueError):
        return None
    return {"sandferry": ("hub", peak),
            "sandferry-worke": ("worker", peak)}.get(name)


def children(pid):
    """A child is listed with the thread that started it."""
    try:
        for thread in os.listdir("/proc/%s/task" % pid):
            with open("/proc/%s/task/%s/children" % (pid, thread),
                      encoding="utf-8") as f:
                yield from f.read().split()
    except OSError:
        pass


def look(pid, peaks):
    for one in (pid, *children(pid)):
        name, peak = _peak(one) or ("", 0)
        if name:
            peaks[name] = max(peak, peaks.get(name, 0))


class Ferry:
    """A site, its site file, and who publishes it."""

    def __init__(self, state="state", **keys):
        self.ini = os.path.join(TMP, "endurance.ini")
        self.out = os.path.join(TMP, "told")
        self.ftp = env["URL"].startswith("ftp")
        self.env = dict(env, XDG_STATE_HOME=os.path.join(TMP, state))
        self.configure(**keys)

    def configure(self, **keys):
        with open(self.ini, "w", encoding="utf-8") as f:
            f.write("source = %s\nurl = %s\n" % (env["SITE"], env["URL"]))
            for key, value in keys.items():
                f.write("%s = %s\n" % (key.replace("_", "-"), value))

    def command(self, verb, *options):
        argv = [env["FERRY"], verb, *options, "-c", self.ini, "--json",
                "--no-input", "--fallback-known-hosts", "none",
                "--stall-timeout", "600"]
        if self.ftp:
            return argv + ["--plain-ftp", "--password-fd", "0", "--account",
                           env["URL"].rsplit("/", 1)[0]]
        return argv + ["--key", env["KEY"], "--hostkey", env["TRUST"]]

    def start(self, verb, *options):
        """The process; finish() waits for it."""
        said = os.path.join(TMP, "password") if self.ftp else os.devnull
        with open(self.out, "wb") as out, open(said, "rb") as password:
            return subprocess.Popen(self.command(verb, *options), stdout=out,
                                    stderr=subprocess.STDOUT, stdin=password,
                                    env=self.env)

    def finish(self, process, verb, every=0.005, watch=None):
        begin = time.monotonic()
        peaks, used = {}, None
        while used is None:
            look(process.pid, peaks)
            if watch is not None:
                watch(process)
            time.sleep(every)
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid == 0:
                used = None
        process.returncode = os.waitstatus_to_exitcode(status)
        return Result(verb, process.returncode, time.monotonic() - begin,
                      used.ru_utime + used.ru_stime, peaks, self.events())

    def events(self):
        events = []
        with open(self.out, encoding="utf-8", errors="replace") as f:
            for line in f:
                try:
                    events.append(json.loads(line))
                except ValueError:
                    events.append({"type": "text", "text": line.strip()})
        return events

    def run(self, verb, *options, **how):
        return self.finish(self.start(verb, *options),
                           " ".join((verb, *options)), **how)

    def expect(self, code, verb, *options, **counts):
        """Run it: so it must end, and so it must count."""
        result = self.run(verb, *options)
        if result.rc != code:
            raise SystemExit("%s: exit %d instead of %d: %s" % (
                result.verb, result.rc, code, result.events[-1:]))
        for member, value in counts.items():
            if result[member] != value:
                raise SystemExit("%s: %s is %s instead of %s" % (
                    result.verb, member, result[member], value))
        return result
