"""What happens in a storm and when, drawn from a seed. Pure. Times are seconds since the storm began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.tools.chaos.subjects import FACTS, NETWORKS

# A part of a minute: a storm that begins at a full one has a kill just after the next ones, when digests are due.
BETWEEN_KILLS = 15.0
# The digest is due after this part of the storm, at the next full minute.
DUE_AFTER = 0.4

# Questions a second, for each bot.
_QUESTIONS = 500 / 180 / 3
_BETWEEN_FILES = 8.0
# Half of the files come so shortly before a kill: what is being taken in then is interrupted.
_BEFORE_KILL = 3.0
# No kill so shortly before the end, and no file: the end is for what was begun.
_CALM = 5.0
# Of the questions, so many are put in a thread, and directly; the others are mentions in a channel.
_IN_THREAD, _DIRECT = 0.25, 0.25
# Of the events, so many are delivered twice at once, again within 20 seconds, again up to two minutes later, and under
# another name (app_mention and message).
_TWICE, _LATER, _MUCH_LATER, _BOTH = 0.15, 0.1, 0.05, 0.15
# Of the events within so many seconds before a kill, so many are delivered again after it, the last one first.
_LATELY, _AFTER_KILL = 8.0, 0.3
# So many questions reach the bots only seconds after they were written, and after those that were written later.
_LATE = 0.08
# A disk is full for so many seconds, once in a minute.
_FULL_SECONDS, _BETWEEN_FULL = 6.0, 60.0


@dataclass(frozen=True, slots=True)
class Ask:
    """A question about a network, or a question on the bundled report.

    `after` is the place of the earlier question in whose thread it is asked; `both`: Slack sends two events for it,
    `late` seconds after it was written.
    """

    at: float
    channel: str
    about: str
    after: int | None
    both: bool
    late: float


@dataclass(frozen=True, slots=True)
class Give:
    """A file for the library. `version` counts from 1, and is 0 for a file that cannot be read."""

    at: float
    network: str
    version: int


# What is in the library before the storm begins.
BEFORE = tuple(Give(0.0, network, 1) for network in NETWORKS[:2])


@dataclass(frozen=True, slots=True)
class Again:
    """Slack delivers once more what it sent for the question or the file of this place."""

    at: float
    kind: type[Ask] | type[Give]
    place: int


@dataclass(frozen=True, slots=True)
class Kill:
    """The death of these bots at the same moment."""

    at: float
    bots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FillDisk:
    at: float
    seconds: float


Action = Ask | Give | Again | Kill | FillDisk


def script(seed: int, seconds: float, bots: int = 2) -> list[Action]:
    """Return what happens, in order. Kills come within a second after each BETWEEN_KILLS."""
    random = Random(seed)  # noqa: S311  not for secrets
    kills = list(_kills(random, seconds, bots))
    deaths = [kill.at for kill in kills]
    gives = list(_gives(random, seconds, deaths))
    asks = list(_asks(random, round(seconds * bots * _QUESTIONS), seconds, gives))
    again = [*_again(random, asks, 0, deaths), *_again(random, gives, len(BEFORE), deaths)]
    return sorted([*asks, *gives, *again, *kills, *_full(random, seconds)], key=lambda action: action.at)


def _gives(random: Random, seconds: float, kills: list[float]) -> Iterator[Give]:
    versions = {give.network: give.version for give in BEFORE}
    at = 0.5
    while at < max(seconds - _CALM, 1.0):
        new = [network for network in NETWORKS if network not in versions]
        what = random.choices(("new", "newer", "two", "damaged"), (0.3, 0.35, 0.2, 0.15))[0]
        if what == "new" and new:
            versions[new[0]] = 1
            yield Give(at, new[0], 1)
        elif what == "damaged":
            yield Give(at, random.choice(NETWORKS), 0)
        else:
            network = random.choice(list(versions))
            for later in (0.0, 0.5) if what == "two" else (0.0,):
                versions[network] += 1
                yield Give(at + later, network, versions[network])
        at += random.uniform(0.6, 1.4) * _BETWEEN_FILES
        following = [kill for kill in kills if kill > at + _BEFORE_KILL]
        if following and random.random() < 0.5:
            at = following[0] - random.uniform(0, _BEFORE_KILL)


def _asks(random: Random, count: int, seconds: float, gives: list[Give]) -> Iterator[Ask]:
    channels: list[str] = []
    for at in sorted(random.uniform(0, seconds) for _ in range(count)):
        # A network of which a file was given, or the report.
        given = sorted({give.network for give in (*BEFORE, *gives) if give.version and give.at < at})
        about = random.choice(given) if random.random() < 0.75 else random.choice(list(FACTS))

        draw, after = random.random(), None
        channel = f"C{random.randrange(1, 6)}"
        if draw < _DIRECT:
            # One person's questions are answered one after the other.
            channel = f"D{random.randrange(1, 9)}"
        elif draw < _DIRECT + _IN_THREAD and channels:
            after = random.randrange(max(0, len(channels) - 20), len(channels))
            channel = channels[after]

        late = random.uniform(1, 15) if random.random() < _LATE else 0.0
        yield Ask(at, channel, about, after, channel[0] != "D" and random.random() < _BOTH, late)
        channels.append(channel)


def _again(
    random: Random, acts: Sequence[Ask] | Sequence[Give], first: int, kills: Sequence[float]
) -> Iterator[Again]:
    for place, act in enumerate(acts, start=first):
        at = act.at + (act.late if isinstance(act, Ask) else 0.0)
        draw = random.random()
        kill = next((kill for kill in kills if at < kill <= at + _LATELY), None)
        if draw < _TWICE:
            yield Again(at, type(act), place)
        elif draw < _TWICE + _LATER:
            yield Again(at + random.uniform(1, 20), type(act), place)
        elif draw < _TWICE + _LATER + _MUCH_LATER:
            yield Again(at + random.uniform(40, 120), type(act), place)
        elif kill is not None and random.random() < _AFTER_KILL:
            yield Again(kill + 0.5 + (kill - at) / 2, type(act), place)


def _kills(random: Random, seconds: float, bots: int) -> Iterator[Kill]:
    """Yield the kills: of one bot after the other, and the second one and each fourth one after it of all at once."""
    at, bot, count = BETWEEN_KILLS + random.random(), random.randrange(bots), 0
    while at < seconds - _CALM:
        count += 1
        yield Kill(at, tuple(range(bots)) if count % 4 == 2 else (bot,))
        at, bot = at + BETWEEN_KILLS, (bot + 1) % bots


def _full(random: Random, seconds: float) -> Iterator[FillDisk]:
    at = random.uniform(0.5, 0.7) * min(seconds, _BETWEEN_FULL)
    while at < seconds - _CALM - _FULL_SECONDS:
        yield FillDisk(at, _FULL_SECONDS)
        at += _BETWEEN_FULL
