"""A site like the documentation of a large library: many small pages in deep
folders, a few large files; the same bytes each time."""
import os
import random
import shutil

WORDS = ("the a of type value returns panics when slice iterator borrowed "
         "owned memory layout unsafe trait bound lifetime static pointer "
         "reference mutable const generic implement").split()


def _page(rng, path):
    """Sizes as they are: most of some KB, some of many."""
    count = int(rng.paretovariate(1.3) * 120)
    words = " ".join(rng.choices(WORDS, k=min(count, 4000)))
    up = "../" * path.count("/")
    return ('<!doctype html><title>%s</title><link rel=stylesheet '
            'href="%scss/main.css"><p>%s</p>\n' % (path, up, words)).encode()


def paths(count):
    """Deep, and uneven: as many levels as a number has digits and one more."""
    for i in range(count):
        digits = str(i // 24)
        yield "/".join(["std"] + ["m" + d for d in digits] +
                       ["fn.%d.html" % i])


def make(root, count):
    """Write it; the paths of all files."""
    rng = random.Random(count)
    files = ["index.html", "css/main.css", "search-index.js"]
    for path in files:
        put(root, path, _page(rng, path))
    put(root, files[2], rng.randbytes(10 << 20 if count > 10000 else 65536))
    for path in paths(count - len(files)):
        put(root, path, _page(rng, path))
        files.append(path)
    return files


def put(root, path, data):
    name = os.path.join(root, path)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "wb") as f:
        f.write(data)


def copy(source, root):
    """The files of another site, not its links; their paths."""
    files = []
    for folder, _, names in os.walk(source):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), source)
            if os.path.islink(os.path.join(source, path)):
                continue
            os.makedirs(os.path.dirname(os.path.join(root, path)),
                        exist_ok=True)
            shutil.copyfile(os.path.join(source, path),
                            os.path.join(root, path))
            files.append(path)
    return sorted(files)


def change(root, path, text):
    with open(os.path.join(root, path), "ab") as f:
        f.write(b"<!-- %s -->\n" % text.encode())
