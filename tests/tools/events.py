#!/usr/bin/python3
"""What --json tells, held to share/event.schema.json.

  events.py source         the members and words that the sources write are
                           those of the schema, type by type, and all of them
                           stand in the manual
  events.py DIR            each line of each file in DIR is valid
  events.py DIR all        and there is one of each type

The schema is open, for readers of what later releases write; here it is closed,
that nothing is written which it does not name.
"""
import json
import os
import re
import sys

try:
    import fastjsonschema
except ImportError:
    fastjsonschema = None

REF = "#/definitions/"
# Not ours: how an application of tests/peers calls its refusal, and a worker
# that lies.
FOREIGN = {"broker", "heard_enough"}


def load(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Schema:
    def __init__(self):
        self.whole = json.loads(load("share/event.schema.json"))
        self.defs = self.whole["definitions"]
        self.types = [way["if"]["properties"]["type"]["const"]
                      for way in self.whole["allOf"]]

    def rule(self, rule):
        while "$ref" in rule:
            rule = self.defs[rule["$ref"][len(REF):]]
        return rule

    def members(self, rule):
        """Name to rules, of all that may stand in such an object."""
        rule = self.rule(rule)
        found = {name: [one] for name, one in
                 rule.get("properties", {}).items()}
        for part in rule.get("allOf", []) + list(
                rule.get("dependencies", {}).values()):
            if isinstance(part, dict):
                for name, more in self.members(part).items():
                    found.setdefault(name, []).extend(more)
        return found

    def inside(self, rule):
        """The same, and those of the objects in it; and all fixed words."""
        names, words = set(), set()
        for name, rules in self.members(rule).items():
            names.add(name)
            for one in map(self.rule, rules):
                below = self.inside(one.get("items", one))
                names |= below[0]
                words |= below[1]
                words |= {(name, word) for word in one.get("enum", [])}
        return names, words

    def closed(self):
        """The same definitions, and of each object one that is closed."""
        for name in list(self.defs):
            known = self.members({"$ref": REF + name})
            if known:
                self.defs["only " + name] = {
                    "allOf": [{"$ref": REF + name}],
                    "properties": dict.fromkeys(["v", "type", *known], {}),
                    "additionalProperties": False}
        for rule in list(self.defs.values()):
            for one in rule.get("properties", {}).values():
                one = one.get("items", one)
                only = "only " + one.get("$ref", "")[len(REF):]
                if only in self.defs:
                    one["$ref"] = REF + only
        return self.defs


# ---- The sources ------------------------------------------------------------

def functions(source):
    return dict(re.findall(r"^(\w+)\([^;{]*?\)\n\{\n(.*?)^\}", source,
                           re.M | re.S))


def told(body, known):
    """What this code writes: members, and words out of tables."""
    names = set(re.findall(r'\w\(\s*j, "(\w+)"', body))
    words = set()
    for table in re.findall(r"char \*const \w+\[\] = \{(.*?)\}", body, re.S):
        words |= set(re.findall(r'"([^"]+)"', table))
    for call in set(re.findall(r"\b(\w+)\(", body)):
        if call == "ndjson_path":
            names |= {"path", "path_b64"}
        elif call == "ndjson_seconds":
            names.add("seconds")
        elif call in known:
            more = told(known[call], known)
            names |= more[0]
            words |= more[1]
    return names, words


def by_type():
    known = functions(load("publish/report_json.c"))
    found = {}
    for case in known["put_body"].split("break;"):
        for kind in re.findall(r"case ferry_EVENT_(\w+):", case):
            kind = "summary" if kind == "FINISHED" else kind.lower()
            found[kind] = told(case.replace("&j", "j"), known)
    retry = functions(load("cmd/ui_json.c"))["ui_json_retry"]
    found["retry"] = set(re.findall(r'"(\w+)",\s*[\w"]', retry)) - {
        "v", "type"}, set()
    return found


def in_manual():
    section = re.search(r"^\.Ss JSON$(.*?)^\.Sh", load("man/sandferry.1"),
                        re.M | re.S).group(1)
    return set(re.findall(r"[\w-]+", " ".join(
        re.findall(r"\bCm (.*)", section))))


def source():
    schema, wrong = Schema(), []
    manual = in_manual()
    found = by_type()
    if sorted(found) != sorted(schema.types):
        wrong.append("types: %s" % (set(found) ^ set(schema.types)))
    for kind in sorted(set(found) & set(schema.types)):
        names, words = schema.inside({"$ref": REF + kind})
        missing = {kind, *names, *(word for _, word in words)} - manual
        if missing:
            wrong.append(f"{kind}: not in the manual: {sorted(missing)}")
        # a right's kinds and a run's verbs are told by others
        words = {word for name, word in words if name not in ("kind", "verb")}
        for what, a, b in (("members", found[kind][0], names),
                           ("words", found[kind][1], words)):
            if a != b:
                wrong.append(f"{kind}, {what}: only in the source "
                             f"{sorted(a - b)}, only in the schema "
                             f"{sorted(b - a)}")
    return wrong


# ---- The lines --------------------------------------------------------------

def once(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member comes twice")
    return members


def to_the_millisecond(text):
    if not re.fullmatch(r"[0-9]+\.[0-9]{3}", text):
        raise ValueError(f"a number is written as {text}")
    return float(text)


class Judge:
    def __init__(self):
        self.open = fastjsonschema.compile(Schema().whole)
        self.open({"v": 1, "type": "of a later release"})
        schema = Schema()
        defs = schema.closed()
        self.judges = {kind: fastjsonschema.compile(
            {"$schema": schema.whole["$schema"], "type": "object",
             "properties": schema.whole["properties"],
             "required": ["v", "type"],
             "allOf": [{"$ref": REF + "only " + kind}], "definitions": defs})
            for kind in schema.types}
        self.decoder = json.JSONDecoder(object_pairs_hook=once,
                                        parse_float=to_the_millisecond)
        manual = load("man/sandferry-errors.7").split(".Sh NAMES")[1]
        self.ids = set(re.findall(r"\b[a-z][a-z0-9_]+\b", " ".join(
            re.findall(r"^\.Cm (.*)", manual, re.M)))) | {"ok"} | FOREIGN
        self.seen, self.types, self.lines = set(), set(), 0

    def wrong_with(self, line):
        """What is, or None."""
        self.lines += 1
        if line in self.seen:
            return None
        self.seen.add(line)
        try:
            event = self.decoder.decode(line.decode())
            judge = self.judges.get(event["type"])
            if judge is None:
                return "a type that the schema does not have"
            judge(event)
            if event["type"] not in self.types:
                self.open({**event, "of a later release": 1})
        except ValueError as why:  # no UTF-8, no JSON, or not valid
            return str(why)
        self.types.add(event["type"])
        name = event.get("outcome", event.get("id", "ok"))
        return None if name in self.ids else f"{name}: not in the manual"


def lines(folder, want_all):
    judge, wrong = Judge(), {}
    for scenario in sorted(os.listdir(folder)):
        with open(os.path.join(folder, scenario), "rb") as file:
            for line in file:
                why = judge.wrong_with(line.rstrip(b"\n"))
                if why is not None:
                    wrong.setdefault(f"{scenario}: {why}",
                                     ascii(line[:1000])[2:-1])
    wrong = [f"{why}\n    {line}" for why, line in wrong.items()]
    never = set(judge.judges) - judge.types
    if want_all and never:
        wrong.append("no scenario tells of these types: "
                     + " ".join(sorted(never)))
    print(f"{judge.lines} lines, {len(judge.types)} types")
    return wrong


def main(what, *more):
    if what != "source" and fastjsonschema is None:
        print("no fastjsonschema (package python3-fastjsonschema)")
        return 77
    wrong = source() if what == "source" else lines(what, "all" in more)
    for text in wrong[:20]:
        print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
