"""site_before_after.py: the site before and after the update of the sweep, and what a
visitor may see of it in between.

A site is a dict of paths to bytes.  The update has all that is awkward: files
that are new, changed, removed, renamed, that swap their contents, a file that
becomes a folder and the reverse, names that change their letters' case, folders
that are wholly new, contents that are there several times, style sheets that
need fonts and each other, compressed forms beside texts, and one large file.
"""
import hashlib
import os
import shutil
import zlib

OURS = ".sandferry"
WHEN = 1580601600  # seconds since 1970, of every file


def noise(seed, size):
    return hashlib.shake_128(seed.encode()).digest(size)


def packed(data):
    """What the program makes of a text, byte for byte, or None."""
    z = zlib.compressobj(9, zlib.DEFLATED, 31, 9)
    made = bytearray(z.compress(data) + z.flush())
    made[9] = 255  # no system
    gains = len(data) >= 256 and len(made) <= len(data) * 9 // 10
    return bytes(made) if gains else None


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


def sheet(version, *links):
    lines = ["/* %s */" % version]
    for link in links:
        lines.append('@import "/%s";' % link if link.endswith(".css") else
                     ".a { background: url(/%s) }" % link)
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

    def put_sheet(path, *links):
        needs[path] = links
        site[path] = sheet(tag + path, *links)

    # what changes in its place, and what pages need of it
    app = "css/app.%d%d%d%d.css" % (v, v, v, v)
    put_sheet(app, "css/parts.css", "img/7.png")
    put_sheet("css/site.css", "font/text.woff2", "css/parts.css")
    put_sheet("css/parts.css", "font/%d.woff2" % v)
    site["font/text.woff2"] = noise(tag + "font", 2500)
    site["font/%d.woff2" % v] = noise("the same font", 2600)  # renamed
    for name in ("js/app.js", "print.css"):
        text(name)
    for i in range(8):
        site["img/%d.png" % i] = noise(tag + str(i), 3000 + i)
    site["img/shot-%d.png" % v] = noise("the same shot", 4000)  # renamed
    for i in range(10):
        put_page("pages/%d.html" % i, "css/site.css", app,
                 "img/%d.png" % (i % 8), "img/shot-%d.png" % v)
    for name in ("index.html", "pages/index.html"):
        put_page(name, "css/site.css", app, "js/app.js", "img/0.png")
    text("feed.xml")
    text("sitemap.xml")
    site["media/film.bin"] = noise(tag, 100000 if v == 1 else 5 << 20)
    # long enough to be compressed as well; of pages/5.html only before
    for path in ("index.html", "pages/3.html", "pages/4.html",
                 "css/parts.css", "sitemap.xml", "pages/5.html"):
        if v == 1 or path != "pages/5.html":
            site[path] += ("<!-- %s -->\n" % ("long " * 80)).encode()
    # what stays
    for i in range(8):
        text("same/%d.html" % i, "")
    site["same/logo.png"] = noise("the logo", 3500)
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
        site["old/deep/long.html"] = b"long " * 100
        return site, needs
    text("box")
    for name in ("thing/a.html", "thing/deep/b.html", "added.html"):
        text(name)
    site["empty.txt"] = b""
    for i in range(3):
        put_page("new/%d.html" % i, "new/new.css", "new/img/%d.png" % i)
        site["new/img/%d.png" % i] = noise("new %d" % i, 2000)
    site["new/long.html"] = b"also long " * 100
    site["new/img/logo.png"] = site["same/logo.png"]
    text("new/new.css")
    text("new/deep/er/z.txt")
    return site, needs


def with_sidecars(site):
    """What visitors see of it; gzip -9 as the program has it."""
    made = {path + ".gz": packed(data) for path, data in site.items()
            if path.endswith((".html", ".css", ".xml", ".js", ".txt"))}
    return {**site, **{path: gz for path, gz in made.items() if gz}}


SOURCES, NEEDS = zip(make(1), make(2))  # before, after
OLD, NEW = map(with_sidecars, SOURCES)
OLD_NEEDS, NEW_NEEDS = NEEDS
STRANGER = "theirs.txt"  # nobody of us put it there
CONNECTIONS = 8  # at most, of one publish by FTP


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


def names_in_the_way(site):
    """As a server sees them that tells no case: files, folders as spelled."""
    return ({path.lower() for path in site},
            {folder.lower(): folder for folder in folders_of(site)})


def leaves_last(was, will):
    """The removals that nothing waits for, how deep each is."""
    files, folders = names_in_the_way(will)
    for path in set(was) - set(will):
        above = folders_of([path])
        if (path.lower() in files or path.lower() in folders or
                any(f.lower() in files or
                    folders.get(f.lower(), f) != f for f in above)):
            continue  # it makes way
        if not (path.endswith(".gz") and path[:-3] in will):
            yield path, path.count("/")


def what_left_too_early(files, was, will, strict):
    """Removals come when all the rest is there, deepest first (strict)."""
    last = dict(leaves_last(was, will))
    gone = [path for path in last if path not in files]
    if not gone:
        return
    for path, data in will.items():
        if files.get(path) != data:
            yield "%s is gone before %s is there" % (gone[0], path)
    for path in last:
        if strict and path in files and last[path] > min(map(last.get, gone)):
            yield "%s is still there, and a shallower one gone" % path


def what_is_stale(files, was, will, strict):
    """Compressed forms: none without its text, none before it; how many may
    be one step behind it depends on how many steps are done at once."""
    behind = 0
    for path in files:
        base = files.get(path[:-3])
        if not path.endswith(".gz") or files[path] == packed(base or b""):
            continue
        behind += 1
        if base is None:
            yield "%s without its text" % path
        elif strict and files[path] != was.get(path):
            yield "%s is there before its text" % path
        elif path not in will:
            yield "%s stays beside another text" % path
    if behind > (1 if strict else CONNECTIONS):
        yield "%d compressed forms are behind their texts" % behind


def what_is_wrong_midway(root, newer=NEW, also={}, strict=False):
    """Every path whole, old or new (or what also has; None: nothing); no page
    before what it needs.  strict: the server works in the order of the plan."""
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
                # old one lose it; an undo cannot read what needs what, and
                # goes by names
                if newer is OLD and name.endswith(".css") >= \
                        link.endswith(".css") > 0:
                    continue
                if (link not in files or
                        (site is newer and files[link] != newer[link])):
                    yield "%s is there without its %s" % (name, link)
    if not also:
        was = OLD if newer is NEW else NEW
        yield from what_left_too_early(files, was, newer, strict)
        yield from what_is_stale(files, was, newer, strict)


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
