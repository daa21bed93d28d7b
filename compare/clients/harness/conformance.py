"""Holds a recording of the tour against Discord's OpenAPI document, and what the gateway sent against the tables
of its documentation. Called with the document and the recordings; runs where `jsonschema` is installed."""

import json
import sys
from datetime import datetime
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker


class Specification:
    """Discord's document, and what was compiled from it so far."""

    def __init__(self, path):
        self.document = json.loads(path.read_text())
        self.validators = {}
        # By the document, the codes in the errors of a form are numbers. The documentation shows texts.
        inner = self.document["components"]["schemas"]["InnerErrors"]["properties"]["_errors"]
        inner["items"] = {"type": "object", "required": ["code", "message"]}

    def problems(self, recording):
        """What is wrong with a recording, and how many calls there were."""
        found, calls = [], 0
        for line in recording.read_text().splitlines():
            told = json.loads(line)
            if told.get("frame", {}).get("from") == "server":
                calls += 1
                found += frame(json.loads(told["frame"]["text"]))
            # What was refused on its way, by a limit or a fault, has an answer as well.
            request = told.get("request") or told.get("refused")
            if request is None:
                continue
            calls += 1
            answer = told["answer"]
            where = f"{request['method']} {request['path']} ({answer['status']})"
            found += [f"{where}: {problem}" for problem in self.call(request, answer)]
        return found, calls

    def call(self, request, answer):
        item = self.item(request["path"])
        operation = item and item.get(request["method"].lower())
        if operation is None:
            return
        status = answer["status"]
        if status < 300 and (request.get("content_type") or "").startswith("application/json") and request["body"]:
            yield from self.check(operation.get("requestBody"), request["body"], "the request")
        responses = operation["responses"]
        foreseen = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        if foreseen is None:
            yield f"no answer with {status} is foreseen"
        elif answer["body"]:
            yield from self.check(foreseen, answer["body"], "the answer")

    def item(self, path):
        """The path of the document that this one is like."""
        parts = path.rstrip("/").split("/")

        def fits(template):
            wanted = template.split("/")
            return len(wanted) == len(parts) and all(one[:1] == "{" or one == part for one, part in zip(wanted, parts))

        found = [template for template in self.document["paths"] if fits(template)]
        return self.document["paths"][min(found, key=lambda one: one.count("{"))] if found else None

    def check(self, content, text, what):
        if content and "$ref" in content:
            for part in content["$ref"].split("/")[1:]:
                content = content.get(part) or self.document[part]
        schema = ((content or {}).get("content") or {}).get("application/json", {}).get("schema")
        if schema is None:
            return
        key = json.dumps(schema)
        if key not in self.validators:
            whole = {"components": self.document["components"], "allOf": [schema]}
            self.validators[key] = Draft202012Validator(whole, format_checker=FormatChecker())
        for error in self.validators[key].iter_errors(json.loads(text)):
            yield f"{what} at /{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


HERE = Path(__file__).resolve().parent
TABLES = json.loads((HERE.parent.parent.parent / "crates/sandbox/tests/server/payloads.json").read_text())
KINDS = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
    "snowflake": lambda value: isinstance(value, str) and value.isdecimal(),
    "moment": lambda value: isinstance(value, str) and bool(datetime.fromisoformat(value)),
}


def fields(table, body):
    """What is wrong with an object, by its table. See crates/sandbox/tests/server/payloads.rs for the notation."""
    while isinstance(table, str):
        table = TABLES[table]
    if more := table.get("+"):
        # What the table itself says of a field goes first.
        table = {key: kinds for key, kinds in TABLES[more].items() if key.rstrip("?") not in table} | table
    for field, kinds in table.items():
        key = field.rstrip("?")
        if key == "+":
            continue
        if key in body:
            yield from value(key, body[key], kinds)
        elif key == field:
            yield f"{key} is missing"


def value(name, it, kinds):
    """What is wrong with a value that is to be of one of these kinds."""
    first = None
    for kind in kinds.split("|"):
        if kind.startswith("[") and isinstance(it, list):
            found = [one for index, item in enumerate(it) for one in value(f"{name}.{index}", item, kind[1:-1])]
        elif kind.startswith("@") and isinstance(it, dict):
            found = [f"{name}.{one}" for one in fields(kind, it)]
        elif kind[0] not in "[@" and KINDS[kind](it):
            found = []
        else:
            found = [f"{name} is {it!r}"]
        if not found:
            return []
        first = first or found
    return first


def frame(told):
    """What is wrong with a frame of the gateway."""
    name = "HELLO" if told["op"] == 10 else told["t"]
    if name is None:
        return
    if name not in TABLES:
        yield f"{name}: no table has it"
        return
    for problem in fields(name, told["d"]):
        yield f"{name}: {problem}"


if __name__ == "__main__":
    specification = Specification(Path(sys.argv[1]))
    print(json.dumps({name: specification.problems(Path(name)) for name in sys.argv[2:]}))
