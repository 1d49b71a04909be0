"""site_releases.py: the same of a site with layout = releases.  Visitors, who
come through the link, see all of one publish; and each release is one."""
import os

from site_before_after import (NEW, OLD, OURS, STRANGER, folders_of, read,
                               what_nobody_can_read)

CURRENT = "current"
RELEASES = "releases"
KEEP = 3


def is_one(files, folders, also):
    """Exactly a site; of a source that changed meanwhile, perhaps with that."""
    for one in (OLD, NEW):
        if folders == folders_of(one) and files.keys() == one.keys() and all(
                data in (one[path], also.get(path))
                for path, data in files.items()):
            return True
    return bool(also) and all(
        data in (OLD.get(path), NEW.get(path), also.get(path))
        for path, data in files.items())


def what_is_wrong_with_base(base):
    with open(os.path.join(base, STRANGER), "rb") as f:
        if f.read() != b"theirs\n":
            yield "a stranger's file was touched"
    names = set(os.listdir(base)) - {CURRENT, RELEASES, OURS, STRANGER}
    for name in names:
        yield "left behind: %s" % name


def what_is_wrong_midway(base, newer=NEW, also={}, strict=False):
    yield from what_is_wrong_with_base(base)
    live = os.path.join(base, CURRENT, "")
    files, folders = read(live)
    yield from what_nobody_can_read(live, files, folders)
    if not is_one(files, folders, also):
        yield "visitors see neither the old site nor the new one"


def what_is_wrong_after(base, undo, want=NEW, also={}, seen=()):
    yield from what_is_wrong_with_base(base)
    live = os.path.join(base, CURRENT, "")
    files, folders = read(live)
    yield from what_nobody_can_read(live, files, folders)
    for path in sorted(set(files) | set(want)):
        data = want.get(path)
        if files.get(path) not in (data, also.get(path, data)):
            yield "%s is not as it should be" % path
    if not also and folders != folders_of(want):
        yield "other folders"
    releases = os.path.join(base, RELEASES)
    names = os.listdir(releases)
    if len(names) > KEEP + 1:
        yield "%d releases are left" % len(names)
    for name in names:
        if not is_one(*read(os.path.join(releases, name)), also):
            yield "%s is no whole release" % name
    ours = os.path.join(base, OURS)
    for name in os.listdir(ours):
        if name in ("stage", "kept"):
            for left in os.listdir(os.path.join(ours, name)):
                yield "left behind: %s/%s" % (name, left)
        elif name not in ("ledger", ".htaccess"):
            yield "left behind: %s" % name
