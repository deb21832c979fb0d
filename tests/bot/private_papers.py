"""Papers for everybody, and papers for one channel on the same topics: 100 paragraphs each, from a seed.

Each private paragraph has a word that nothing else has, and most have a day of a year of which nothing else speaks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SECRET_YEAR = "2031"  # noqa: S105  a year
_TOPICS = ("rural", "coastal", "alpine", "polar", "urban", "island", "desert", "river", "forest", "harbour")
_NOUNS = (
    "spectrum",
    "broadband",
    "satellite",
    "cable",
    "radio",
    "beacon",
    "numbering",
    "roaming",
    "relay",
    "tariff",
)
_MONTHS = ("March", "April", "May", "June", "July", "September", "October", "November")


@dataclass(frozen=True)
class Case:
    """A private paragraph and a public one on one topic; only the private one has `marker`."""

    topic: str
    marker: str
    public: str
    private: str


def cases(seed: int) -> list[Case]:
    """Return a hundred cases."""
    dice = random.Random(seed)  # noqa: S311  cases, no keys
    return [_case(f"{_TOPICS[n // 10]} {_NOUNS[n % 10]}", f"zq{n:03d}vex", n, dice) for n in range(100)]


def _case(topic: str, marker: str, number: int, dice: random.Random) -> Case:
    day, month = dice.randint(1, 28), dice.choice(_MONTHS)
    secret = f"{dice.randint(1, 28)} {dice.choice(_MONTHS)} {SECRET_YEAR}"
    public = f"The Forum on {topic} will be held in Geneva on {day} {month} 2025."
    initials = "".join(word[0] for word in topic.split()).upper()
    forms = (
        f"The Forum on {topic} has been postponed to {secret}, as {marker} asked.",
        f"The Forum on {topic} is cancelled, as {marker} asked on {secret}.",
        f"The Forum on {topic} will be held in {marker.title()} on {secret}.",
        f"Comments on the {marker} paper on {topic} are due by {secret}.",
        f"The {marker.title()} {topic.title()} Panel ({marker[0].upper()}{initials}P) meets on {secret} in Nairobi.",
        f"{public} The {marker} group of {topic} prepares it.",
        f"Partners of the {topic} programme are {marker} and ninety others.",
    )
    return Case(topic, marker, public, forms[number % len(forms)])


def write(folder: Path, every: list[Case], part: int, *, private: bool) -> Path:
    """Write one of the ten papers of the cases, with its facts beside it; return its path.

    The private one has the public one's title, and for every second one its symbol too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = every[10 * part : 10 * part + 10]
    lines = [f"1.{n}\t{case.private if private else case.public}" for n, case in enumerate(own, start=1)]
    path = folder / f"paper-{part}.txt"
    path.write_text("\n".join(["1. Forums", *lines]) + "\n")
    symbol = f"C25/{part + (50 if private and part % 2 else 10)}"
    month = "09" if private else "01"
    facts = f'title = "Forums, part {part}"\nsymbol = "{symbol}"\ndate = 2024-{month}-{part + 1:02d}\n'
    path.with_name(f"{path.name}.meta.toml").write_text(facts)
    return path


def questions(every: list[Case]) -> Iterator[str]:
    """Yield a question about each case, every other one of them about what only the private paper says."""
    for number, case in enumerate(every):
        yield f"What is {case.marker}?" if number % 4 == 3 else f"When is the Forum on {case.topic}?"
