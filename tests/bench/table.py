"""Make a table of the runs: medians and ratios of the pairs."""

import subprocess
import time
from pathlib import Path
from statistics import median


def _said(*argv):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT)
    except OSError:
        return "none"
    return next((line for line in done.stdout.split("\n") if line), "none")


def _machine():
    yield f"kernel {_said('uname', '-r')}, {_said('nproc')} processors"
    yield _said("ssh", "-V")
    yield _said("rsync", "--version")
    yield _said("lftp", "--version").split(" | Copyright")[0]
    yield _said("rclone", "--version")
    for name in ("tcp_rmem", "tcp_wmem"):
        text = Path(f"/proc/sys/net/ipv4/{name}").read_text()
        yield f"{name} {' '.join(text.split())}"
    text = Path("/proc/sys/net/core/wmem_max").read_text()
    yield f"wmem_max {text.strip()}"


def _seconds(runs):
    if not runs:
        return "-"
    return f"{median(run.seconds for run in runs):.2f}"


def _megabytes(runs):
    passed = median(run.passed.bytes for run in runs) if runs else 0
    return f"{passed / 1e6:.2f}" if passed else "-"


def _row(peer, runs, goal):
    good = [run for run in runs if run.outcome == "ok"]
    ended = any(run.outcome == "ended" for run in runs)
    theirs = [run for run in good if run.program == peer]
    mine = [run for run in good if run.program == "ours"]
    by_round = {run.round: run.seconds for run in theirs}
    ratios = [run.seconds / by_round[run.round] for run in mine
              if run.round in by_round]
    outcomes = sorted({f"{run.program}: {run.outcome}" for run in runs
                       if run.outcome not in ("ok", "ended")})
    seconds = _seconds(theirs)
    note = "; ".join(outcomes) or ("once" if len(theirs) == 1 else "")
    verdict = ""
    if goal and ratios:
        verdict = "reached" if median(ratios) <= goal else "**missed**"
        verdict = f"≤ {goal:.3g}: {verdict}"
    ratio = "-"
    if ended and mine:
        limit = max(run.seconds for run in runs)
        seconds = f"> {limit:.0f}"
        ratio = f"< {median(run.seconds for run in mine) / limit:.2g}"
        note = note or "ended"
    elif ratios:
        ratio = f"{median(ratios):.3g}"
        if len(ratios) > 1:
            ratio += f" ({min(ratios):.3g} to {max(ratios):.3g})"
    return [peer, seconds, _seconds(mine), ratio,
            _megabytes(theirs), _megabytes(mine), verdict, note]


def trips(run):
    """For the log: what a run cost, where it was counted."""
    if not run.passed.trips:
        return ""
    each = f", {run.passed.trips / run.files:.2f} a file" if run.files else ""
    return (f"{run.passed.trips} round trips{each}, "
            f"{run.passed.in_a_row} in a row, "
            f"{run.passed.connections} connections  ")


def _trips_row(program, runs, goal):
    def cell(number):
        return f"{median(number(run) for run in runs):,.0f}"

    each = [run.passed.trips / run.files for run in runs if run.files]
    reached = goal and median(run.passed.trips for run in runs) <= goal
    verdict = "reached" if reached else "**missed**"
    return [program, cell(lambda run: run.passed.trips),
            f"{median(each):.2f}" if each else "-",
            cell(lambda run: run.passed.in_a_row),
            cell(lambda run: run.passed.connections),
            f"≤ {goal}: {verdict}" if goal else ""]


def _trips(runs, goal):
    """A round trip is what trips.h says that it is."""
    counted = [run for run in runs if run.passed.trips and run.outcome == "ok"]
    if not counted:
        return
    yield ""
    yield "| | round trips | a file | in a row | connections | goal |"
    yield "|---|--:|--:|--:|--:|---|"
    for program in dict.fromkeys(run.program for run in counted):
        row = _trips_row(program, [r for r in counted if r.program == program],
                         goal if program == "ours" else None)
        yield "| " + " | ".join(row) + " |"


def _lines(cases, runs, memory):
    yield f"# Paired runs, {time.strftime('%Y-%m-%d')}"
    yield ""
    yield ("Medians, in seconds; ratio = ours / theirs of each pair, the "
           "median (least to most);")
    yield "MB = what passed over the line in both directions; round trips as"
    yield "tests/bench/trips.h counts them, of all connections, medians too."
    for key, case in cases.items():
        of_case = [run for run in runs if run.case == key]
        if not of_case:
            continue
        yield ""
        yield f"## {key}: {case.title}"
        yield ""
        yield "| peer | theirs | ours | ratio | MB | ours | goal | |"
        yield "|---|--:|--:|--:|--:|--:|---|---|"
        for peer in dict.fromkeys(run.peer for run in of_case):
            row = _row(peer, [r for r in of_case if r.peer == peer],
                       case.goals.get(peer))
            yield "| " + " | ".join(row) + " |"
        yield from _trips(of_case, case.goals.get("round trips"))
    if memory:
        yield ""
        yield "## memory: the most that was resident, loopback"
        yield ""
        yield "| | s | hub, MB | worker, MB |"
        yield "|---|--:|--:|--:|"
        for title, seconds, hub, worker in memory:
            yield f"| {title} | {seconds:.2f} | {hub:.0f} | {worker:.0f} |"
    yield ""
    yield "Measured with: " + "; ".join(_machine()) + "."


def write(folder, cases, runs, memory):
    text = "\n".join(_lines(cases, runs, memory)) + "\n"
    (folder / "results.md").write_text(text)
    with open(folder / "results.tsv", "w") as out:
        print("case", "peer", "program", "round", "seconds", "wire_bytes",
              "round_trips", "in_a_row", "connections", "files", "outcome",
              sep="\t", file=out)
        for run in runs:
            print(*run[:4], f"{run.seconds:.4f}", *run.passed, run.files,
                  run.outcome, sep="\t", file=out)
