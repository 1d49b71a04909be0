"""site_before_after.py: the site before and after the update of the sweep, and what a
visitor may see of it in between.

A site is a dict of paths to bytes.  The update has all that is awkward: files
that are new, changed, removed, that swap their contents, a file that becomes a
folder and the reverse, names that change their letters' case, folders that are
wholly new, contents that are there several times, and one large file.
"""
import hashlib
import os
import shutil

OURS = ".sandferry"
WHEN = 1580601600  # seconds since 1970, of every file


def noise(seed, size):
    return hashlib.shake_128(seed.encode()).digest(size)


def page(version, *links):
    """A page that refers to these, from the root of the site."""
    lines = ["<h1>%s</h1>" % version]
    for link in links:
        if link.endswith(".css"):
            lines.append('<link rel="stylesheet" href="/%s">' % link)
        elif link.endswith(".js"):
            lines.append('<script src="/%s"></script>' % link)
        else:
            lines.append('<img src="/%s">' % link)
    return ("\n".join(lines) + "\n").encode()


def make(v):
    """The site before (v = 1) and after (v = 2); which page needs what."""
    tag = "version %d " % v
    site, needs = {}, {}

    def text(path, more=tag):
        site[path] = (more + path + "\n").encode()

    def put_page(path, *links):
        needs[path] = links
        site[path] = page(tag + path, *links)

    # what changes in its place, and what pages need of it
    app = "css/app.%d%d%d%d.css" % (v, v, v, v)
    text(app)
    for name in ("css/site.css", "js/app.js", "print.css"):
        text(name)
    for i in range(8):
        site["img/%d.png" % i] = noise(tag + str(i), 3000 + i)
    for i in range(10):
        put_page("pages/%d.html" % i, "css/site.css", app,
                 "img/%d.png" % (i % 8))
    for name in ("index.html", "pages/index.html"):
        put_page(name, "css/site.css", app, "js/app.js", "img/0.png")
    text("feed.xml")
    text("sitemap.xml")
    site["media/film.bin"] = noise(tag, 100000 if v == 1 else 5 << 20)
    # what stays
    for i in range(8):
        text("same/%d.html" % i, "")
    # contents that change places, or are there several times
    site["swap/%d.txt" % v] = b"the one\n"
    site["swap/%d.txt" % (3 - v)] = b"the other\n"
    for name in ("twin/a.txt", "twin/b.txt"):
        site[name] = tag.encode()
    # kinds and names that change
    site["Case.html" if v == 1 else "case.html"] = b"the same\n"
    site["Docs/a.html" if v == 1 else "docs/a.html"] = b"the same, too\n"
    site["from.html" if v == 1 else "to/here.html"] = b"moved\n"
    if v == 1:
        text("thing")
        for name in ("box/a.html", "box/deep/b.html", "gone.html",
                     "old/a.html", "old/b.png", "old/deep/c.html"):
            text(name)
        return site, needs
    text("box")
    for name in ("thing/a.html", "thing/deep/b.html", "added.html"):
        text(name)
    site["empty.txt"] = b""
    for i in range(3):
        put_page("new/%d.html" % i, "new/new.css", "new/img/%d.png" % i)
        site["new/img/%d.png" % i] = noise("new %d" % i, 2000)
    text("new/new.css")
    text("new/deep/er/z.txt")
    return site, needs


OLD, OLD_NEEDS = make(1)
NEW, NEW_NEEDS = make(2)
STRANGER = "theirs.txt"  # nobody of us put it there


def write(site, root):
    for path, data in site.items():
        name = os.path.join(root, path)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as f:
            f.write(data)
        os.chmod(name, 0o644)
        os.utime(name, (WHEN, WHEN))


def read(root):
    """All files that visitors see, as a dict; and all folders."""
    files, folders = {}, set()
    for top, dirs, names in os.walk(root):
        if top == root and OURS in dirs:
            dirs.remove(OURS)
        base = os.path.relpath(top, root)
        if base != ".":
            folders.add(base)
        for name in names:
            path = os.path.normpath(os.path.join(base, name))
            with open(os.path.join(top, name), "rb") as f:
                files[path] = f.read()
    return files, folders


def what_nobody_can_read(root, files, folders):
    for path in folders:
        if os.stat(os.path.join(root, path)).st_mode & 0o777 != 0o755:
            yield "visitors may not enter %s" % path
    for path in files:
        if os.stat(os.path.join(root, path)).st_mode & 0o777 != 0o644:
            yield "visitors may not read %s" % path


def folders_of(site):
    found = set()
    for path in site:
        while "/" in path:
            path = path.rsplit("/", 1)[0]
            found.add(path)
    return found


def what_is_wrong_midway(root, newer=NEW, also={}):
    """Every path whole, old or new (or what also has; None: nothing); no page
    before what it needs."""
    files, folders = read(root)
    if files.pop(STRANGER, None) != b"theirs\n":
        yield "a stranger's file was touched"
    yield from what_nobody_can_read(root, files, folders)
    for path, data in files.items():
        if data not in (OLD.get(path), NEW.get(path), also.get(path)):
            yield "%s is neither the old nor the new one" % path
    for path in OLD:
        if (path in NEW and path not in files and
                also.get(path, "") is not None):
            yield "%s is missing" % path
    for folder in folders - folders_of(OLD) - folders_of(NEW):
        yield "a folder too many: %s" % folder
    for site, needs in ((NEW, NEW_NEEDS), (OLD, OLD_NEEDS)):
        for name, links in needs.items():
            if name not in files or files[name] != site[name]:
                continue
            for link in links:
                # a new page may not come before what it needs, nor may an
                # old one lose it
                if (link not in files or
                        (site is newer and files[link] != newer[link])):
                    yield "%s is there without its %s" % (name, link)


def digests(site, other):
    """Of what this site has, and the other has not in the same place."""
    return {hashlib.sha256(data).hexdigest(): data
            for path, data in site.items() if other.get(path) != data}


def what_is_wrong_with_kept(folder, undo, was):
    """What was replaced or removed, whole, each under its digest."""
    names = set(os.listdir(folder))
    for name in names - set(was):
        yield "left behind: kept/%s" % name
    for name in names & set(was):
        with open(os.path.join(folder, name), "rb") as f:
            if f.read() != was[name]:
                yield "not what its name says: kept/%s" % name
    if undo:
        for name in set(was) - names:
            yield "not kept: %s" % was[name][:40]


def what_is_wrong_after(root, undo, want=NEW, also={}, seen=()):
    """Exactly this site, and of ours but the ledger and what undo needs."""
    files, folders = read(root)
    if files.pop(STRANGER, None) != b"theirs\n":
        yield "a stranger's file was touched"
    yield from what_nobody_can_read(root, files, folders)
    for path in sorted(set(files) | set(want)):
        data = want.get(path)
        if files.get(path) not in (data, also.get(path, data)):
            yield "%s is not as it should be" % path
    gone = [path for path, data in also.items() if data is None]
    for folder in (folders ^ folders_of(want)) - folders_of(gone):
        yield "the folder %s" % folder
    ours = os.path.join(root, OURS)
    for name in os.listdir(ours):
        full = os.path.join(ours, name)
        if name == "kept":
            was = digests(OLD, NEW)
            was.update({} if undo else {
                hashlib.sha256(data).hexdigest(): data for data in seen})
            if want is OLD:  # after an undo, which can be undone
                was.update(digests(NEW, OLD))
            yield from what_is_wrong_with_kept(full, undo, was)
        elif name == "stage":
            for left in os.listdir(full):
                yield "left behind: stage/%s" % left
        elif name not in ("ledger", ".htaccess"):
            yield "left behind: %s" % name


def is_committing(root):
    """Does the ledger say `staged` of a publish that has not ended?"""
    try:
        with open(os.path.join(root, OURS, "ledger"), "rb") as f:
            data = f.read()
    except OSError:
        return False
    at, last = data.find(b"\n") + 1, 0
    while at + 13 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        kind = data[at + 4]
        at += 4 + 1 + size + 8
        if at <= len(data) and kind in (1, 4, 5, 6):
            last = kind
    return last == 4


def copy(source, to):
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(source, to, symlinks=True)
    for top, dirs, names in os.walk(source):
        base = os.path.join(to, os.path.relpath(top, source))
        for name in dirs + names:
            was = os.lstat(os.path.join(top, name))
            os.chown(os.path.join(base, name), was.st_uid, was.st_gid)
    was = os.stat(source)
    os.chown(to, was.st_uid, was.st_gid)
