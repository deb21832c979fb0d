"""What happens in a storm and when, drawn from a seed. Pure. Times are seconds since the storm began."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

NETWORKS = ("Lighthouse", "Harbour", "Lantern", "Beacon", "Foghorn")

# A part of a minute: a storm that begins at a full one has a kill just after the next ones, when digests are due.
BETWEEN_KILLS = 15.0

# Questions a second, for each bot.
_QUESTIONS = 500 / 180 / 3
_BETWEEN_FILES = 8.0
# Half of the files come so shortly before a kill: what is being taken in then is interrupted.
_BEFORE_KILL = 3.0
# No kill so shortly before the end, and no file: the end is for what was begun.
_CALM = 5.0
# Of the questions, so many are put in a thread, and directly; the others are mentions in a channel.
_IN_THREAD, _DIRECT = 0.25, 0.25
# Of the events, so many are delivered twice at once, again later, and under another name (app_mention and message).
_TWICE, _LATER, _BOTH = 0.15, 0.1, 0.15


@dataclass(frozen=True, slots=True)
class Ask:
    """A question on a network, or on the bundled report where that is "".

    `after` is the place of the earlier question in whose thread it is asked; `both`: Slack sends two events for it.
    """

    at: float
    channel: str
    network: str
    after: int | None
    both: bool


@dataclass(frozen=True, slots=True)
class Give:
    """A file for the library. `version` counts from 1, and is 0 for a file that cannot be read."""

    at: float
    network: str
    version: int
    asks: bool


# What is in the library before the storm begins.
BEFORE = tuple(Give(0.0, network, 1, False) for network in NETWORKS[:2])


@dataclass(frozen=True, slots=True)
class Again:
    """Slack delivers an event once more: that of the question, or of the file, of this place."""

    at: float
    kind: type[Ask] | type[Give]
    place: int


@dataclass(frozen=True, slots=True)
class Kill:
    at: float
    bot: int


Action = Ask | Give | Again | Kill


def lamps(network: str, version: int) -> int:
    """Return the number that one version of one network's paper says, and no other paper."""
    return 1000 * (NETWORKS.index(network) + 1) + 10 * version


def script(seed: int, seconds: float, bots: int = 2) -> list[Action]:
    """Return what happens, in order. Kills come within a second after each BETWEEN_KILLS."""
    random = Random(seed)  # noqa: S311  not for secrets
    kills = list(_kills(seconds, BETWEEN_KILLS + random.random(), random.randrange(bots), bots))
    gives = list(_gives(random, seconds, [kill.at for kill in kills]))
    asks = list(_asks(random, round(seconds * bots * _QUESTIONS), seconds, gives))
    again = [*_again(random, asks, Ask, 0), *_again(random, gives, Give, len(BEFORE))]
    return sorted([*asks, *gives, *again, *kills], key=lambda action: action.at)


def _gives(random: Random, seconds: float, kills: list[float]) -> Iterator[Give]:
    versions = {give.network: give.version for give in BEFORE}
    at = 0.5
    while at < max(seconds - _CALM, 1.0):
        new = [network for network in NETWORKS if network not in versions]
        what = random.choices(("new", "newer", "two", "damaged"), (0.3, 0.35, 0.2, 0.15))[0]
        if what == "new" and new:
            versions[new[0]] = 1
            yield Give(at, new[0], 1, random.random() < 0.5)
        elif what == "damaged":
            yield Give(at, random.choice(NETWORKS), 0, False)
        else:
            network = random.choice(list(versions))
            for later in (0.0, 0.5) if what == "two" else (0.0,):
                versions[network] += 1
                yield Give(at + later, network, versions[network], random.random() < 0.3)
        at += random.uniform(0.6, 1.4) * _BETWEEN_FILES
        following = [kill for kill in kills if kill > at + _BEFORE_KILL]
        if following and random.random() < 0.5:
            at = following[0] - random.uniform(0, _BEFORE_KILL)


def _asks(random: Random, count: int, seconds: float, gives: list[Give]) -> Iterator[Ask]:
    times = sorted(random.uniform(0, seconds) for _ in range(count))
    channels: list[str] = []
    for at in times:
        given = sorted({give.network for give in (*BEFORE, *gives) if give.version and give.at < at})
        network = random.choice(given) if random.random() < 0.75 else ""
        draw, after = random.random(), None
        channel = f"C{random.randrange(1, 6)}"
        if draw < _DIRECT:
            channel = "D1"
        elif draw < _DIRECT + _IN_THREAD and channels:
            after = random.randrange(max(0, len(channels) - 20), len(channels))
            channel = channels[after]
        yield Ask(at, channel, network, after, channel != "D1" and random.random() < _BOTH)
        channels.append(channel)


def _again(
    random: Random, events: list[Ask] | list[Give], kind: type[Ask] | type[Give], first: int
) -> Iterator[Again]:
    for place, event in enumerate(events, start=first):
        draw = random.random()
        if draw < _TWICE:
            yield Again(event.at, kind, place)
        elif draw < _TWICE + _LATER:
            yield Again(event.at + random.uniform(1, 20), kind, place)


def _kills(seconds: float, first: float, bot: int, bots: int) -> Iterator[Kill]:
    at = first
    while at < seconds - _CALM:
        yield Kill(at, bot)
        at, bot = at + BETWEEN_KILLS, (bot + 1) % bots
