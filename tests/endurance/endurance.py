"""endurance.py MODE: see run, which makes its surroundings."""
import os
import sys

import large
import many
import nightly


def number(name, default):
    return int(os.environ.get("ENDURANCE_" + name) or default)


def files():
    many.run(number("FILES", 32771))


def nights():
    nightly.run(number("NIGHTS", 2000))


def gibs():
    large.run(number("GIB", 8))


if __name__ == "__main__":
    {"many": files, "ftp": files, "nightly": nights, "large": gibs,
     "large-ftp": gibs}[sys.argv[1]]()
