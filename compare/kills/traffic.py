"""People who come, go and come back."""


class Traffic:
    """People who come, go and come back, and invites that are made and revoked."""

    def __init__(self, sandbox, rng):
        self.sandbox, self.rng, self.guild = sandbox, rng, sandbox.guild
        self.here, self.gone, self.codes, self.names = [], [], [], {}
        self.joins = 0
        for _ in range(6):
            self.invite(max_age=0)

    def call(self, method, path, body=None):
        return self.sandbox.control(method, f"/guilds/{self.guild}{path}", body)

    def invite(self, **options):
        code = self.call("POST", "/invites", options)["code"]
        if not options.get("max_uses"):
            self.codes.append(code)
        return code

    def join(self, **how):
        if "user_id" not in how and how["via"] != "bot":
            user = self.sandbox.control("POST", "/users", {"username": f"guest{self.joins}"})
            how["user_id"] = user["id"]
            self.names[user["id"]] = user["global_name"] or user["username"]
        user = self.call("POST", "/joins", how)["user_id"]
        self.joins += 1
        self.here.append(user)
        return user

    def leave(self, user):
        self.call("DELETE", f"/members/{user}")
        self.here.remove(user)
        # A bot does not come back by an invite.
        if user in self.names:
            self.gone.append(user)

    def step(self):
        """One thing happens."""
        rng = self.rng
        kind = rng.choices(
            ["invite", "once", "vanity", "other", "bot", "leave", "again", "passing", "make", "revoke"],
            [40, 6, 6, 5, 2, 22, 8, 6, 3, 2],
        )[0]
        if kind == "invite":
            self.join(via="invite", code=rng.choice(self.codes))
        elif kind == "once":
            self.join(via="invite", code=self.invite(max_uses=1, max_age=0))
        elif kind == "vanity":
            self.join(via="vanity")
        elif kind == "other":
            self.join(via=rng.choice(["discovery", "integration", "hub"]))
        elif kind == "bot":
            self.join(via="bot")
        elif kind == "leave" and self.here:
            self.leave(rng.choice(self.here))
        elif kind == "again" and self.gone:
            user = self.gone.pop(rng.randrange(len(self.gone)))
            self.join(via="invite", code=rng.choice(self.codes), user_id=user)
        elif kind == "passing":
            user = self.join(via="invite", code=rng.choice(self.codes))
            self.leave(user)
        elif kind == "make":
            self.invite(max_age=0)
        elif kind == "revoke" and len(self.codes) > 3:
            self.sandbox.control("DELETE", f"/invites/{self.codes.pop(rng.randrange(len(self.codes)))}")
