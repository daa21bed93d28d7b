"""The clients: how each is installed, and how it is started against a sandbox."""

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE.parent / "shared"))

import peers  # noqa: E402


@dataclass(frozen=True)
class Client:
    """A client that others wrote, and our puppet that lets it act."""

    name: str
    script: str
    recipe: str

    @property
    def language(self):
        return {".py": "Python", ".mjs": "JavaScript", "": "Rust"}[Path(self.script).suffix]

    def command(self):
        """Installs it, and says how to start its puppet; None where its language is not there."""
        recipe = HERE / self.recipe
        name = f"clients-{Path(self.script).stem}"
        if self.language == "Python":
            return [peers.python(recipe, name), "-B", HERE / "workers" / self.script]
        if self.language == "JavaScript":
            folder = peers.javascript(recipe, "clients-javascript")
            return folder and ["env", f"PEERS={folder}", "node", HERE / "workers" / self.script]
        return shutil.which("cargo") and [peers.rust("compare-clients", self.script)]

    def version(self):
        """The version that the recipe pins."""
        package = PACKAGES.get(self.name, self.name)
        pin = re.search(rf'^\W*{re.escape(package)}\W.*?(\d[\d.]*)', (HERE / self.recipe).read_text(), re.M | re.I)
        return pin.group(1)


# Where a package is not called as the client is.
PACKAGES = {"interactions.py": "discord-py-interactions", "twilight": "twilight-http"}

ALL = [
    Client("discord.py", "discordpy.py", "requirements/discordpy.txt"),
    Client("nextcord", "nextcord_.py", "requirements/nextcord.txt"),
    Client("hikari", "hikari_.py", "requirements/hikari.txt"),
    Client("interactions.py", "interactions_.py", "requirements/interactions.txt"),
    Client("NAFF", "naff_.py", "requirements/naff.txt"),
    Client("discord.js", "discordjs.mjs", "package.json"),
    Client("oceanic.js", "oceanic.mjs", "package.json"),
    Client("serenity", "serenity", "rust/Cargo.toml"),
    Client("twilight", "twilight", "rust/Cargo.toml"),
]
