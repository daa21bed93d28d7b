"""A sandbox for tests in Python: it starts `guestlist sandbox`, acts as the people on Discord, and waits for what
the bot does. It needs nothing but Python; copy it into your project."""

import fnmatch
import json
import os
import subprocess
import time
import urllib.error
import urllib.request


class Sandbox:
    """A simulated Discord in a process of its own. Use it in a `with` block."""

    def __init__(self, *options, program=os.environ.get("GUESTLIST", "guestlist")):
        command = [program, "sandbox", "--no-limits", "--guilds", "0", *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline()
        if not ready:
            raise RuntimeError(f"{' '.join(command)} ended with {self.process.wait()}")
        told = json.loads(ready)
        self.api, self.gateway, self.token = told["api"], told["gateway"], told["token"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def control(self, method, path, **body):
        """Calls the control API."""
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.api}/sandbox{path}", data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()}") from None

    def guild(self, name, **settings):
        """Creates a server."""
        return Guild(self, self.control("POST", "/guilds", name=name, members=0, **settings))

    def bot(self, name, **settings):
        """Creates one more bot; `bot["token"]` is its token."""
        return self.control("POST", "/bots", username=name, **settings)

    def expect(self, seconds=10, *, message=None, request=None, connection=False):
        """Waits for a message with this text, a request such as `("PUT", "/guilds/*/roles/*")`, or a connection."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if message and any(message in json.dumps(one, ensure_ascii=False) for one in self.messages()):
                return
            if request and any(fits(request, one) for one in self.requests()):
                return
            if connection and any(one["connected"] for one in self.control("GET", "/gateway")):
                return
            time.sleep(0.02)
        seen = [f"{one['method']} {one['path']} ({one['status']})" for one in self.requests()[-20:]]
        raise AssertionError(f"no {message or request or 'connection'} within {seconds} s, but {seen}")

    def messages(self):
        return self.control("GET", "/messages")

    def requests(self):
        return self.control("GET", "/requests")["requests"]


def fits(wanted, made):
    method, path = wanted
    return made["method"] == method and fnmatch.fnmatch(made["path"], path) and made["status"] < 300


class Guild:
    """A server."""

    def __init__(self, sandbox, told):
        self.sandbox, self.id, self.people = sandbox, told["id"], {}
        self.owner = told["owner_id"]

    def act(self, method, path, **body):
        return self.sandbox.control(method, f"/guilds/{self.id}{path}", **body)

    def role(self, name):
        return self.act("POST", "/roles", name=name)["id"]

    def invite(self, **limits):
        return self.act("POST", "/invites", **limits)["code"]

    def member(self, name):
        """Somebody by their name; the account is created when needed."""
        if name not in self.people:
            user = self.sandbox.control("POST", "/users", username=name)["id"]
            self.people[name] = Member(self, user)
        return self.people[name]


class Member:
    """A person."""

    def __init__(self, guild, user):
        self.guild, self.id = guild, user

    def joins_through(self, code):
        return self.guild.act("POST", "/joins", code=code, user_id=self.id)

    def enters_voice(self, channel_id=None):
        return self.guild.act("POST", f"/members/{self.id}/voice", channel_id=channel_id)

    def leaves_voice(self):
        return self.guild.act("DELETE", f"/members/{self.id}/voice")

    def leaves(self):
        return self.guild.act("DELETE", f"/members/{self.id}")

    def uses(self, command, **options):
        return self.guild.act("POST", "/interactions", command=command, user_id=self.id, **options)
