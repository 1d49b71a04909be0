"""What is published: real pages from a package, and seeded files."""

import os
import random
import shutil
import subprocess
from pathlib import Path

WORDS = """the a of and to ferry harbour page server river night crossing sails
noon chapter index section table figure note see also returns value option
default example function query row column lock write read""".split()


def _text(rng, size):
    out = ["<!doctype html>\n<p>"]
    n = len(out[0])
    while n < size:
        word = rng.choice(WORDS)
        if rng.random() < 0.2:
            word += str(rng.randrange(1000))
        out.append(word)
        n += len(word) + 1
    return " ".join(out)[:size].encode()


def _pages(folder):
    """PostgreSQL's manual: 1,173 files, most in one folder."""
    deb = folder.parent / "deb"
    deb.mkdir(exist_ok=True)
    subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root",
                    "download", "postgresql-doc-15"], cwd=deb, check=True,
                   stdout=subprocess.DEVNULL)
    package = next(deb.glob("postgresql-doc-15_*.deb"))
    subprocess.run(["dpkg", "-x", package, deb / "root"], check=True)
    shutil.copytree(deb / "root/usr/share/doc/postgresql-doc-15/html", folder)
    shutil.rmtree(deb)


def _small(folder):
    """5,000 files of 1 to 16 KiB in 50 folders."""
    rng = random.Random(5000)
    for i in range(5000):
        path = folder / f"part-{i % 50:02}" / f"page-{i:04}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_text(rng, rng.randint(1 << 10, 16 << 10)))


def _many(folder):
    """100,000 files of 50 to 250 bytes in 1,000 folders."""
    rng = random.Random(100000)
    for i in range(100000):
        path = folder / f"part-{i % 1000:03}" / f"page-{i:05}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d " % i + rng.randbytes(rng.randint(25, 125)).hex()
                         .encode())


def _random_file(folder, mebibytes):
    rng = random.Random(mebibytes)
    folder.mkdir()
    with open(folder / "film.bin", "wb") as out:
        for _ in range(mebibytes):
            out.write(rng.randbytes(1 << 20))


MAKERS = {
    "pages": _pages,
    "small": _small,
    "many": _many,
    "gib": lambda folder: _random_file(folder, 1024),
    "film": lambda folder: _random_file(folder, 256),
}


def count(folder):
    return sum(len(files) for _, _, files in os.walk(folder))


def load(name, cache):
    """The folder of this name, made on first use; its files are read once."""
    folder = Path(cache) / name
    if not folder.exists():
        half = Path(cache) / (name + ".part")
        shutil.rmtree(half, ignore_errors=True)
        half.parent.mkdir(parents=True, exist_ok=True)
        MAKERS[name](half)
        half.rename(folder)
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                while file.read(1 << 20):
                    pass
    return folder
