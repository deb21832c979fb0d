"""Measures the hard checks and the recorded judge on the marked statements of tests/data/verification.

python -m tests.tools.quality.statements
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Any

from bot.answering.parsing import sentences_of
from bot.facts.checks import violations
from bot.facts.names import other_forms
from bot.facts.stated import read_facts
from tests.bot.passages import passages, rows
from tests.recordings import Recordings, key


@dataclass(frozen=True)
class Marked:
    """A statement with the paragraphs that it may cite; `said` where they say it."""

    group: str
    report: str
    text: str
    sections: tuple[str, ...]
    cites: tuple[int, ...]
    said: bool


@dataclass
class Counts:
    """Of the statements that the passages say, and of those that they do not, how many passed what.

    `hard` passed the hard checks, `judged` the judge too.
    """

    said: int = 0
    wrong: int = 0
    said_hard: int = 0
    wrong_hard: int = 0
    said_judged: int = 0
    wrong_judged: int = 0

    def add(self, name: str, hard: bool, judged: bool) -> None:
        for counted, is_so in ((name, True), (f"{name}_hard", hard), (f"{name}_judged", judged)):
            setattr(self, counted, getattr(self, counted) + is_so)


def marked_statements() -> Iterator[Marked]:
    """Yield every marked statement, set by set."""
    for group, said in (("faithful", True), ("paraphrases", True), ("swaps", False)):
        for row in rows(f"{group}.jsonl"):
            yield _one(group, row, said)
    for group in ("third", "fourth"):
        for row in rows(f"{group}.jsonl"):
            yield _one(group, row, row["said"])
    for group in ("replies", "misbehaviours"):
        for row in rows(f"{group}.jsonl"):
            yield from _of_reply(group, row)


def _one(group: str, row: dict[str, Any], said: bool) -> Marked:
    return Marked(group, row["report"], row["sentence"], (row["section"],), (0,), said)


def _of_reply(group: str, row: dict[str, Any]) -> Iterator[Marked]:
    """Yield the statements of a reply that are marked as wrong or as right; of one that is no plain text, none."""
    pieces = row["reply"] if isinstance(row["reply"], list) else [row["reply"]]
    if not all(isinstance(piece, str) for piece in pieces):
        return
    for statement in sentences_of("".join(pieces)):
        wrong = any(w.rstrip(".") in statement.text or statement.text in w for w in row["wrong"])
        right = bool(row["right"]) and row["right"].rstrip(".") in statement.text
        if wrong or right:
            report = row.get("report", "sample")
            yield Marked(group, report, statement.text, tuple(row["sections"]), statement.cites, not wrong)


def measure(statements: Iterable[Marked]) -> dict[str, Counts]:
    """Return the counts by set. Raises KeyError for a statement without a recorded verdict."""
    verdicts = Recordings().verdicts
    counts: dict[str, Counts] = {}
    for one in statements:
        held = [passages(one.report)[section] for section in one.sections]
        cites = [n for n in one.cites if 0 <= n < len(held)]
        facts = read_facts([held[n] for n in cites], other_forms(passage.section.text for passage in held))
        hard = bool(cites) and not violations(one.text, facts)
        judged = hard and verdicts[key(one.text, [one.sections[n] for n in cites])] == "yes"
        counts.setdefault(one.group, Counts()).add("said" if one.said else "wrong", hard, judged)
    return counts


def total(counts: Iterable[Counts]) -> Counts:
    """Return the sum of several sets."""
    return Counts(*map(sum, zip(*map(astuple, counts), strict=True)))


def main() -> None:
    """Print the counts by set and in all."""
    counts = measure(marked_statements())
    for name, one in {**counts, "all": total(counts.values())}.items():
        print(name, one, file=sys.stdout)


if __name__ == "__main__":
    main()
