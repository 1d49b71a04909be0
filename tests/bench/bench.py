"""Paired runs of sandferry and its peers; started by run, as root.

Ours runs right before each peer, again and again, to a fresh folder each time
(or, for "no change", to the one that the same program filled before); what
counts is the median of the ratios of the pairs, for a machine has moods.  What
arrived is compared with the source after every run.

  BENCH_CASES=pages-far,small-near   some of the cases (see CASES)
  BENCH_PEERS='rsync -a,lftp 8'      some of the peers (see peers.py)
  BENCH_FTP=vsftpd                   or proftpd: the server of the FTP cases
  BENCH_ROUNDS=3                     pairs of each
  BENCH_SLOW=40                      what takes longer, s, runs once only
  BENCH_LIMIT=300                    and what takes longer than this is ended
  BENCH_TMP=/dev/shm                 where the server's folders are

Writes results.md and results.tsv (every run) to BENCH_DIR.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from pathlib import Path

import corpus
import memory
import table
from line import Line, Login, temporary_base
from peers import FORGETFUL, FTP_PEERS, LOCAL_PEERS, PEERS, Task, ours

# by FTP if `tls' says how; one page is changed before each run if `change';
# `local': to a folder of this machine, as rsync would without a server
Case = namedtuple("Case", "title line corpus again goals tls change local",
                  defaults=({}, None, False, False))
# `files' are there to be sent, as far as one knows
Run = namedtuple("Run", "case peer program round seconds passed files outcome")

LINES = {  # one-way delay in ms, Mbit/s, many segments in one packet
    "near": (0, 10000, True),
    "far": (25, 100, False),
    "fast": (25, 1000, True),
}

CASES = {
    "pages-far": Case(
        "PostgreSQL's manual, 1,173 files, 50 ms and 100 Mbit/s", "far",
        "pages", False, {"rsync -a": 1.0, "lftp 8": 1 / 8}),
    "pages-near": Case(
        "PostgreSQL's manual, loopback", "near", "pages", False),
    "small-near": Case(
        "5,000 files of 1 to 16 KiB, loopback", "near", "small", False,
        {"rsync -a": 1.0, "no wall": 1.05}),
    "small-far": Case(
        "5,000 files of 1 to 16 KiB, 50 ms and 100 Mbit/s", "far", "small",
        False),
    "gib-near": Case(
        "One file of 1 GiB, loopback", "near", "gib", False,
        {"sftp": 1 / 0.9}),
    "film-fast": Case(
        "One file of 256 MiB, 50 ms and 1,000 Mbit/s", "fast", "film", False,
        {"rsync -a": 0.5}),
    "same-far": Case(
        "PostgreSQL's manual, no change, 50 ms and 100 Mbit/s", "far",
        "pages", True, {"rsync -a": 1.0}),
    "same-near": Case(
        "5,000 files, no change, loopback", "near", "small", True,
        {"rsync -a": 1.0}),
    "ftp-first": Case(
        "PostgreSQL's manual by FTP, 50 ms and 100 Mbit/s", "far", "pages",
        False, {"lftp 8": 1 / 1.5, "rclone 8": 1 / 3}, "plain"),
    "ftps-first": Case(
        "PostgreSQL's manual by FTP with TLS, 50 ms and 100 Mbit/s", "far",
        "pages", False, {"lftp 8": 1 / 1.5, "rclone 8": 1 / 3}, "explicit"),
    "ftp-nothing": Case(
        "PostgreSQL's manual by FTP, no change, 50 ms and 100 Mbit/s", "far",
        "pages", True, {"round trips": 12}, "plain"),
    "ftp-one": Case(
        "PostgreSQL's manual by FTP, one page changed, 50 ms and 100 Mbit/s",
        "far", "pages", True, {}, "plain", True),
    "local-first": Case(
        "5,000 files to a folder of this machine", "near", "small", False,
        {"rsync -a": 1.0}, local=True),
    "local-nothing": Case(
        "5,000 files to a folder of this machine, no change", "near", "small",
        True, {"rsync -a": 1.0}, local=True),
    "local-one": Case(
        "5,000 files to a folder of this machine, one page changed", "near",
        "small", True, {"rsync -a": 1.0}, change=True, local=True),
    "memory": Case("Memory", "near", "many", False),
}


class Bench:
    def __init__(self, folder, tmp):
        self.folder, self.tmp = folder, tmp
        self.rounds = int(os.environ.get("BENCH_ROUNDS", 3))
        self.slow = float(os.environ.get("BENCH_SLOW", 40))
        self.limit = float(os.environ.get("BENCH_LIMIT", 300))
        self.login = Login(tmp)
        self.ftp = os.environ.get("BENCH_FTP") or "vsftpd"
        tmp.chmod(0o711)  # the FTP servers give up their rights
        self.lines, self.runs = {}, []
        self.has_ours = (Path(os.environ["BIN"]) / "sandferry").exists()
        self.serial = 0

    def line(self, name):
        if name not in self.lines:
            delay, rate, offload = LINES[name]
            self.lines[name] = Line(self.folder / "wan", self.login, name,
                                    delay, rate, offload)
        return self.lines[name]

    def close(self):
        for line in self.lines.values():
            line.close()

    def task(self, case, source):
        """To a folder that does not exist yet, from a home that is empty."""
        self.serial += 1
        place = self.tmp / f"run-{self.serial}"
        (place / "home").mkdir(parents=True)
        line, ftp, target = self.line(case.line), None, place / "htdocs"
        if case.tls:
            ftp = line.ftp(self.ftp, case.tls)
            target = ftp.root / place.name
        if case.change:
            source = shutil.copytree(source, place / "source")
        return Task(line, self.login, source, target, place / "home", ftp,
                    case.local)

    @staticmethod
    def forget(task):
        shutil.rmtree(task.home.parent)
        shutil.rmtree(task.target, ignore_errors=True)

    def measure(self, name, task, prefix=None):
        """(seconds, what passed over the line, what happened)"""
        make = (ours if name == "ours" else
                peers_of(task.ftp, task.local)[name])
        argv = [*(prefix or task.line.prefix), *make(task)]
        task.line.passed()
        with open(task.home / "log", "w") as log, open(task.stdin) as stdin:
            begin = time.monotonic()
            child = subprocess.Popen(
                argv, stdin=stdin, stdout=log, stderr=log, env=task.env(),
                start_new_session=True)
            try:
                status = child.wait(self.limit)
            except subprocess.TimeoutExpired:
                status = None
            seconds = time.monotonic() - begin
            if status is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        passed = task.line.passed()
        if status is None:
            return seconds, passed, "ended"
        if status != 0:
            said = (task.home / "log").read_text(errors="replace").split("\n")
            last = [line for line in said if line.strip()][-1:]
            return seconds, passed, f"exit {status}: {''.join(last)}"
        same = subprocess.run(
            ["diff", "-r", "-q", "-x", ".sandferry", task.source, task.target],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return seconds, passed, "ok" if same.returncode == 0 else "differs"

    def run(self, key, peer, program, number, task):
        case = CASES[key]
        if case.change:
            task.change(number)
        files = 0 if case.again else corpus.count(task.source)
        seconds, passed, outcome = self.measure(program, task)
        run = Run(key, peer, program, number, seconds, passed, files, outcome)
        self.runs.append(run)
        print(f"{key:11} {program:9} {number}/{self.rounds} "
              f"{run.seconds:8.2f} s  {table.trips(run)}{run.outcome}",
              flush=True)
        return run

    def pairs(self, key, case, peer, source):
        programs = ["ours", peer] if self.has_ours else [peer]
        kept = {}
        if case.again:
            for program in programs:
                kept[program] = task = self.task(case, source)
                # Beside the server, so that nobody waits for the line.
                self.measure(program, task, task.line.server)
        for number in range(1, self.rounds + 1):
            for program in programs:
                task = kept.get(program) or self.task(case, source)
                run = self.run(key, peer, program, number, task)
                if not case.again:
                    self.forget(task)
            if run.seconds > self.slow or run.outcome != "ok":
                break
        for task in kept.values():
            self.forget(task)

    def case(self, key, peers):
        case = CASES[key]
        try:
            source = corpus.load(case.corpus, self.folder / "corpus")
            if case.tls:
                self.line(case.line).ftp(self.ftp, case.tls)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{key}: left out: {error}", flush=True)
            return
        if key == "memory":
            return
        for peer in peers:
            if peer in peers_of(case.tls, case.local) and not (
                    case.again and peer in FORGETFUL):
                self.pairs(key, case, peer, source)


def peers_of(ftp, local):
    return FTP_PEERS if ftp else LOCAL_PEERS if local else PEERS


def chosen(variable, known):
    names = [n.strip() for n in os.environ.get(variable, "").split(",")]
    names = [n for n in names if n] or list(known)
    wrong = [n for n in names if n not in known]
    if wrong:
        sys.exit(f"{variable}: no {wrong[0]}; there are {', '.join(known)}")
    return names


def main():
    folder = Path(os.environ["BENCH_DIR"])
    cases = chosen("BENCH_CASES", CASES)
    peers = chosen("BENCH_PEERS", {**PEERS, **FTP_PEERS})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tmp = Path(tempfile.mkdtemp(prefix="sandferry-bench.",
                                dir=temporary_base()))
    bench, notes = None, []
    try:
        bench = Bench(folder, tmp)
        if not bench.has_ours:
            print(f"no {os.environ['BIN']}/sandferry: the peers only")
        for key in cases:
            bench.case(key, peers)
        if "memory" in cases and bench.has_ours:
            notes = memory.report(bench, CASES, folder / "corpus")
    finally:
        if bench:
            bench.close()
            table.write(folder, CASES, bench.runs, notes)
        shutil.rmtree(tmp, ignore_errors=True)
    print((folder / "results.md").read_text())


if __name__ == "__main__":
    main()
