"""A source, a target and the state of one machine, and what is to become of them."""
import hashlib
import os
import shutil
import tempfile

import ferry
import ledger

NEVER = {b".env", b"CVS", b".sandferry"}


def parents(path):
    while b"/" in path:
        path = path.rpartition(b"/")[0]
        yield path


def join(root, path):
    return os.path.join(os.fsencode(root), path)


def walk(root, without=(b".sandferry",)):
    """(folder, names of files) of each, by their paths below root."""
    for folder, folders, names in os.walk(os.fsencode(root)):
        folders[:] = [f for f in folders if f not in without]
        yield os.path.relpath(folder, os.fsencode(root)), [
            n for n in names if n not in without]


def files(root, without=(b".sandferry",)):
    """{path: bytes} of all that is there."""
    found = {}
    for folder, names in walk(root, without):
        for name in names:
            path = os.path.normpath(os.path.join(folder, name))
            with open(join(root, path), "rb") as f:
                found[path] = f.read()
    return found


def folders(root):
    return {folder for folder, _ in walk(root)} - {b"."}


def look(root):
    """Every name and inode, ours too, as nobody has touched it."""
    found = []
    for folder, _, names in os.walk(os.fsencode(root)):
        for path in [folder] + [os.path.join(folder, n) for n in names]:
            s = os.lstat(path)
            found.append((path, s.st_mode, s.st_ino, s.st_size, s.st_mtime_ns,
                          s.st_ctime_ns))
    return sorted(found)


def put(root, path, data):
    """A file takes the place of whatever is in its way."""
    for folder in parents(path):
        if os.path.lexists(join(root, folder)) and not os.path.isdir(join(root, folder)):
            os.remove(join(root, folder))
    drop(root, path)
    os.makedirs(os.path.dirname(join(root, path)), exist_ok=True)
    with open(join(root, path), "wb") as f:
        f.write(data)


def drop(root, path):
    if os.path.isdir(join(root, path)):
        shutil.rmtree(join(root, path))
    elif os.path.lexists(join(root, path)):
        os.remove(join(root, path))


def diff(old, new):
    """{path: (change, size before, size after)}: the whole plan."""
    plan = {}
    for path in old.keys() | new.keys():
        if path not in old:
            plan[path] = "add", 0, len(new[path])
        elif path not in new:
            plan[path] = "remove", len(old[path]), 0
        elif old[path] != new[path]:
            plan[path] = "update", len(old[path]), len(new[path])
    return plan


def apply(live, new, plan):
    live = {path: data for path, data in live.items() if path not in plan}
    live.update({path: new[path] for path in plan if path in new})
    return live


class World:
    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="property.")
        self.source, self.target, self.state = (
            f"{self.root}/{name}" for name in ("source", "target", "state"))
        for folder in self.source, self.target, self.state:
            os.mkdir(folder)

    def remove(self):
        shutil.rmtree(self.root)

    def run(self, verb, site=(), **options):
        keys = {"url": b"file://" + os.fsencode(self.target),
                "source": os.fsencode(self.source), "allow-empty": b"yes",
                **dict(site)}
        return ferry.Outcome(verb, keys, state_dir=os.fsencode(self.state),
                             app_secret_file=os.fsencode(self.root) + b"/secret",
                             known_hosts=os.fsencode(self.root) + b"/known",
                             fallback_known_hosts=b"none", **options)

    def ledger_path(self):
        return f"{self.target}/.sandferry/ledger"

    def ledger(self):
        if not os.path.exists(self.ledger_path()):
            return {}
        with open(self.ledger_path(), "rb") as f:
            return ledger.live(f.read())

    def kept(self):
        """The contents that are kept aside."""
        folder = f"{self.target}/.sandferry/kept"
        found = set()
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            with open(f"{folder}/{name}", "rb") as f:
                found.add(f.read())
        return found


def as_recorded(tree):
    return {path: (hashlib.sha256(data).hexdigest(), len(data))
            for path, data in tree.items()}
