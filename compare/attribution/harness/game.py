"""One game: one tracker, one scenario, one sandbox of their own."""

import json
import subprocess
import time
from dataclasses import dataclass

from judge import Judge
from processes import Ended, Process
from sandbox import Sandbox
from stage import Stage


@dataclass
class Result:
    """What a tracker made of a scenario."""

    tracker: object
    scenario: object
    joins: list
    requests: int = 0
    by_route: dict | None = None
    log: str = ""
    failure: str | None = None

    def count(self, verdict):
        return sum(join.verdict == verdict for join in self.joins)

    def delays(self):
        return [join.delay(join.answers[0]) for join in self.joins if join.answers]


class Game:
    def __init__(self, tracker, scenario, options, tools, folder):
        self.tracker, self.scenario, self.options, self.tools = tracker, scenario, options, tools
        self.folder = folder / f"{scenario.name} {tracker.name}".replace("/", "_")
        self.folder.mkdir()

    def play(self):
        """Plays it; a process that fails costs this game, not the others."""
        self.log = self.folder / "tracker.log"
        sandbox = process = None
        result = Result(self.tracker, self.scenario, [])
        try:
            sandbox = Sandbox(self.tools.guestlist, self.options.seed, self.folder / "sandbox.log")
            stage = Stage(sandbox, self.options.seed, self.scenario.name)
            # First, because the first rule that fits a request is the one that holds.
            if self.tracker.search:
                sandbox.control("POST", "/faults", self.tracker.search)
            self.scenario.prepare(stage)
            command, environment = self.tracker.start(self.tools, sandbox, self.folder)
            process = Process(self.tracker.name, command, environment, self.log)
            process.expect("ready", 60)
            self.warm(sandbox)
            judge = Judge(self.tracker)
            stage.begin()
            self.scenario.act(stage, self.options.size(self.scenario))
            truth = self.listen(sandbox, process, judge)
            told = sandbox.control("GET", "/requests")
            result.requests = told["total"]
            result.by_route = {route: counts["by_status"] for route, counts in told["counts"].items()}
            process.stop()
            if self.tracker.ours:
                self.read_ledger(judge)
            result.joins = judge.joins(truth)
            self.write_down(result.joins)
            if strangers := judge.strangers(truth):
                result.failure = f"{len(strangers)} answers about joins that never were, such as {strangers[0]}"
        except Ended as error:
            result.failure = str(error)
        finally:
            for one in (process, sandbox):
                if one:
                    one.stop()
        return result

    def warm(self, sandbox):
        """Waits until the tracker has made no request for 6 s, at most half a minute."""
        seen, since, until = -1, 0, time.monotonic() + 30
        while time.monotonic() < until and time.monotonic() - since < 6:
            if (now := sandbox.requests()) != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.5)
        sandbox.control("DELETE", "/requests")

    def listen(self, sandbox, process, judge):
        """Hears the tracker out: until each join has a settled answer, or it neither says nor asks anything."""
        truth = sandbox.truth("joins")
        asked, since, until = -1, time.monotonic(), time.monotonic() + self.options.patience
        while time.monotonic() < until and time.monotonic() - since < self.options.quiet:
            lines = process.heard()
            news = [judge.hear(at, line) for at, line in lines]
            if (now := sandbox.requests()) != asked or any(news):
                asked, since = now, time.monotonic()
            elif all(join.settled for join in judge.joins(truth)) and time.monotonic() - since > 3:
                break
            if process.process.poll() is not None:
                raise Ended(f"{process.name} ended; its log says:\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.5)
        return truth

    def write_down(self, joins):
        """The truth about each join and all that was said of it, for who wants to know why."""
        with (self.folder / "joins.jsonl").open("w") as file:
            for join in joins:
                said = [
                    {
                        "after_ms": round(join.delay(answer)),
                        "certainty": answer.certainty,
                        "said": answer.said,
                        "candidates": answer.candidates,
                        "best_guess_right": join.guessed(answer),
                    }
                    for answer in join.answers
                ]
                print(json.dumps({"truth": join.truth, "verdict": join.verdict, "answers": said}), file=file)

    def read_ledger(self, judge):
        """What the database has and was not printed, such as joins of an outage, as answers of now."""
        joins, gaps = self.tracker.ledger(self.tools, self.folder)
        for line in lines_of(joins):
            answer = self.tracker.read(line)
            told = answer and judge.answers.get(answer.key)
            if answer and not (told and told[-1].said == answer.said and told[-1].certainty == answer.certainty):
                judge.hear(time.time(), line)
        for line in lines_of(gaps):
            judge.hear_gap(line)


def lines_of(command):
    """The lines of JSON that a command prints."""
    command = [str(part) for part in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise Ended(f"{' '.join(command)} failed: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]
