"""Jobs and plans for the properties: examples/minimal.py, and more of
sandferry.h."""
import base64
import ctypes as c
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "examples")
import minimal  # noqa: E402
from minimal import lib, members  # noqa: E402

VERIFY, ADOPT, UNDO = 12, 13, 15  # of enum ferry_verb
ECANCELLED, EDENIED, EDRIFT = 128, 30, 32
CHANGES = "add", "update", "remove", "skip", "wait"
WORKER = os.fsencode(os.environ["BIN"] + "/sandferry-worker")


class PlanId(c.Structure):
    _fields_ = [("url", c.c_char_p), ("generation", c.c_uint64),
                ("ledger", c.c_ubyte * 8), ("digest", c.c_ubyte * 32)]


class Options(minimal.Options):
    _fields_ = members("""confine:i confine_self:? log_level:i command:z
        dry_run:? exit_code:? accept_removals:? wait_seconds:i""") + [
            ("generation", c.c_uint64), ("plan", PlanId)] + members("""
        content:? trust_size:? confirmed:? force:?""")


class Planned(c.Structure):
    _fields_ = [("size", c.c_size_t), ("path", c.c_char_p),
                ("change", c.c_int), ("reason", c.c_char_p),
                ("size_before", c.c_uint64), ("size_after", c.c_uint64),
                ("sha256", c.c_char_p), ("mode", c.c_uint), ("wave", c.c_uint)]


lib.ferry_plan_count.restype = c.c_size_t
lib.ferry_plan_at.restype = c.POINTER(Planned)
lib.ferry_plan_identity.restype = c.POINTER(PlanId)


class Step:
    """What was planned, or told, for one file."""

    def __init__(self, path, change, before, after, sha256=None):
        self.path, self.change, self.sha256 = path, change, sha256
        self.sizes = before, after

    def key(self):
        return self.path, self.change, self.sizes


class Plan:
    def __init__(self, job):
        self.plan = c.c_void_p()
        minimal.call(lib.ferry_job_plan, c.byref(self.plan), job)
        self.identity = lib.ferry_plan_identity(self.plan).contents
        self.digest = bytes(self.identity.digest)
        self.steps = []
        for i in range(lib.ferry_plan_count(self.plan)):
            p = lib.ferry_plan_at(self.plan, c.c_size_t(i)).contents
            assert p.reason, p.path
            self.steps.append(Step(p.path, CHANGES[p.change], p.size_before,
                                   p.size_after, p.sha256))

    def __del__(self):
        lib.ferry_plan_free(self.plan)


def path_of(event):
    if "path_b64" in event:
        return base64.b64decode(event["path_b64"])
    return event["path"].encode()


class Outcome:
    """A job that has ended."""
    count = 0

    def __init__(self, verb, site, cancel_after=None, **chosen):
        Outcome.count += 1
        options = Options(worker=WORKER, access_file=b"none",
                          accept_removals=True, **chosen)
        job = minimal.Job(verb, site, options)
        self.events = []
        for event in job.events():
            self.events.append(event)
            if len(self.events) == cancel_after:
                lib.ferry_job_cancel(job.job)
        self.summary = self.events[-1]
        self.code, self.id = self.summary["code"], self.summary["outcome"]
        self.plan = Plan(job.job) if chosen.get("dry_run") and not self.code else None
        job.free()

    def steps(self):
        return [Step(path_of(e), e["change"], e["size_before"], e["size_after"])
                for e in self.events
                if e["type"] == "step" and e["change"] != "skip"]

    def __repr__(self):
        return f"{self.id}: {self.summary.get('text')}. {self.summary.get('hint')}"


STRUCTS = {"ferry_error": minimal.Error, "ferry_options": Options,
           "ferry_plan_id": PlanId, "ferry_planned": Planned}
VERBS = {"ferry_PUBLISH": minimal.PUBLISH, "ferry_VERIFY": VERIFY,
         "ferry_ADOPT": ADOPT, "ferry_UNDO": UNDO}


def judge_layout():
    """What is said of the structs above, and by the example, is what cc says."""
    ours = list(VERBS.values())
    said = [f"(size_t){name}" for name in VERBS]
    for name, struct in STRUCTS.items():
        for kind in reversed(struct.__mro__):
            for field, *_ in kind.__dict__.get("_fields_", ()):
                member = getattr(struct, field)
                ours += [member.offset, member.size]
                said += [f"offsetof(struct {name}, {field})",
                         f"sizeof(((struct {name} *)0)->{field})"]
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/layout.c", "w") as f:
            f.write("#include <sandferry.h>\n#include <stdio.h>\nint main(void) {\n")
            f.writelines(f'printf("%zu\\n", {what});\n' for what in said)
            f.write("}\n")
        subprocess.run(["cc", "-Iinclude", "-o", folder + "/layout",
                        folder + "/layout.c"], check=True)
        theirs = subprocess.run([folder + "/layout"], check=True, text=True,
                                stdout=subprocess.PIPE).stdout.split()
    for what, a, b in zip(said, ours, theirs):
        assert a == int(b), f"{what} is {b}, not {a}"
