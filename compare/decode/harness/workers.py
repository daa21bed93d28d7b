"""The processes that do the work, one a peer."""

import json
import subprocess
from dataclasses import dataclass, field

RUST = [
    # name, library, is it a typed decoder that one could use instead of ours?
    ("guestlist", "ours"),
    ("twilight+serde_json", "typed"),
    ("twilight+simd-json", "typed"),
    ("twilight+sonic-rs", "typed"),
    ("serenity+serde_json", "typed"),
    ("serenity+simd-json", "typed"),
    ("skip with sonic-rs", "floor"),
    ("skip with sonic-rs, ignored", "floor"),
    ("regex", "pattern"),
]
PYTHON = [("discord.py", "discordpy.py"), ("hikari", "hikari_.py"), ("naff", "naff_.py")]


@dataclass
class Worker:
    """A running worker and what it has measured so far."""

    name: str
    role: str
    command: list
    environment: dict
    tasks: dict = field(default_factory=dict)
    # task → the nanoseconds of the best pass, one number a round
    rounds: dict = field(default_factory=dict)
    retained: float | None = None
    retained_frame: float | None = None
    fields: dict = field(default_factory=dict)

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment
        )
        self.tasks = self.listen()["tasks"]

    def listen(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the worker of {self.name} ended: exit code {self.process.wait()}")
        return json.loads(line)

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.listen()

    def measure(self, task, seconds):
        timing = self.ask(cmd="time", task=task, seconds=seconds)
        self.rounds.setdefault(task, []).append(timing["min_ns"])

    def measure_retained(self):
        """Bytes an item of the list, in a fresh process where caches could hide some."""
        if "list" not in self.tasks or self.role in ("floor", "pattern"):
            return
        items = self.tasks["list"]["items"]
        if self.role in ("ours", "typed"):
            done = subprocess.run([*self.command, "--retained"], capture_output=True, text=True, check=True)
            self.retained = json.loads(done.stdout)["bytes"] / items
            command = [*self.command, "--retained-frames"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            self.retained_frame = json.loads(done.stdout)["bytes"] / self.tasks["frames"]["items"]
        else:
            self.retained = self.ask(cmd="retained", task="list")["bytes"] / items

    def stop(self):
        if not hasattr(self, "process"):
            return
        self.process.stdin.close()
        self.process.wait(timeout=10)


def all_workers(rust, interpreter, node, scripts, corpus, environment):
    """Every worker that this machine and the options allow; not started yet."""
    corpus = ["--corpus", str(corpus)]
    made = [Worker(name, role, [str(rust), "--peer", name, *corpus], environment) for name, role in RUST]
    if interpreter:
        for name, script in PYTHON:
            command = [str(interpreter), str(scripts / script), *corpus]
            made.append(Worker(name, "script", command, environment))
    if node:
        command = ["node", "--expose-gc", str(scripts / "discordjs.mjs"), *corpus]
        made.append(Worker("discord.js", "script", command, environment | {"PEERS": str(node)}))
    return made
