"""Whatever happens to a site, a publish makes it what the source is, and loses
nothing of others'."""
import os

import hypothesis.strategies as st
from hypothesis.stateful import (RuleBasedStateMachine, initialize, invariant,
                                 precondition, rule)

import world
from ferry import ADOPT, ECANCELLED, EDENIED, EDRIFT, UNDO, VERIFY
from minimal import PUBLISH

# Few, so that they meet: as files and folders, in both cases, composed and not,
# long, odd, no UTF-8, never published.
FEW = [b"a", b"a/b", b"a/b/c", b"A", b"A/b", b"index.html", b"a/s.css", b"x y/%41"]
ODD = [b"\xc3\xbc", b"u\xcc\x88", b"..a", b"-n", b"#", b"\xff", b"n\nl",
       b"long" * 60, b".env", b"a", b"b"]
paths = st.one_of(st.sampled_from(FEW), st.lists(
    st.sampled_from(ODD), min_size=1, max_size=3).map(b"/".join))
LINKS = [b'<a href="a">', b"<link href=s.css>", b"<img src='x%20y'>", b"<p>"]
contents = st.one_of(st.binary(max_size=3), st.sampled_from([b"same", b"x" * 70000]),
                     st.lists(st.sampled_from(LINKS), max_size=3).map(b"".join))


class Publishing(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.world = world.World()
        self.live = {}  # what is in the target
        self.ours = {}  # what the ledger should say of it
        self.history = []  # (generation, what was ours before) of each publish
        self.strange = False  # somebody else was in the target

    def teardown(self):
        if hasattr(self, "world"):
            self.world.remove()

    # ---- The source ----

    @rule(path=paths, data=contents)
    def write(self, path, data):
        world.put(self.world.source, path, data)

    @rule(data=st.data(), keep_time=st.booleans())
    def change(self, data, keep_time):
        """One byte, and neither size nor, perhaps, time."""
        path = self.choose(data, world.files(self.world.source))
        if path is None:
            return
        path = world.join(self.world.source, path)
        before = os.stat(path)
        with open(path, "r+b") as f:
            first = f.read(1)
            f.seek(0)
            f.write(bytes(b ^ 1 for b in first))
        if keep_time:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(data=st.data(), to=paths)
    def rename(self, data, to):
        """A file, or a folder with all in it."""
        source = self.world.source
        of = self.choose(data, set(world.files(source)) | world.folders(source))
        if of is None or (to + b"/").startswith(of + b"/") or of.startswith(to + b"/"):
            return
        os.rename(world.join(source, of), self.world.root + "/moved")
        world.put(source, to, b"")
        os.remove(world.join(source, to))
        os.rename(self.world.root + "/moved", world.join(source, to))

    @rule(data=st.data())
    def delete(self, data):
        source = self.world.source
        path = self.choose(data, set(world.files(source)) | world.folders(source))
        if path is not None:
            world.drop(source, path)

    # ---- The target, by somebody else ----

    @rule(path=paths, data=contents, time=st.integers(1, 10**9))
    def meddle(self, path, data, time):
        """A file of theirs, or one of ours that they change."""
        if self.live.get(path) is not None and len(self.live[path]) == len(data):
            data += b"+"  # nothing that is the same size counts
        if any(p in self.live for p in world.parents(path)):
            return
        if any(path in world.parents(p) for p in self.live):
            return
        world.put(self.world.target, path, data)
        os.utime(world.join(self.world.target, path), (time, time))
        self.live[path] = data
        self.strange = True

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def lose(self, data):
        path = self.choose(data, self.live)
        world.drop(self.world.target, path)
        del self.live[path]
        self.strange = True

    # ---- Ours ----

    @rule(held=st.booleans())
    def publish(self, held):
        self.bring(self.source(), self.world.run, PUBLISH, held=held)

    @rule(drift=st.sampled_from([b"overwrite", b"keep"]))
    def insist(self, drift):
        self.bring(self.source(), self.world.run, PUBLISH, drift=drift)

    @precondition(lambda self: self.history)
    @rule(back=st.integers(1, 3))
    def undo(self, back):
        """What was live before one of the last publishes."""
        generation, then = self.history[-min(back, len(self.history))]
        if back > 1 and self.strange:
            return  # what they changed may be what has to come back
        self.bring(then, self.world.run, UNDO,
                   generation=generation if back > 1 else 0)

    @rule(after=st.integers(1, 12))
    def cancel(self, after):
        """What is live is of before or after; the next one completes it."""
        source = self.source()
        if self.conflicts(source):
            return
        o = self.world.run(PUBLISH, cancel_after=after)
        assert o.code in (0, ECANCELLED), o
        for path, data in world.files(self.world.target).items():
            assert data in (self.live.get(path), source.get(path)), path
        o = self.world.run(PUBLISH)
        assert o.code == 0, o
        self.took(source, world.diff(self.ours, source), o)

    @rule()
    def forget(self):
        """Another machine goes on, or this one has lost its state."""
        world.drop(self.world.root, b"state")
        os.mkdir(self.world.state)

    @rule()
    def verify(self):
        o = self.world.run(VERIFY, content=True)
        whole = all(self.live.get(p) == data for p, data in self.ours.items())
        if os.path.exists(self.world.ledger_path()):
            assert (o.code == 0) == whole, o

    @precondition(lambda self: self.ours and not self.strange)
    @rule(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 8),
          forgotten=st.booleans())
    def damage(self, at, bit, forgotten):
        """Of a ledger that is cut off or has a wrong bit, none is lost."""
        with open(self.world.ledger_path(), "r+b") as f:
            data = bytearray(f.read())
            at = int(at * len(data))
            data[at] ^= 1 << bit & 255
            f.seek(0)
            f.write(data if bit < 8 else data[:at])
            f.truncate()
        if forgotten:
            self.forget()
        source = self.source()
        before = world.files(self.world.target)
        o = self.world.run(PUBLISH)
        after = world.files(self.world.target)
        if o.code == 0:
            assert after.keys() >= source.keys(), o
            assert all(after[p] == data for p, data in source.items()), o
            assert all(after[p] == before[p] for p in after.keys() - source.keys())
        else:
            assert o.code == EDRIFT and o.summary["hint"], o
            assert after == before, o
        o = self.world.run(ADOPT, content=True, confirmed=True)
        assert o.code == 0, o
        assert world.files(self.world.target) == after
        self.live, self.history = after, []
        ours = self.world.ledger()
        assert all(p in ours for p in source if after.get(p) == source[p])
        assert ours.items() <= world.as_recorded(after).items()
        self.ours = {p: after[p] for p in ours}
        self.strange = True
        for path in after.keys() - self.ours.keys():
            # as in meddle(): one of that size and second is taken for ours
            os.utime(world.join(self.world.target, path), (1, 1))

    # ---- What is expected ----

    def choose(self, data, of):
        return data.draw(st.sampled_from(sorted(of))) if of else None

    def source(self):
        return world.files(self.world.source, world.NEVER)

    def conflicts(self, new):
        """(drifted paths, is something in the way that no policy moves?)"""
        plan = world.diff(self.ours, new)
        drifted = {p for p in plan
                   if p in self.live and self.live[p] != self.ours.get(p)}
        stay = {p for p in self.live if self.live[p] != self.ours.get(p)}
        blocked = any(p in stay for n in plan if n in new for p in world.parents(n))
        blocked |= any(p in plan and p in new for t in stay for p in world.parents(t))
        blocked |= any(p in plan and p in new and not any(
            p in world.parents(o) for o in self.ours)
            for p in world.folders(self.world.target))
        return drifted | ({b"/"} if blocked else set())

    def bring(self, new, run, verb, held=False, drift=None,
              **chosen):
        site = {"drift": drift} if drift else {}
        before = world.look(self.world.target)
        o = run(verb, site, dry_run=True, **chosen)
        assert o.code == 0, o
        assert world.look(self.world.target) == before
        plan = world.diff(self.ours, new)
        assert {s.path: (s.change, *s.sizes) for s in o.plan.steps} == plan
        told = [s.key() for s in o.plan.steps]
        assert told == [s.key() for s in o.steps()]
        for s in o.plan.steps:
            assert (s.sha256 or b"").decode() == (
                world.as_recorded(new)[s.path][0] if s.path in new else "")
        again = run(verb, site, dry_run=True, **chosen)
        assert again.plan.digest == o.plan.digest
        drifted = self.conflicts(new)
        if held:
            chosen["plan"] = again.plan.identity
        o = run(verb, site, **chosen)
        if o.id == "not_kept" and self.strange:
            return  # they have removed what would have to come back
        if b"/" in drifted or drifted and drift is None:
            assert o.code in (EDRIFT, EDENIED), o
            assert o.summary["hint"], o
            assert world.files(self.world.target) == self.live, o
            return
        assert o.code == 0, o
        if drift == b"keep":
            plan = {p: what for p, what in plan.items() if p not in drifted}
        else:
            assert {self.live[p] for p in drifted} <= self.world.kept()
            assert told == [s.key() for s in o.steps()]
        self.took(new, plan, o)
        if drift != b"keep":
            o = run(PUBLISH, site) if verb == PUBLISH else o
            assert verb == UNDO or o.code == 0 and not o.steps(), o

    def took(self, new, plan, o):
        if plan:
            self.history.append((o.summary["generation"], self.ours))
        self.ours = world.apply(self.ours, new, plan)
        self.live = world.apply(self.live, new, plan)

    @invariant()
    def is_as_expected(self):
        if not hasattr(self, "world"):
            return
        assert world.files(self.world.target) == self.live
        assert self.world.ledger() == world.as_recorded(self.ours)
        if not self.strange:
            assert world.folders(self.world.target) == {
                f for p in self.live for f in world.parents(p)}
