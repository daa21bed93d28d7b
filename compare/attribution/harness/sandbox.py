"""The sandbox of one game, and its control API."""

import http.client
import json
from urllib.parse import urlsplit

from processes import Ended, Process


class Sandbox:
    """One server with a vanity link, discovery, some members and standing invites."""

    def __init__(self, binary, seed, log):
        command = [binary, "sandbox", "--seed", seed, "--guilds", 1, "--members", 12, "--invites", 8]
        self.process = Process("the sandbox", command, {}, log)
        told = self.process.expect("ready", 30)
        self.api, self.gateway, self.token = told["api"], told["gateway"], told["token"]
        self.guild = told["guilds"][0]
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

    def stop(self):
        self.connection.close()
        self.process.stop()
