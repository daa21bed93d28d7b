"""Who is judged: guestlist in each mode, and the trackers that others wrote."""

from dataclasses import dataclass, field
from pathlib import Path

from judge import Answer

WORKERS = Path(__file__).resolve().parent.parent / "workers"
SEARCH = {"method": "POST", "path": "/guilds/*/members-search"}
# What Discord's members search does, as an order to the sandbox.
WORKS, LAGS = {}, {"search_lag_ms": 30_000}
REFUSED, NEVER_INDEXED = SEARCH | {"status": 403, "code": 50013}, {"search_unavailable": True}


@dataclass(frozen=True, eq=False)
class Guestlist:
    """`guestlist track`, judged by every line that it prints and by what its database has at the end."""

    name: str
    short: str
    search: dict
    confirm: str = "always"
    ours: bool = True

    def start(self, tools, sandbox, folder):
        command = [tools.guestlist, "track", "--json", "--db", folder / "guestlist.db", "--api", sandbox.api]
        if self.confirm != "always":
            command += ["--confirm", self.confirm]
        return command, {"DISCORD_TOKEN": sandbox.token}

    def read(self, line):
        """The answer in a line of `track --json` or `joins --json`."""
        if line.get("event", "attribution") != "attribution" or line["certainty"] == "waiting":
            return None
        said = None
        if line["certainty"] in ("confirmed", "deduced"):
            said = {name: line.get(name) for name in ("origin", "code", "inviter_id")}
        candidates = line.get("candidates") or []
        return Answer(line["user_id"], line["joined_at"], said, line["certainty"], candidates)

    def ledger(self, tools, folder):
        """The commands that list what the database has: the joins, and when joins may have been missed."""
        joins = [tools.guestlist, "joins", "--json", "--db", folder / "guestlist.db"]
        return joins, [*joins, "--gaps"]


@dataclass(frozen=True, eq=False)
class Rival:
    """A tracker that others wrote, which says one thing a join; a worker of ours passes it on."""

    name: str
    short: str
    script: str
    ours: bool = field(default=False, init=False)
    search = WORKS

    def start(self, tools, sandbox, folder):
        if self.script.endswith(".py"):
            program, environment = tools.python, {"PYTHONDONTWRITEBYTECODE": "1"}
        else:
            program, environment = "node", {"PEERS": str(tools.node)}
        told = {"API": sandbox.api, "GATEWAY": sandbox.gateway, "TOKEN": sandbox.token}
        return [program, WORKERS / self.script], environment | told

    def read(self, line):
        if line.get("event") != "answer":
            return None
        return Answer(line["user_id"], line["joined_at"], line["said"], "stated" if line["said"] else "unknown", [])


ALL = [
    Guestlist("guestlist", "guestlist", WORKS),
    Guestlist("guestlist, search lags 30 s", "lags", LAGS),
    Guestlist("guestlist, search refused (403)", "refused", REFUSED),
    Guestlist("guestlist, search never indexed (202)", "not indexed", NEVER_INDEXED),
    Guestlist("guestlist, --confirm when-ambiguous", "when-ambiguous", WORKS, "when-ambiguous"),
    Guestlist("guestlist, --confirm never", "never", WORKS, "never"),
    Rival("@androz2091/discord-invites-tracker", "invites-tracker", "invites_tracker.mjs"),
    Rival("discord-inviter", "inviter", "inviter.mjs"),
    Rival("the discord.py tutorials' method", "tutorials", "tutorial.py"),
]
