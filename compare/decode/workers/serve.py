"""The worker's side of the protocol for peers in Python; the same as src/protocol.rs.

A peer gives a dictionary of tasks, each with `decode(document)`, `shape(decoded)` and optionally
`reset()`; documents are bytes for lists and text for frames, as the network hands them over.
"""

import datetime
import enum
import gc
import hashlib
import json
import statistics
import sys
import time
import tracemalloc
from pathlib import Path


class Task:
    """One kind of document and how a peer decodes it."""

    def __init__(self, decode, shape, reset=lambda: None):
        self.decode, self.shape, self.reset = decode, shape, reset
        self.documents, self.items, self.bytes, self.refused, self.complaint = [], 0, 0, 0, None

    def accepts(self, document):
        self.reset()
        try:
            self.decode(document)
        except Exception as error:  # whatever a peer's parser raises is the finding
            self.complaint = self.complaint or f"{type(error).__name__}: {error}"
            return False
        return True

    def sift(self, documents):
        for document in documents:
            if self.accepts(document):
                self.documents.append(document)
            else:
                self.refused += 1
        self.items = len(self.documents)

    def load_list(self, text):
        """A peer that fails on one element loses the list: measure it on what is left without those."""
        elements = json.loads(text)
        compact = {"separators": (",", ":")}
        if not self.accepts(text):
            self.sift(json.dumps([element], **compact).encode() for element in elements)
            text = b"[" + b",".join(document[1:-1] for document in self.documents) + b"]"
        self.documents, self.items = [text], len(elements) - self.refused
        self.bytes = len(text)

    def load_frames(self, text):
        self.sift(text.splitlines())
        self.bytes = sum(len(document.encode()) for document in self.documents)

    def time(self, seconds):
        passes, start = [], time.perf_counter()
        while time.perf_counter() - start < seconds or len(passes) < 5:
            self.reset()
            began = time.thread_time_ns()
            for document in self.documents:
                self.decode(document)
            passes.append(time.thread_time_ns() - began)
        return {"median_ns": statistics.median(passes), "min_ns": min(passes), "passes": len(passes)}

    def retained(self):
        """Bytes alive because of the decoded list, by tracemalloc, the parsed JSON let go."""
        self.reset()
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        kept = [self.decode(document) for document in self.documents]
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        del kept
        return {"bytes": after - before, "items": self.items}

    def outline(self, text):
        self.reset()
        document = text.encode() if isinstance(self.documents[0], bytes) else text
        try:
            text = describe(self.shape(self.decode(document)))
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
        return {"shape": hashlib.sha256(text.encode()).hexdigest()}


HIDDEN = {"_state", "_client", "client", "app", "_app", "_shard", "shard", "_cs_raw_role_id"}


def describe(value, seen=()):
    """Everything reachable from a decoded object as text, but for the library's own state."""
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return f"{type(value).__name__}:{value!r}"
    if isinstance(value, (datetime.datetime, datetime.timedelta)):
        return f"time:{value!r}"
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}:{value.value!r}"
    if id(value) in seen:
        return "…"
    seen = (*seen, id(value))
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{key!r}:{describe(item, seen)}" for key, item in value.items())) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(describe(item, seen) for item in value) + "]"
    if isinstance(value, (set, frozenset)):
        return "{" + ",".join(sorted(describe(item, seen) for item in value)) + "}"
    names = {name for kind in type(value).__mro__ for name in slots(kind)} | set(getattr(value, "__dict__", ()))
    held = (
        f"{name}={describe(getattr(value, name), seen)}"
        for name in sorted(names)
        if name not in HIDDEN and hasattr(value, name)
    )
    return f"{type(value).__name__}({','.join(held)})"


def slots(kind):
    names = getattr(kind, "__slots__", ())
    return (names,) if isinstance(names, str) else names


def serve(tasks):
    """Loads the corpus, says what was loaded, and answers commands until standard input ends."""
    folder = Path(sys.argv[sys.argv.index("--corpus") + 1])
    if "list" in tasks:
        tasks["list"].load_list((folder / "list.json").read_bytes())
    if "frames" in tasks:
        tasks["frames"].load_frames((folder / "frames.ndjson").read_text(encoding="utf-8"))
    told = ("items", "bytes", "refused", "complaint")
    say({"ready": True, "tasks": {name: {key: getattr(task, key) for key in told} for name, task in tasks.items()}})
    for line in sys.stdin:
        command = json.loads(line)
        task = tasks[command["task"]]
        match command["cmd"]:
            case "time":
                say(task.time(command["seconds"]))
            case "retained":
                say(task.retained())
            case "shape":
                say(task.outline(command["json"]))


def say(answer):
    print(json.dumps(answer), flush=True)
