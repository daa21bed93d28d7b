"""What was said, held against the sandbox's truth."""

from dataclasses import dataclass, field
from datetime import datetime, timezone

# Ways in that move no count of any invite or vanity link.
UNCOUNTED = {"bot", "guilds_join", "discovery", "hub", "integration", "linked_lobby", "manual_verification"}


def milliseconds(moment):
    """A moment in milliseconds, which is all that JavaScript keeps of it."""
    at = datetime.fromisoformat(moment)
    since = at - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


@dataclass
class Answer:
    """One line that a tracker said of one join."""

    user: str
    joined_at: str
    # What is stated as a fact, None for "I do not know": {"origin", "code"?, "inviter_id"?}
    said: dict | None
    certainty: str
    # Of an ambiguous answer, with weights
    candidates: list
    at: float = 0.0

    @property
    def key(self):
        return self.user, milliseconds(self.joined_at)

    @property
    def guess(self):
        """The best guess: what is stated, else the heaviest candidate."""
        return self.said or max(self.candidates, key=lambda one: one["weight"], default=None)


def true(said, join):
    """Whether a statement agrees with the truth in everything that it says."""
    way, code, inviter = said["origin"], said.get("code"), said.get("inviter_id")
    if way == "unseen":
        return join["via"] in UNCOUNTED
    # A member whom an application added counts as added by a bot: Discord has one source for both.
    via = "bot" if join["via"] == "guilds_join" else join["via"]
    if way != via and not (way == "invite" and via == "vanity" and code == join["code"]):
        return False
    if via in ("invite", "vanity") and (code or way == "invite") and code != join["code"]:
        return False
    # Nobody is behind a vanity link; whoever is named there anyway is not counted as an error.
    return via == "vanity" or inviter is None or join["inviter_id"] in (None, inviter)


@dataclass
class Join:
    """A join of the truth and all that was said of it."""

    truth: dict
    answers: list = field(default_factory=list)
    # Whether the tracker reports that joins may have been missed at that time
    in_gap: bool = False

    @property
    def key(self):
        return self.truth["user_id"], milliseconds(self.truth["joined_at"])

    @property
    def wrong(self):
        """Every statement of fact that was false, also those that were taken back later."""
        return [answer for answer in self.answers if answer.said and not true(answer.said, self.truth)]

    @property
    def verdict(self):
        if not self.answers:
            return "missed"
        if self.wrong:
            return "wrong"
        return "right" if self.answers[-1].said else "unknown"

    @property
    def settled(self):
        return bool(self.answers) and self.answers[-1].said is not None

    def delay(self, answer):
        """Milliseconds from the join to an answer."""
        return answer.at * 1000 - milliseconds(self.truth["joined_at"])

    def guessed(self, answer):
        return answer.guess is not None and true(answer.guess, self.truth)

    def uncovered(self):
        """The lists of candidates that do not have the truth among them."""
        lists = [answer for answer in self.answers if answer.candidates]
        return [answer for answer in lists if not any(true(one, self.truth) for one in answer.candidates)]


class Judge:
    """Collects answers by join. Rivals repeat themselves when an event is repeated: the first one counts."""

    def __init__(self, tracker):
        self.tracker, self.answers, self.gaps = tracker, {}, []

    def hear(self, at, line):
        """Whether the line was an answer."""
        answer = self.tracker.read(line)
        if answer is None:
            return False
        answer.at = at
        told = self.answers.setdefault(answer.key, [])
        if self.tracker.ours or not told:
            told.append(answer)
        return True

    def hear_gap(self, line):
        """A time in which joins may have been missed. One that is said to be complete excuses nothing."""
        if not line["caught_up"]:
            begin = milliseconds(line["last_known"]) if line["last_known"] else 0
            self.gaps.append((begin, milliseconds(line["observed_at"])))

    def joins(self, truth):
        joins = [Join(join) for join in truth]
        for join in joins:
            join.answers = self.answers.get(join.key, [])
            join.in_gap = any(begin <= join.key[1] <= end for begin, end in self.gaps)
        return joins

    def strangers(self, truth):
        """Answers about joins that never were."""
        known = {Join(join).key for join in truth}
        return [key for key in self.answers if key not in known]
