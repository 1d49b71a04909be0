"""Many files: whatever is done to them, hub and worker stay small, and four
times as many cost about four times as much."""
import os
import shutil
import subprocess

import docs
from ferry import Ferry, env

SITE, LIVE = env["SITE"], env["LIVE"]
HUB_MB, HUB_KB_PER_FILE = 30, 1.2
WORKER_MB = 60
QUADRATIC = 9  # four times the files: the CPU of 4 if linear, 16 if not


def told(result, count):
    print("  " + str(result), flush=True)
    hub = HUB_MB + HUB_KB_PER_FILE * count / 1024
    if result.peaks.get("hub", 0) > hub:
        raise SystemExit("the hub held more than %d MB" % hub)
    if result.peaks.get("worker", 0) > WORKER_MB:
        raise SystemExit("a worker held more than %d MB" % WORKER_MB)
    return result


def same():
    subprocess.run(["diff", "-rq", "-x", ".sandferry", SITE, LIVE], check=True)


def below(files, folder):
    return [f for f in files if f.startswith(folder + "/")]


def largest_folder(files):
    """One that is more than the guard lets go, and not the most of it."""
    counts = {}
    for path in files:
        parts = path.split("/")
        for i in range(1, len(parts)):
            folder = "/".join(parts[:i])
            counts[folder] = counts.get(folder, 0) + 1
    fit = [f for f in counts if len(files) / 9 < counts[f] < len(files) * .7]
    return max(fit, key=lambda f: (counts[f], f))


def pages(files, n):
    """So many, all over."""
    pages = [f for f in files if f.endswith(".html")]
    return pages[::max(1, len(pages) // n)][:n]


def life(files, ferry):
    """What happens to a site; CPU seconds by what was done."""
    count, cost = len(files), {}

    def do(name, code, *args, **counts):
        result = told(ferry.expect(code, *args, **counts), count)
        cost[name] = result.cpu
        return result

    do("first", 0, "publish", added=count)
    same()
    do("none", 0, "publish", sent=0)
    docs.change(SITE, pages(files, 1)[0], "one")
    do("one", 0, "publish", sent=1)
    some = pages(files, max(1, count // 100))
    for path in some:
        docs.change(SITE, path, "one of a hundred")
    do("some", 0, "publish", sent=len(some))
    same()
    folder = largest_folder(files)
    gone = below(files, folder)
    shutil.rmtree(os.path.join(SITE, folder))
    do("guard", 40, "publish")
    do("remove", 0, "publish", "--yes", removed=len(gone))
    same()
    if not ferry.ftp:
        do("undo", 0, "undo", bytes_sent=0)
        for path in gone:
            if not os.path.exists(os.path.join(LIVE, path)):
                raise SystemExit("%s did not come back" % path)
        do("again", 0, "publish", "--yes", sent=0)
        same()
    do("status", 0, "status", "--exit-code")
    do("verify", 0, "verify", "--exit-code")
    do("content", 0, "verify", "--content", "--exit-code")
    state = os.path.join(ferry.env["XDG_STATE_HOME"], "sandferry")
    ledger = os.path.getsize(os.path.join(LIVE, ".sandferry/ledger"))
    print("  ledger %d bytes, state %s" % (
        ledger, subprocess.check_output(["du", "-sh", state]).split()[0]))
    return cost


def fresh(root):
    for folder in (root, LIVE):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)


def one_life(count, state):
    fresh(SITE)
    given = env.get("ENDURANCE_SITE")
    if given and state == "all":
        files = docs.copy(given, SITE)
    else:
        files = docs.make(SITE, count)
    print("%d files:" % len(files), flush=True)
    return life(files, Ferry(state, max_removals=20))


def run(count):
    whole = one_life(count, "all")
    if env.get("ENDURANCE_SITE"):
        return
    quarter = one_life(count // 4, "quarter")
    for name, cpu in whole.items():
        if cpu > 1 and cpu > QUADRATIC * quarter[name]:
            raise SystemExit("%s: CPU %.2f s, a quarter took %.2f s" % (
                name, cpu, quarter[name]))
