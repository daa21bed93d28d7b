"""Builds guestlist and installs the other trackers."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE.parent / "shared"))

import peers  # noqa: E402


@dataclass
class Tools:
    """Where everything is; `python` and `node` are None where they are not needed or not there."""

    guestlist: Path
    python: Path | None
    node: Path | None

    def versions(self):
        """What was measured, by version."""
        found = {"guestlist": peers.call([self.guestlist, "--version"]).split()[1]}
        if self.python:
            found["Python"] = peers.call([self.python, "--version"]).split()[1]
            pins = (HERE / "requirements.txt").read_text().splitlines()
            found |= dict(pin.split("==") for pin in pins if "==" in pin)
        if self.node:
            found["Node.js"] = peers.call(["node", "--version"]).strip().lstrip("v")
            found |= json.loads((HERE / "package.json").read_text())["dependencies"]
        return found


def install(binary, scripts):
    """Everything that workers with these scripts need."""
    python = node = None
    if any(script.endswith(".py") for script in scripts):
        python = peers.python(HERE / "requirements.txt", "attribution-python")
    if any(script.endswith(".mjs") for script in scripts):
        node = peers.javascript(HERE / "package.json", "attribution-javascript")
    return Tools(binary or peers.guestlist(), python, node)
