"""What a scenario can do. Every choice follows from the seed, none from what a tracker does, so that
all trackers see the same."""

import random
import time
from datetime import datetime

MANAGE_GUILD = 1 << 5


class Stage:
    """A server to act in. Times are in seconds."""

    def __init__(self, sandbox, seed, name):
        self.sandbox, self.random = sandbox, random.Random(f"{seed} {name}")
        guild = f"/guilds/{sandbox.guild}"
        self.path, self.seed = guild, seed
        active = [invite for invite in sandbox.truth("invites") if invite["state"] == "active"]
        # The codes of the first day follow from the seed; their order in an answer need not.
        self.standing = sorted(invite["code"] for invite in active)
        self.people = sorted({invite["inviter_id"] for invite in active if invite["inviter_id"]})
        self.begin()

    def begin(self):
        """Waits are counted from now on."""
        self.at = time.monotonic()

    def wait(self, least, most=None):
        """Until so long after the last moment that was waited for, however long what came between took."""
        self.at += least if most is None else self.random.uniform(least, most)
        time.sleep(max(0.0, self.at - time.monotonic()))

    def join(self, code=None):
        """Somebody new joins by this invite, or by any of the standing ones."""
        return self.act("POST", "/joins", code=code or self.random.choice(self.standing))

    def join_by(self, way, **told):
        """Somebody new joins without an invite."""
        return self.act("POST", "/joins", via=way, **told)

    def invite(self, **limits):
        """Somebody makes an invite, which never expires unless `max_age` says so."""
        limits = {"max_age": 0, "inviter_id": self.random.choice(self.people)} | limits
        return self.act("POST", "/invites", **limits)

    def revoke(self, code):
        self.sandbox.control("DELETE", f"/invites/{code}")

    def act(self, method, path, **body):
        return self.sandbox.control(method, self.path + path, body)

    def outage(self, seconds):
        """Every connection is cut, its session lost, and no new one begins for so long."""
        body = {"resumable": False, "refuse_ms": round(seconds * 1000)}
        self.sandbox.control("POST", "/gateway/drop", body)

    def without_manage_server(self):
        """The bot may see the invites (View Audit Log), but not how often they were used."""
        permissions = int(self.act("GET", "")["bot_permissions"])
        self.act("PATCH", "", bot_permissions=str(permissions & ~MANAGE_GUILD))

    def faults(self, **faults):
        self.sandbox.control("POST", "/faults", faults)

    def mixed(self, joins, per_second):
        """The sandbox's own traffic, until it is over."""
        body = {"joins": joins, "seed": self.seed, "per_second": per_second}
        self.sandbox.control("POST", "/scenario", body)
        while self.sandbox.control("GET", "/scenario")["state"] != "finished":
            time.sleep(0.5)

    def until(self, moment, before):
        """Until so long before a moment of the sandbox's clock, which is this machine's."""
        self.wait(max(0.0, datetime.fromisoformat(moment).timestamp() - before - time.time()))
