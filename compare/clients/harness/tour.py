"""The tour: what each client does against a sandbox, and what has to come of it.

The harness acts as the people on Discord, through the control API, and tells the puppet what to do. A step
fails if the client reads, writes or hears anything else than the sandbox holds to be true."""

import json
import time
import urllib.request
from datetime import datetime

REASON = "a tour – with ümlauts"
YOUTUBE = "880218394199220334"


class Failed(Exception):
    """A step went wrong."""


class Lacks(Exception):
    """The client does not do this."""


def check(seen, expected, what):
    if seen != expected:
        raise Failed(f"{what} is {seen!r} and not {expected!r}")


def moment(text):
    """A time in seconds, whatever its notation."""
    return text and datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def same_moment(seen, true):
    """Whether two times are the same; some clients keep milliseconds alone."""
    if seen is None or true is None:
        return seen == true
    return abs(moment(seen) - moment(true)) < 0.001


class Tour:
    """A client's way through all steps."""

    def __init__(self, sandbox, puppet):
        self.sandbox, self.puppet = sandbox, puppet
        self.path = f"/guilds/{sandbox.guild}"
        self.steps = {}
        # What the client says from the start that it does not do, and why.
        self.lacks = {}

    def run(self):
        """Takes every step; what fails does not keep the next from being tried."""
        for step in STEPS:
            try:
                if why := self.lacks.get(step.__name__):
                    raise Lacks(why)
                self.steps[step.__name__] = {"passed": True} | (step(self) or {})
            except Lacks as why:
                self.steps[step.__name__] = {"passed": None, "why": str(why)}
            except Failed as why:
                self.steps[step.__name__] = {"passed": False, "why": str(why)}
        return self.steps

    # What the puppet does, and what it hears.

    def do(self, what, seconds=20, **given):
        """Lets the client do something, and gives what it says of it."""
        self.puppet.tell(do=what, **given)
        told = self.puppet.expect("done", seconds)
        check(told["do"], what, "what was done")
        if "lacks" in told:
            raise Lacks(told["lacks"])
        if "error" in told:
            raise Failed(told["error"])
        return told["result"]

    def hears(self, name, seconds=20, **expected):
        """The client hears of this; other things may come before."""
        until, seen = time.monotonic() + seconds, []
        while time.monotonic() < until:
            for _, line in self.puppet.heard():
                if line.get("event") == "lacks" and line["name"] == name:
                    raise Lacks(line["why"])
                if line.get("event") == "heard":
                    seen.append(line)
                    if line["name"] == name and all(line.get(key) == value for key, value in expected.items()):
                        return line
            time.sleep(0.02)
        raise Failed(f"{name} with {expected} was not heard within {seconds} s, but {seen}")

    # What people do.

    def control(self, method, path="", body=None):
        return self.sandbox.control(method, path, body)

    def rest(self, path):
        """Asks the sandbox's own API as a bot would, without any client."""
        request = urllib.request.Request(f"{self.sandbox.api}/api/v10{path}")
        request.add_header("authorization", f"Bot {self.sandbox.token}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def invites(self):
        return {invite["code"]: invite for invite in self.rest(f"{self.path}/invites")}

    def made(self, **limits):
        return self.control("POST", f"{self.path}/invites", {"max_age": 0} | limits)


def same_invite(seen, true):
    """What a client reads of an invite is what the sandbox wrote."""
    code = true["code"]
    inviter = true.get("inviter")
    for key, expected in {
        "code": code,
        "uses": true["uses"],
        "max_uses": true["max_uses"],
        "max_age": true["max_age"],
        "temporary": true["temporary"],
        "inviter_id": inviter and inviter["id"],
        "channel_id": true["channel"]["id"],
    }.items():
        if key in seen:
            check(seen[key], expected, f"{key} of {code}")
    for key in ("created_at", "expires_at"):
        if key in seen:
            check(same_moment(seen[key], true[key]), True, f"{key} of {code}: {seen[key]}, in truth {true[key]}")


def login(tour):
    """READY and GUILD_CREATE arrive, and the client knows its guild."""
    told = tour.puppet.expect("ready", 30)
    tour.lacks = told.get("lacks", {})
    check(told["user_id"], tour.sandbox.bot, "the bot's id")
    check([guild["id"] for guild in told["guilds"]], [tour.sandbox.guild], "its guilds")
    true = tour.control("GET", tour.path)
    for key, expected in {
        "name": true["name"],
        "channels": len(true["channels"]),
        "roles": len(true["roles"]),
        "members": true["member_count"],
    }.items():
        if key in told["guilds"][0]:
            check(told["guilds"][0][key], expected, f"{key} of the guild")


def list_guild(tour):
    """The invites of the guild."""
    seen, true = tour.do("list_guild", guild=tour.sandbox.guild), tour.invites()
    check(sorted(invite["code"] for invite in seen), sorted(true), "the codes")
    for invite in seen:
        same_invite(invite, true[invite["code"]])


def list_channel(tour):
    """The invites of one channel."""
    made = tour.made()
    channel = made["channel"]["id"]
    seen = tour.do("list_channel", channel=channel, guild=tour.sandbox.guild)
    true = {code: invite for code, invite in tour.invites().items() if invite["channel"]["id"] == channel}
    check(sorted(invite["code"] for invite in seen), sorted(true), "the codes")
    for invite in seen:
        same_invite(invite, true[invite["code"]])


def get_counts(tour):
    """One invite, with how many members there are."""
    code = tour.made()["code"]
    true = tour.rest(f"/invites/{code}?with_counts=true")
    seen = tour.do("get_counts", code=code)
    check(seen["code"], code, "the code")
    check(seen["members"], true["approximate_member_count"], "the members")
    check(seen["online"], true["approximate_presence_count"], "those online")


def get_event(tour):
    """One invite, with a scheduled event."""
    event = tour.control("POST", f"{tour.path}/scheduled-events", {"name": "Picnic"})
    seen = tour.do("get_event", code=tour.made()["code"], scheduled_event=event["id"])
    check((seen["event_id"], seen["event_name"]), (event["id"], "Picnic"), "the event")


def create(tour):
    """An invite with every option that the client has, and a reason for the audit log."""
    channel = tour.control("GET", tour.path)["channels"][0]["id"]
    role = tour.control("POST", f"{tour.path}/roles", {"name": "invited"})["id"]
    seen = tour.do(
        "create", channel=channel, guild=tour.sandbox.guild, reason=REASON, role=role, application=YOUTUBE,
        max_age=3600, max_uses=7, temporary=True, unique=True,
    )  # fmt: skip
    true = tour.invites().get(seen["invite"]["code"])
    if true is None:
        raise Failed(f"no invite {seen['invite']['code']} was made")
    same_invite(seen["invite"], true)
    expected = {"max_age": 3600, "max_uses": 7, "temporary": True, "channel": channel}
    found = {key: true[key] for key in ("max_age", "max_uses", "temporary")} | {"channel": true["channel"]["id"]}
    for option in seen["options"]:
        if option == "roles":
            check([role["id"] for role in true.get("roles", [])], [role], "the roles")
        elif option == "application":
            check(true["target_application"]["id"], YOUTUBE, "the application")
        elif option == "guest":
            check(true["flags"] & 1, 1, "the flag of guests")
        elif option == "reason":
            log = tour.rest(f"{tour.path}/audit-logs?action_type=40&limit=1")["audit_log_entries"]
            check(log[0].get("reason"), REASON, "the reason")
        elif option != "unique":
            check(found[option], expected[option], option)
    return {"options": sorted(seen["options"])}


def delete(tour):
    """An invite is deleted, with a reason."""
    code = tour.made()["code"]
    seen = tour.do("delete", code=code, guild=tour.sandbox.guild, reason=REASON)
    check(code in tour.invites(), False, "whether it is still there")
    if seen["reason"]:
        log = tour.rest(f"{tour.path}/audit-logs?action_type=42&limit=1")["audit_log_entries"]
        check(log[0].get("reason"), REASON, "the reason")
    return {"reason": seen["reason"]}


def invite_create(tour):
    """INVITE_CREATE is heard."""
    true = tour.made(max_uses=3)
    seen = tour.hears("invite_create", code=true["code"])
    same_invite({key: value for key, value in seen.items() if key not in ("event", "name")}, true)


def invite_delete(tour):
    """INVITE_DELETE is heard."""
    code = tour.made()["code"]
    tour.control("DELETE", f"/invites/{code}")
    tour.hears("invite_delete", code=code)


def member_add(tour):
    """GUILD_MEMBER_ADD is heard when somebody joins."""
    tour.user = tour.control("POST", f"{tour.path}/joins", {"code": tour.made()["code"]})["user_id"]
    tour.hears("member_add", user_id=tour.user)


def member_remove(tour):
    """GUILD_MEMBER_REMOVE is heard when somebody leaves."""
    tour.control("DELETE", f"{tour.path}/members/{tour.user}")
    tour.hears("member_remove", user_id=tour.user)


def vanity(tour):
    """The vanity link, with its uses."""
    tour.control("POST", f"{tour.path}/joins", {"via": "vanity"})
    seen, true = tour.do("vanity", guild=tour.sandbox.guild), tour.rest(f"{tour.path}/vanity-url")
    check(seen["code"], true["code"], "the code")
    if "uses" in seen:
        check(seen["uses"], true["uses"], "the uses")


def pause(tour):
    """Invites are paused, by the guild's features or its incident actions."""
    tour.do("pause", guild=tour.sandbox.guild)
    true = tour.rest(tour.path)
    paused = "INVITES_DISABLED" in true["features"] or (true["incidents_data"] or {}).get("invites_disabled_until")
    check(bool(paused), True, "whether invites are paused")
    tour.control("PATCH", tour.path, {"features": [it for it in true["features"] if it != "INVITES_DISABLED"]})


def resume(tour):
    """A connection that was cut is resumed, and what happened meanwhile is heard."""
    before = tour.control("GET", "/gateway")
    check(len(before), 1, "the number of sessions")
    tour.control("POST", "/gateway/drop", {})
    code = tour.made()["code"]
    tour.hears("invite_create", seconds=60, code=code)
    after = tour.control("GET", "/gateway")
    check([one["session_id"] for one in after], [before[0]["session_id"]], "the session")
    check(after[0]["connected"], True, "whether it is connected")


def limited(tour):
    """A 429 of the route is obeyed."""
    obeys(tour, {"global": False})


def limited_globally(tour):
    """A 429 of the global limit is obeyed."""
    obeys(tour, {"global": True})


def obeys(tour, rule):
    tour.control("DELETE", "/requests")
    rule |= {"method": "GET", "path": "/guilds/*/invites", "status": 429, "times": 1, "retry_after": 1.5}
    tour.control("POST", "/faults", rule)
    tour.do("list_guild", guild=tour.sandbox.guild)
    requests = [it for it in tour.control("GET", "/requests")["requests"] if it["path"].endswith("/invites")]
    check([it["status"] for it in requests], [429, 200], "the answers")
    waited = moment(requests[1]["at"]) - moment(requests[0]["at"])
    if waited < 1.49:
        raise Failed(f"it waited {waited:.2f} s of 1.5 s")


STEPS = [
    login, list_guild, list_channel, get_counts, get_event, create, delete, invite_create, invite_delete,
    member_add, member_remove, vanity, pause, resume, limited, limited_globally,
]  # fmt: skip
