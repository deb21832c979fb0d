"""Measures the hard checks and the recorded judge on the marked statements of tests/data/verification.

python -m tests.tools.quality.statements
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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

    `hard` passed the hard checks, `judged` the judge too; `stopped` counts by check, first (rightly, wrongly).
    """

    said: int = 0
    wrong: int = 0
    said_hard: int = 0
    wrong_hard: int = 0
    said_judged: int = 0
    wrong_judged: int = 0
    stopped: dict[str, tuple[int, int]] = field(default_factory=dict)


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


def measure(statements: Iterable[Marked], recordings: Recordings | None = None) -> dict[str, Counts]:
    """Return the counts by set. Raises KeyError for a statement without a recorded verdict."""
    recordings = recordings or Recordings()
    counts: dict[str, Counts] = {}
    for one in statements:
        own = counts.setdefault(one.group, Counts())
        held = [passages(one.report)[section] for section in one.sections]
        cites = [n for n in one.cites if 0 <= n < len(held)]
        cited = [held[n] for n in cites]
        forms = other_forms(passage.section.text for passage in held)
        missing = violations(one.text, read_facts(cited, forms)) if cited else []
        if missing or not cited:
            check = missing[0].check if missing else "citation"
        else:
            verdict = recordings.verdicts[key(one.text, [one.sections[n] for n in cites])]
            check = "" if verdict == "yes" else "judge"
        hard, judged = check in ("", "judge"), not check
        if one.said:
            own.said, own.said_hard, own.said_judged = (
                own.said + 1,
                own.said_hard + hard,
                own.said_judged + judged,
            )
        else:
            own.wrong += 1
            own.wrong_hard, own.wrong_judged = own.wrong_hard + hard, own.wrong_judged + judged
        if check:
            rightly, wrongly = own.stopped.get(check, (0, 0))
            own.stopped[check] = (rightly + (not one.said), wrongly + one.said)
    return counts


def total(counts: Iterable[Counts]) -> Counts:
    """Return the sum of several sets."""
    whole, stopped = Counts(), Counter[tuple[str, int]]()
    for one in counts:
        for name in ("said", "wrong", "said_hard", "wrong_hard", "said_judged", "wrong_judged"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        for check, pair in one.stopped.items():
            stopped.update({(check, 0): pair[0], (check, 1): pair[1]})
    whole.stopped = {check: (stopped[check, 0], stopped[check, 1]) for check, _ in stopped}
    return whole


def main() -> None:
    """Print the counts by set and in all."""
    counts = measure(marked_statements())
    for name, one in {**counts, "all": total(counts.values())}.items():
        print(name, one, file=sys.stdout)


if __name__ == "__main__":
    main()
