"""What happens, scenario by scenario. `size` is the number of joins, but for those that say otherwise."""

from dataclasses import dataclass
from typing import Callable


def lone(stage, size):
    """One person after the other, 2 to 5 s apart, each by one of eight standing invites."""
    for _ in range(size):
        stage.wait(2, 5)
        stage.join()


def bursts(stage, size):
    """Three to eight people within 1.5 s, by different invites; then some seconds of rest."""
    while size > 0:
        stage.wait(4, 7)
        people = min(size, stage.random.randint(3, 8))
        moments = sorted(stage.random.uniform(0, 1.5) for _ in range(people))
        for before, moment in zip([0, *moments], moments):
            stage.wait(moment - before)
            stage.join()
        size -= people


def one_use(stage, size):
    """Invites for one use, used up 0.3 to 2 s after they were made; sometimes others join meanwhile."""
    while size > 0:
        stage.wait(2, 4)
        code = stage.invite(max_uses=1)["code"]
        stage.wait(0.3, 2)
        others = stage.random.choice((0, 0, 1, 2)) if size > 2 else 0
        everybody = [code, *(None for _ in range(others))]
        stage.random.shuffle(everybody)
        for one in everybody:
            stage.wait(0.02, 0.3)
            stage.join(one)
        size -= len(everybody)


def vanity(stage, size):
    """Two of five by the vanity link, the others by invites, 0.2 to 3 s apart."""
    for _ in range(size):
        stage.wait(0.2, 3)
        if stage.random.random() < 0.4:
            stage.join_by("vanity")
        else:
            stage.join()


def expiry(stage, size):
    """Invites that live for 3 to 5 s, used shortly before their end or not at all; others join then and after."""
    while size > 0:
        stage.wait(1, 3)
        made = stage.invite(max_age=stage.random.randint(3, 5), uses=stage.random.randint(0, 3))
        used, early = stage.random.random() < 0.7, stage.random.uniform(0.2, 1.5)
        stage.until(made["expires_at"], early)
        stage.join(made["code"] if used else None)
        stage.wait(early + 0.1, early + 1)
        if stage.random.random() < 0.4 and size > 1:
            stage.join()
            size -= 1
        size -= 1


def revocation(stage, size):
    """An invite is revoked shortly before or after a join, which came by it or by another."""
    while size > 0:
        stage.wait(3, 6)
        fresh = stage.invite(uses=stage.random.randint(0, 20))["code"]
        stage.wait(0.5, 3)
        order = stage.random.choice(("used, revoked", "revoked, other", "other, revoked", "used, revoked, other"))
        for step in order.split(", "):
            if step == "revoked":
                stage.revoke(fresh)
            else:
                stage.join(fresh if step == "used" else None)
                size -= 1
            stage.wait(0.05, 0.4)

def downtime(stage, size):
    """`size` outages of 8 s, each with five joins meanwhile, between two joins before and three after."""
    for _ in range(size):
        for _ in range(2):
            stage.wait(2, 4)
            stage.join()
        stage.wait(4)
        stage.outage(8)
        for _ in range(5):
            stage.wait(0.5, 1.4)
            stage.join()
        # Every client is back some seconds after the outage.
        stage.wait(22)
        for _ in range(3):
            stage.wait(2, 4)
            stage.join()


def raid(stage, size):
    """Forty joins a second, four of five by one invite."""
    target = stage.random.choice(stage.standing)
    for _ in range(size):
        stage.wait(1 / 40)
        stage.join(target if stage.random.random() < 0.8 else None)


def no_counts(stage, size):
    """The bot lacks Manage Server, so that the lists come without uses; else as lone joins."""
    lone(stage, size)


def bots_and_discovery(stage, size):
    """Bots that members add, discovery, integrations, joins by an application; and joins by invites."""
    for _ in range(size):
        stage.wait(1.5, 4)
        way = stage.random.choice((None, None, None, "bot", "bot", "discovery", "integration", "guilds_join"))
        if way is None:
            stage.join()
        elif way in ("bot", "guilds_join"):
            stage.join_by(way, actor_id=stage.random.choice(stage.people))
        else:
            stage.join_by(way)


def far_away(stage, size):
    """Bursts, with every request answered 150 ms later, as over the internet."""
    bursts(stage, size)


def late_counts(stage, size):
    """Lone joins whose uses show in the lists 400 ms late."""
    lone(stage, size)


def mixed(stage, size):
    """The sandbox's own traffic, two joins a second: all of this at once, with roles, leaves and rejoins."""
    stage.mixed(size, 2)


@dataclass(frozen=True)
class Scenario:
    """How much of it a full and a quick run play; `heavy` ones do not share the machine with many."""

    name: str
    act: Callable
    full: int
    quick: int
    prepare: Callable = lambda stage: None
    heavy: bool = False

    @property
    def about(self):
        return self.act.__doc__


ALL = [
    Scenario("lone", lone, 24, 5),
    Scenario("bursts", bursts, 80, 12),
    Scenario("one-use", one_use, 30, 8),
    Scenario("vanity", vanity, 60, 10),
    Scenario("expiry", expiry, 24, 5),
    Scenario("revocation", revocation, 30, 6),
    Scenario("downtime", downtime, 3, 1),
    Scenario("raid", raid, 2000, 60, heavy=True),
    Scenario("no-counts", no_counts, 12, 4, prepare=lambda stage: stage.without_manage_server()),
    Scenario("bots-discovery", bots_and_discovery, 30, 8),
    Scenario("far-away", far_away, 40, 8, prepare=lambda stage: stage.faults(delay_ms=150)),
    Scenario("late-counts", late_counts, 12, 4, prepare=lambda stage: stage.faults(uses_lag_ms=400)),
    Scenario("mixed", mixed, 120, 20),
]
