"""A ledger, read by sandferry-ledger(5) alone."""
import hashlib
import struct

MAGIC = b"sandferry ledger 1\n"
BEGIN, PUT, REMOVE, STAGED, END, BASE, FOLDER, WAIT = range(1, 9)


class Body:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        assert self.at + n <= len(self.data)
        self.at += n
        return self.data[self.at - n:self.at]

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def u64(self):
        return struct.unpack(">Q", self.take(8))[0]

    def string(self):
        return self.take(self.u32())


def records(data):
    """(type, body, where it ends) of each; the chain of checks holds."""
    assert data.startswith(MAGIC)
    at, check = len(MAGIC), hashlib.sha256(MAGIC).digest()[:8]
    while at < len(data):
        length, kind = struct.unpack(">IB", data[at:at + 5])
        assert length <= 16384
        body = data[at + 5:at + 5 + length]
        check = hashlib.sha256(check + bytes([kind]) + body).digest()[:8]
        at += 5 + length + 8
        assert data[at - 8:at] == check, f"the check before {at}"
        yield kind, Body(body), at


def live(data):
    """What is live: {path: (sha256, size)}.  No commit is open."""
    files, puts, removals, state = {}, {}, [], END
    for kind, body, _ in records(data):
        if kind in (PUT, WAIT):
            path = body.string()
            puts[path] = body.take(32).hex(), body.u64()
        elif kind == REMOVE:
            removals.append(body.string())
        elif kind in (BASE, BEGIN, STAGED, END):
            if state == BASE or kind == END:
                assert state in (BASE, STAGED)
                for path in removals:
                    del files[path]
                files.update(puts)
            assert kind != STAGED or state == BEGIN
            assert kind != BASE or not files
            if kind != STAGED:
                puts, removals = {}, []
            state = kind
    assert state != STAGED, "a commit is open"
    return {**files, **puts} if state == BASE else files
