"""Which fields a peer loses.

The test is the same for every peer and needs no list of names: change one value of a document,
decode both, and compare everything the two decoded objects hold (Debug in Rust, slots and
dictionaries in Python, own properties in JavaScript). Where nothing differs, that field is not in
the object, whatever it is called there. A change that the peer refuses counts as kept: it was read.

Null against absent is told apart by taking the key out. Whether a document comes back whole is
asked only of the peers that can encode (the Rust ones), by comparing JSON values.
"""

import copy
import json
from datetime import datetime


def walk(value, path=()):
    """Every leaf and its concrete path; an empty object or array is a leaf."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from walk(item, (*path, key))
    elif isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from walk(item, (*path, place))
    else:
        yield path, value


def name(path):
    """`guild.features[]` for a concrete path."""
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
    return text


def representatives(documents):
    """For each field of the corpus one document that holds it with a value, and one with null."""
    valued, nulls = {}, {}
    for document in documents:
        for path, value in walk(document):
            into = nulls if value is None else valued
            into.setdefault(name(path), (document, path, value))
    return valued, nulls


def put(document, path, value):
    changed = copy.deepcopy(document)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


def without(document, path):
    changed = copy.deepcopy(document)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return changed


def other(value):
    """A different value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1 if value != 1 else 2
    if isinstance(value, str):
        if value.isdigit():
            return str(int(value) + 1)
        try:
            at = datetime.fromisoformat(value)
            return at.replace(year=at.year - 1, day=min(at.day, 28)).isoformat(timespec="microseconds")
        except ValueError:
            pass
        if len(value) >= 8 and all(c in "0123456789abcdef" for c in value.removeprefix("a_")):
            return value[:-1] + ("0" if value[-1] != "0" else "1")
        return value + "x" if not value.isupper() else value + "X"
    return [{"unexpected": 1}] if value == [] else {"unexpected": 1}


def shape(worker, task, document, wrap):
    return worker.ask(cmd="shape", task=task, json=json.dumps(wrap(document), separators=(",", ":")))


def lost(worker, task, documents, wrap, root=()):
    """The fields that leave no trace, and the nulls that a peer cannot tell from absence."""
    valued, nulls = representatives(documents)
    report = {"fields": 0, "lost": [], "nulls": 0, "nulls_lost": []}

    def same(document, changed):
        """Whether a change makes no difference; None if the peer refuses the document itself."""
        before, after = shape(worker, task, document, wrap), shape(worker, task, changed, wrap)
        if "error" in before:
            return None
        return before == after

    for field, (document, path, value) in sorted(valued.items()):
        if path[: len(root)] != root:
            continue
        report["fields"] += 1
        verdict = same(document, put(document, path, other(value)))
        # An object that a peer cannot decode at all is lost with all that it holds.
        if verdict is None or verdict:
            report["lost"].append(field)
    for field, (document, path, _) in sorted(nulls.items()):
        if path[: len(root)] != root:
            continue
        report["nulls"] += 1
        if same(document, without(document, path)) is not False:
            report["nulls_lost"].append(field)
    return report


def canonical(value):
    return json.dumps(value, sort_keys=True)


def whole(worker, task, documents, wrap):
    """How many documents come back as the same JSON value, for peers that encode."""
    same = 0
    for document in documents:
        answer = worker.ask(cmd="again", task=task, json=json.dumps(wrap(document)))
        if answer.get("json") is None and "error" not in answer:
            return None
        # As canonical text: in Python's eyes 1, 1.0 and True are equal values.
        if "json" in answer and canonical(json.loads(answer["json"])) == canonical(wrap(document)):
            same += 1
    return same
