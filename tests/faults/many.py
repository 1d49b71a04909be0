"""many.py MODE:N...: what only shows when it is done often, to one site.

  visitors   N publishes of a site that changes, while visitors read it all the
             time, one of them the files themselves, one through nginx: no file
             half, none missing that was there before and is after, no page
             before what it needs
  pairs      N times two machines publish two versions at once: one of the two
             is live, whole; the other was told, or came later

The surroundings are those of tests/sweep/drive.py.
"""
import hashlib
import http.client
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, "tests/sweep")
import drive  # noqa: E402
import site_before_after as site  # noqa: E402

NGINX = os.environ.get("NGINX", "")
LASTING = ["css/site.css", "js/app.js", "data.json"]
PAGES = ["index.html"] + ["pages/%d.html" % i for i in range(11)]
IMAGES = ["img/%d.svg" % i for i in range(12)]
REFUSED = 33
ENOUGH = 50  # pairs, of which some will meet


def signed(text):
    """A file that can tell whether it is whole."""
    text = text.encode()
    return text + b"<!--%s-->\n" % hashlib.sha256(text).hexdigest().encode()


def is_whole(data):
    text, mark, end = data[:-72], data[-72:-68], data[-68:]
    return (mark == b"<!--" and end[64:] == b"-->\n" and
            end[:64] == hashlib.sha256(text).hexdigest().encode())


def version_of(data):
    return int(re.match(rb"version (\d+) ", data).group(1))


def make(version, who=""):
    """About forty files: all pages and what they need change each time, some
    names with it; a few more come and go."""
    tag = "version %d of %s" % (version, who)
    files = {}
    own = ["css/app.%d%s.css" % (version, who), "js/%d%s.js" % (version, who)]
    for path in LASTING + IMAGES + own:
        files[path] = signed("%s %s %s\n" % (tag, path, "x" * 3000))
    for i in range(version % 5):
        path = "sometimes/%d/%d.html" % (version % 3, i)
        files[path] = signed("%s %s\n" % (tag, path))
    for i, path in enumerate(PAGES):
        links = ["css/site.css", "js/app.js", *own, IMAGES[i]]
        lines = ['<link rel="stylesheet" href="/%s">' % name
                 if name.endswith(".css") else '<script src="/%s"></script>' %
                 name if name.endswith(".js") else '<img src="/%s">' % name
                 for name in links]
        files[path] = signed("%s %s\n%s\n" % (tag, path, "\n".join(lines)))
    return files


def put(files, root):
    shutil.rmtree(root, ignore_errors=True)
    site.write(files, root)


class Web:
    """nginx in front of a folder."""

    def __init__(self, root, directory):
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.port = s.getsockname()[1]
        os.makedirs(directory)
        paths = "".join(
            "%s_temp_path %s/%s;" % (name, directory, name) for name in
            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = os.path.join(directory, "config")
        with open(config, "w", encoding="utf-8") as f:
            f.write("""%s daemon off; master_process off; pid %s/pid;
                error_log %s/log; events { } http { access_log off; %s
                server { listen 127.0.0.1:%d; root %s; } }""" % (
                    "user root;" if os.getuid() == 0 else "", directory,
                    directory, paths, self.port, root))
        self.process = subprocess.Popen(
            [NGINX, "-p", directory, "-c", config], stderr=subprocess.DEVNULL)
        self.web = None
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        sys.exit("nginx does not start")

    def get(self, path):
        if self.web is None:
            self.web = http.client.HTTPConnection("127.0.0.1", self.port,
                                                  timeout=drive.LONG)
        try:
            self.web.request("GET", "/" + path)
            answer = self.web.getresponse()
            data = answer.read()
        except (http.client.HTTPException, ConnectionError):
            self.web = None  # a connection serves so many requests
            return self.get(path)
        if answer.status not in (200, 404):
            return b"status %d" % answer.status
        return data if answer.status == 200 else None

    def close(self):
        self.process.kill()
        self.process.wait()


class Files:
    def __init__(self, root):
        self.root = root

    def get(self, path):
        try:
            with open(os.path.join(self.root, path), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def close(self):
        pass


class Visitor(threading.Thread):
    """Goes round and round; counts what is not as it has to be."""

    def __init__(self, how):
        super().__init__(daemon=True)
        self.how = how
        self.over = False
        self.reads = self.torn = self.missing = self.early = self.backwards = 0
        self.seen = {}
        self.error = None

    def get(self, path):
        data = self.how.get(path)
        self.reads += 1
        if data is None:
            return None
        if not is_whole(data):
            self.torn += 1
            return b"version 0 "
        return data

    def lasting(self, path):
        data = self.get(path)
        if data is None:
            self.missing += 1
            return b"version 0 "
        version = version_of(data)
        self.backwards += version < self.seen.get(path, 0)
        self.seen[path] = version
        return data

    def page(self, path):
        data = self.lasting(path)
        for link in re.findall(rb'(?:href|src)="/([^"]+)"', data):
            link = link.decode()
            if link in LASTING or link in IMAGES:
                needed = self.lasting(link)
                self.early += 0 < version_of(needed) < version_of(data)
            elif self.get(link) is None and self.how.get(path) == data:
                self.early += 1  # it is gone, and the page is not

    def run(self):
        try:
            while not self.over:
                for path in PAGES:
                    self.page(path)
                for path in LASTING + IMAGES:
                    self.lasting(path)
                time.sleep(0.02)  # leave something of the machine to others
        except Exception as e:  # pylint: disable=broad-except
            self.error = e

    def wrong(self):
        return self.torn + self.missing + self.early + self.backwards


def begin(slot, source):
    """From the site of the sweep to ours."""
    put(make(1), source)
    run = slot.publish(source, ["--yes"])
    if run.rc != 0:
        sys.exit("the first one: %s" % run)
    slot.server.settle()


def visitors(slot, count):
    source = os.path.join(slot.dir, "source")
    begin(slot, source)
    how = {"tree": Files(slot.live)}
    if os.access(NGINX, os.X_OK):
        how["nginx"] = Web(slot.live, os.path.join(slot.dir, "web"))
    those = {name: Visitor(of) for name, of in how.items()}
    for v in those.values():
        v.start()
    failed = 0
    for version in range(2, count + 2):
        put(make(version), source)
        run = slot.publish(source, ())
        if run.rc != 0:
            print("publish %d: %s" % (version, run))
            failed += 1
    for v in those.values():
        v.over = True
        v.join()
        v.how.close()
    slot.server.settle()
    files, _ = site.read(slot.live)
    files.pop(site.STRANGER, None)
    failed += files != make(count + 1)
    for name, v in those.items():
        print("%s visitors, %s: %d publishes, %d reads, %d torn, %d missing, "
              "%d early, %d backwards%s" % (
                  drive.PEER, name, count, v.reads, v.torn, v.missing, v.early,
                  v.backwards, "" if v.error is None else ", %r" % v.error))
        failed += v.wrong() + (v.error is not None) + (v.reads == 0)
    return failed == 0


class Publisher(threading.Thread):
    """One of two machines: a home of its own, and a version."""

    def __init__(self, slot, name, files, delay):
        super().__init__()
        self.home = os.path.join(slot.dir, "home." + name)
        self.source = os.path.join(slot.dir, "source." + name)
        self.slot, self.files, self.delay = slot, files, delay
        # which takes a while: they are to meet
        files["film.bin"] = site.noise(files["index.html"].hex(), 4 << 20)
        put(files, self.source)
        self.result = None

    def run(self):
        time.sleep(self.delay)
        self.result = self.slot.publish(self.source, (), home=self.home)


def what_is_wrong_with(pair, live):
    done = [p for p in pair if p.result.rc == 0]
    for p in pair:
        if p.result.rc not in (0, REFUSED):
            yield str(p.result)
    if not done:
        yield "nobody published"
    if all(live != p.files for p in done):
        yield "what is live is of none who published"


def pairs(slot, count):
    begin(slot, os.path.join(slot.dir, "source.a"))
    for name in ("a", "b"):
        site.copy(slot.home, os.path.join(slot.dir, "home." + name))
    chance = random.Random(1)
    refused = failed = 0
    for i in range(1, count + 1):
        delays = chance.choice(((0, 0), (0, 0.01), (0.02, 0), (0, 0.05)))
        pair = [Publisher(slot, name, make(i, name), delay)
                for name, delay in zip(("a", "b"), delays)]
        for p in pair:
            p.start()
        for p in pair:
            p.join()
        slot.server.settle()
        files, _ = site.read(slot.live)
        files.pop(site.STRANGER, None)
        wrong = list(what_is_wrong_with(pair, files))
        wrong += ["left behind: lock"] if os.path.lexists(
            os.path.join(slot.live, site.OURS, "lock")) else []
        refused += any(p.result.rc == REFUSED for p in pair)
        if wrong:
            failed += 1
            print("pair %d: %s" % (i, "; ".join(wrong)))
    print("%s pairs: %d, %d of them with one refused, %d wrong" % (
        drive.PEER, count, refused, failed))
    # without one they never met
    return failed == 0 and (refused > 0 or count < ENOUGH)


def main():
    good = []
    for i, words in enumerate(sys.argv[1:]):
        mode, _, count = words.partition(":")
        if i == 0:
            slots = drive.make_slots(len(sys.argv) - 1)
        good.append({"visitors": visitors, "pairs": pairs}[mode](
            slots[i], int(count)))
    for slot in slots:
        slot.server.close()
    return 0 if all(good) else 1


sys.exit(main())
