"""Builds guestlist, and installs what others wrote from its registries, into an ignored folder."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PEERS = REPOSITORY / "compare" / ".peers"


def call(command, **options):
    """Runs a command whose output matters only when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} is not installed") from None
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


def python(requirements, name):
    """The interpreter of an environment that holds these packages."""
    folder = PEERS / name
    interpreter = folder / "bin" / "python"
    done, finish = fresh(requirements, folder)
    if not done:
        call([sys.executable, "-m", "venv", folder])
        call([interpreter, "-m", "pip", "install", "--quiet", "--requirement", requirements])
        finish()
    return interpreter


def javascript(package, name):
    """The folder in which these packages are installed, or None where there is no Node.js."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    folder = PEERS / name
    done, finish = fresh(package, folder)
    if not done:
        shutil.copy(package, folder)
        call(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"], cwd=folder)
        finish()
    return folder


def rust(package, binary):
    """A program of the workspace in which this file is, with what others wrote in it."""
    workspace = REPOSITORY / "compare"
    # Not where the project itself is built: the peers' features differ.
    target = PEERS / "target"
    call(["cargo", "build", "--locked", "--package", package, "--target-dir", target], cwd=workspace)
    return target / "debug" / binary


def guestlist():
    """guestlist of this repository, as a user gets it."""
    call(["cargo", "build", "--release", "--locked", "--package", "guestlist-cli"], cwd=REPOSITORY)
    return Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "release" / "guestlist"
