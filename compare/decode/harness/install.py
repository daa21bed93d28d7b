"""Installs the peers from their registries into an ignored folder, and builds the Rust worker."""

import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
WORKSPACE = HERE.parent
sys.path.insert(0, str(WORKSPACE / "shared"))

import peers  # noqa: E402
from peers import call  # noqa: E402


def python():
    """The interpreter of an environment that holds the Python peers."""
    return peers.python(HERE / "requirements.txt", "python")


def javascript():
    """The folder in which discord.js is installed, or None where there is no Node.js."""
    return peers.javascript(HERE / "package.json", "javascript")


def rust(native=False):
    """The Rust worker: guestlist of this repository and the Rust peers, in one build."""
    environment = dict(os.environ)
    target = Path(environment.get("CARGO_TARGET_DIR", WORKSPACE / "target"))
    if native:
        environment["RUSTFLAGS"] = "-C target-cpu=native"
        target /= "native"
    environment["CARGO_TARGET_DIR"] = str(target)
    call(["cargo", "build", "--release", "--locked"], cwd=WORKSPACE, env=environment)
    return target / "release" / "rust-worker"


def versions(interpreter=None, node=None):
    """What was measured, by version."""
    meta = json.loads(call(["cargo", "metadata", "--format-version", "1", "--locked"], cwd=WORKSPACE))
    wanted = ("twilight-model", "serenity", "serde_json", "simd-json", "sonic-rs", "regex")
    found = {p["name"]: p["version"] for p in meta["packages"] if p["name"] in wanted}
    found["rustc"] = call(["rustc", "--version"]).split()[1]
    if interpreter:
        found["Python"] = call([interpreter, "--version"]).split()[1]
        pins = (HERE / "requirements.txt").read_text().splitlines()
        found |= dict(pin.split("==") for pin in pins if "==" in pin)
    if node:
        found["Node.js"] = call(["node", "--version"]).strip().lstrip("v")
        found |= json.loads((HERE / "package.json").read_text())["dependencies"]
    return found
