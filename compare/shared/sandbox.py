"""A sandbox in a process of its own, and its control API."""

import http.client
import json
from urllib.parse import urlsplit

from processes import Ended, Process


class Sandbox:
    """One server with a vanity link, discovery, some members and standing invites."""

    def __init__(self, binary, seed, log, *options):
        command = [binary, "sandbox", "--seed", seed, "--guilds", 1, "--members", 12, "--invites", 8, *options]
        self.process = Process("the sandbox", command, {}, log)
        told = self.process.expect("ready", 30)
        self.api, self.gateway, self.token = told["api"], told["gateway"], told["token"]
        self.guild, self.bot = told["guilds"][0], told["client_id"]
        self.connection = http.client.HTTPConnection(urlsplit(self.api).netloc, timeout=30)

    def control(self, method, path="", body=None):
        """Calls the control API; what it refuses is an error of the scenario."""
        text = json.dumps(body) if body else None
        try:
            self.connection.request(method, f"/sandbox{path}", text, {"content-type": "application/json"})
            answer = self.connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Ended(f"the sandbox does not answer {method} {path}: {error!r}") from error
        if answer.status >= 400:
            raise Ended(f"the sandbox refuses {method} {path} with {body}: {told}")
        return told

    def requests(self):
        """How many REST requests were made so far."""
        return self.control("GET")["requests"]

    def truth(self, kind):
        """All `joins`, or `invites`, of the server as they really were, page by page."""
        found, after = [], ""
        while after is not None:
            page = self.control("GET", f"/truth?guild={self.guild}&limit=10000{after}")
            found += page[kind]
            after = page["next"] and f"&after={page['next']}"
        return found

    def stop(self):
        self.connection.close()
        self.process.stop()
