"""What happens to the tracker, at random."""

import collections
import signal

import disk
from tracker import FAKETIME, LEDGER, STRACE

# By how often each happens.
TROUBLES = {
    "kill": 28,
    "tear": 12,
    "freeze": 8,
    "drop": 16,
    "lose": 16,
    "fill": 8,
    "slow": 8,
    "fail": 8,
    "clock": 10,
    "delete": 4,
    "second": 3,
}


# How long it may take until the tracker notices that its log was deleted.
PATIENCE = 40.0


def possible(place):
    """The troubles that can be made here."""
    absent = set()
    if not place.mounted:
        absent |= {"fill"}
    if not STRACE:
        absent |= {"slow", "fail"}
    if not FAKETIME:
        absent |= {"clock"}
    return [kind for kind in TROUBLES if kind not in absent]


class Weather:
    """Each trouble begins at once and ends after a while."""

    def __init__(self, tracker, sandbox, kinds, place, rng):
        self.tracker, self.sandbox, self.place, self.rng = tracker, sandbox, place, rng
        self.kinds = kinds
        self.counts = collections.Counter()
        self.end, self.until = None, 0.0
        # The log was deleted, so the tracker has to end by itself.
        self.deleted = False
        self.faults = []

    def step(self, now):
        self.supervise()
        if self.end is not None:
            if now >= self.until:
                if self.deleted:
                    self.faults.append(f"did not notice that its log was deleted: track-{self.tracker.starts}.log")
                    self.deleted = False
                self.calm()
                self.until = now + self.rng.expovariate(1 / 6)
        elif now >= self.until:
            kind = self.rng.choices(self.kinds, [TROUBLES[kind] for kind in self.kinds])[0]
            self.counts[kind] += 1
            self.end, lasts = getattr(self, kind)()
            self.until = now + lasts

    def supervise(self):
        """If the tracker has ended by itself, starts it again, as a supervisor would."""
        code = self.tracker.exit_code()
        if code is None or self.end == self.start:
            return
        self.counts["ended"] += 1
        if not self.deleted or code != LEDGER:
            self.faults.append(f"ended by itself with {code}: track-{self.tracker.starts}.log")
        self.start()

    def calm(self):
        if self.end is not None:
            self.end()
            self.end = None

    def start(self):
        self.deleted = False
        self.tracker.start()

    def kill(self):
        self.tracker.kill()
        return self.start, self.rng.choice([0, 0, 2, 5, 20, 60])

    def tear(self):
        # What was acknowledged is still in the log, unless somebody has deleted that.
        self.tracker.kill()
        if not disk.tear(self.tracker.database, self.rng):
            self.counts["nothing to tear"] += 1
        return self.start, self.rng.choice([0, 2])

    def freeze(self):
        self.tracker.signal(signal.SIGSTOP)
        return lambda: self.tracker.signal(signal.SIGCONT), self.rng.uniform(5, 90)

    def drop(self, resumable=True):
        body = {"resumable": resumable, "refuse_ms": self.rng.choice([0, 0, 3000, 15000])}
        self.sandbox.control("POST", "/gateway/drop", body)
        return lambda: None, self.rng.uniform(1, 20)

    def lose(self):
        return self.drop(resumable=False)

    def fill(self):
        self.place.fill()
        return self.place.clear, self.rng.uniform(3, 20)

    def slow(self):
        microseconds = self.rng.randrange(500_000, 3_000_000)
        return self.tracker.inject("fsync,fdatasync", f"delay_exit={microseconds}"), self.rng.uniform(5, 30)

    def fail(self):
        calls = self.rng.choice(["fsync,fdatasync", "pwrite64", "fsync,fdatasync,pwrite64"])
        error = self.rng.choice(["EIO", "EROFS"])
        return self.tracker.inject(calls, f"error={error}"), self.rng.uniform(3, 15)

    def clock(self):
        self.tracker.step_clock(self.rng.choice([-3600, -60, -5, 5, 45, 600]))
        return lambda: self.tracker.step_clock(0), self.rng.uniform(5, 60)

    def delete(self):
        self.tracker.delete_wal()
        self.deleted = True
        return lambda: None, PATIENCE

    def second(self):
        if not self.tracker.start_second():
            self.faults.append("a second tracker was not refused")
        return lambda: None, 0.0
