"""A plan is a function of two trees: of nothing else, and it changes nothing."""
import os
import shutil

import hypothesis.strategies as st
from hypothesis import given

import publishing
import world
from minimal import PUBLISH

trees = st.dictionaries(publishing.paths, publishing.contents, max_size=8)


def write(w, tree):
    """All of it that can be one tree; its order is that of the writing."""
    shutil.rmtree(w.source)
    os.mkdir(w.source)
    for path, data in tree:
        world.put(w.source, path, data)
    return world.files(w.source, world.NEVER)


@given(old=trees, new=trees, data=st.data())
def lists_what_differs(old, new, data):
    w = world.World()
    try:
        before = write(w, old.items())
        o = w.run(PUBLISH)
        assert o.code == 0, o
        assert world.files(w.target) == before
        after = write(w, new.items())
        at = world.look(w.target)
        plan = w.run(PUBLISH, dry_run=True).plan
        assert {s.path: (s.change, *s.sizes) for s in plan.steps} == (
            world.diff(before, after))
        assert len(plan.steps) == len(world.diff(before, after))
        # The same tree, made in another order, by a machine that was never here.
        again = data.draw(st.permutations(sorted(after.items())))
        assert write(w, again) == after
        shutil.rmtree(w.state)
        os.mkdir(w.state)
        assert w.run(PUBLISH, dry_run=True).plan.digest == plan.digest
        assert world.look(w.target) == at
        o = w.run(PUBLISH, plan=plan.identity)
        assert o.code == 0, o
        assert world.files(w.target) == after
        assert w.ledger() == world.as_recorded(after)
    finally:
        w.remove()
