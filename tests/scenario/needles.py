"""needles.py make NEEDLES NAME=TEXT... [KEY...]: write down, each with its
bits turned, what is to be looked for: texts, and the private halves of these
unencrypted keys (their bytes, and the text of their files).
needles.py find NEEDLES PLACE...: print "NAME PLACE" for each that is in a
process (its number: all memory that it may write to) or below a path."""
import base64
import os
import re
import subprocess
import sys

PIECE = 1 << 22


def of_key(path):
    text = open(path, "rb").read()
    body = b"".join(line for line in text.split(b"\n") if line[:1] != b"-")
    raw = base64.b64decode(body)
    name = os.path.basename(path)
    if b"OPENSSH" in text:
        public = base64.b64decode(open(path + ".pub").read().split()[1])[-32:]
        end = raw.rindex(public)
        yield name + "-bytes", raw[end - 32 : end]
        at = (end - 28) * 4 // 3
        yield name + "-text", body[at : at + 12]
        return
    shown = subprocess.run(
        ["openssl", "rsa", "-in", path, "-noout", "-text"],
        check=True, capture_output=True, text=True).stdout
    for number in "privateExponent", "prime1", "prime2":
        found = re.search(number + r":\s*\n((?: +[0-9a-f:]+\n)+)", shown)
        value = bytes.fromhex(re.sub(r"[:\s]", "", found.group(1)))
        middle = value[len(value) // 2 :][:24]
        yield name + "-" + number, middle
        yield name + "-" + number + "-turned", middle[::-1]


def make(path, what):
    with open(path, "w") as out:
        for word in what:
            name, is_text, text = word.partition("=")
            pairs = [(name, text.encode())] if is_text else of_key(word)
            for name, needle in pairs:
                turned = bytes(byte ^ 255 for byte in needle)
                print(name, turned.hex(), file=out)


def search_bytes(get, needles, found):
    """get(at): a piece of it, b"" behind its end."""
    overlap = max(len(needle) for _, needle in needles) - 1
    at = 0
    while piece := get(at):
        for name, needle in needles:
            if needle in piece:
                found.add(name)
        if len(piece) <= overlap:
            break
        at += len(piece) - overlap


def search_process(pid, needles, found):
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    readable = 0
    for line in open(f"/proc/{pid}/maps"):
        start, end = (int(s, 16) for s in line.split()[0].split("-"))
        if line.split()[1][:2] != "rw":
            continue

        def get(at):
            n = min(PIECE, end - start - at)
            try:
                return os.pread(memory, n, start + at) if n > 0 else b""
            except OSError:
                return b""

        search_bytes(get, needles, found)
        readable += len(get(0))
    if readable == 0:
        sys.exit(f"nothing of process {pid} can be read")


def search_file(path, needles, found):
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return
    search_bytes(lambda at: os.read(fd, 1 << 30), needles, found)
    os.close(fd)


def find(path, places):
    needles = []
    for line in open(path):
        name, turned = line.split()
        needles.append((name, bytes(b ^ 255 for b in bytes.fromhex(turned))))
    for place in places:
        found = set()
        if place.isdigit():
            search_process(place, needles, found)
        elif os.path.isdir(place):
            for folder, _, files in os.walk(place):
                for name in files:
                    search_file(os.path.join(folder, name), needles, found)
        else:
            search_file(place, needles, found)
        for name in sorted(found):
            print(name, place)


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3:])
else:
    find(sys.argv[2], sys.argv[3:])
