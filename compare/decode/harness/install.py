"""Installs the peers from their registries into an ignored folder, and builds the Rust worker."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
WORKSPACE = HERE.parent
PEERS = WORKSPACE / ".peers"


def call(command, **options):
    """Runs a command whose output matters only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def fresh(recipe, folder):
    """Whether the folder was installed from this very recipe; if not, it is emptied."""
    digest = hashlib.sha256(recipe.read_bytes()).hexdigest()
    stamp = folder / ".recipe"
    if stamp.exists() and stamp.read_text() == digest:
        return True, lambda: None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return False, lambda: stamp.write_text(digest)


def python():
    """The interpreter of an environment that holds the Python peers."""
    folder = PEERS / "python"
    interpreter = folder / "bin" / "python"
    done, finish = fresh(HERE / "requirements.txt", folder)
    if not done:
        call([sys.executable, "-m", "venv", folder])
        call([interpreter, "-m", "pip", "install", "--quiet", "--requirement", HERE / "requirements.txt"])
        finish()
    return interpreter


def javascript():
    """The folder in which discord.js is installed, or None where there is no Node.js."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    folder = PEERS / "javascript"
    done, finish = fresh(HERE / "package.json", folder)
    if not done:
        shutil.copy(HERE / "package.json", folder)
        call(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"], cwd=folder)
        finish()
    return folder


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
