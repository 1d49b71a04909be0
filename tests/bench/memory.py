"""The most memory that the hub and its worker ever held."""

import os
import shutil
import subprocess
import time

import corpus
from peers import ours


def _peak(pid):
    """(name, most resident MB) of a process, or None when it is gone."""
    try:
        with open(f"/proc/{pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file)
        return fields["Name"].strip(), int(fields["VmHWM"].split()[0]) / 1024
    except (OSError, KeyError, ValueError):
        return None


def _children(pid):
    """A child is listed with the thread that started it."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                yield from file.read().split()
    except OSError:
        pass


def _watch(argv, env):
    """Run it; (exit status, seconds, {program: MB})."""
    begin = time.monotonic()
    child = subprocess.Popen(
        argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    peaks = {}
    while child.poll() is None:
        for pid in (child.pid, *_children(child.pid)):
            name, peak = _peak(pid) or ("", 0)
            if name.startswith("sandferry"):
                name = "worker" if "-" in name else "hub"
                peaks[name] = max(peak, peaks.get(name, 0))
        time.sleep(0.005)
    return child.returncode, time.monotonic() - begin, peaks


def _find_seconds(folder):
    begin = time.monotonic()
    subprocess.run(["find", folder, "-printf", "%p %s %T@\n"], check=True,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def report(bench, cases, cache):
    """Rows of the table: what ran, seconds, MB of hub and worker."""
    rows = []

    def watch(title, task, verb):
        status, seconds, peaks = _watch(
            [*task.line.prefix, *ours(task, verb)], task.env())
        if status != 0:
            title += f" (exit {status})"
        rows.append((title, seconds, peaks.get("hub", 0),
                     peaks.get("worker", 0)))
        print(f"memory      {title}: {seconds:.2f} s, "
              f"hub {rows[-1][2]:.0f} MB, worker {rows[-1][3]:.0f} MB",
              flush=True)

    for name, what in (("pages", "1,173 files"), ("gib", "1 GiB")):
        task = bench.task(cases["memory"], corpus.load(name, cache))
        watch(f"publish, {what}", task, "publish")
        shutil.rmtree(task.home.parent)
    many = corpus.load("many", cache)
    rows.append(("find -printf, 100,000 files", _find_seconds(many), 0, 0))
    task = bench.task(cases["memory"], many)
    watch("plan, 100,000 files, all new", task, "plan")
    watch("publish, 100,000 files", task, "publish")
    watch("plan, 100,000 files, no change", task, "plan")
    shutil.rmtree(task.home.parent)
    return rows
