"""Sets of dates in news: which expressions are found, and whether their value is right, as TempEval-3 scores it."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lxml import etree

from ingest.dates import DateExpression, find_dates

_SEASONS = {3: "SP", 6: "SU", 9: "FA", 12: "WI"}
# In days; "early 2025" is longer.
_LONGEST_SEASON = 100


@dataclass(frozen=True, slots=True)
class Timex:
    """An expression of a text: its span, and its value in TimeML ("2013-03-22", "P4W", "PRESENT_REF")."""

    start: int
    end: int
    value: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class DatedText:
    """A text of a day, with its marked expressions."""

    text: str
    day: date
    marked: Sequence[Timex]


def tempeval3(folder: Path) -> list[DatedText]:
    """Read the TimeML files (*.tml) of a folder. Raises FileNotFoundError if there are none."""
    files = sorted(folder.glob("*.tml"))
    if not files:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder / "*.tml"))
    return [_timeml(file) for file in files]


def _timeml(file: Path) -> DatedText:
    root = etree.parse(file).getroot()
    parts: list[str] = []
    marked: list[Timex] = []

    def read(element: etree._Element) -> None:
        start = sum(map(len, parts))
        parts.append(element.text or "")
        for child in element:
            read(child)
            parts.append(child.tail or "")
        if element.tag == "TIMEX3":
            marked.append(Timex(start, sum(map(len, parts)), element.get("value"), element.get("type")))

    read(root.find("TEXT"))
    return DatedText("".join(parts), date.fromisoformat(root.find("DCT/TIMEX3").get("value")[:10]), marked)


def measure(texts: Sequence[DatedText]) -> dict[str, float]:
    """Return the figures of the dates that the program's grammar finds."""
    return scores([(list(found(text)), text.marked) for text in texts])


def found(text: DatedText) -> Iterator[Timex]:
    """Yield the expressions of a text as the program reads them, with values in TimeML's notation."""
    for expression in find_dates(text.text, reference=text.day):
        yield Timex(*expression.span, _value(expression))


def _value(expression: DateExpression) -> str:
    """Return the value, without what TimeML adds as a modifier ("early"); "" for days without a value of their own."""
    first, last = expression.start, expression.end
    if first is None or last is None:
        return expression.recurrence or expression.offset or ""
    match expression.precision:
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first:%Y}-Q{(first.month + 2) // 3}"
        case "half":
            return f"{first:%Y}-H{(first.month + 5) // 6}"
        case "season" if (season := _SEASONS.get(first.month)) and (last - first).days < _LONGEST_SEASON:
            return f"{first:%Y}-{season}"
        case "year" | "season":
            return f"{first:%Y}"
    if first == last:
        return f"{first}T{expression.time}" if expression.time else f"{first}"
    is_week = first.weekday() == 0 and (last - first).days == 6
    return f"{first:%G-W%V}" if is_week else ""


def scores(texts: Sequence[tuple[Sequence[Timex], Sequence[Timex]]]) -> dict[str, float]:
    """Return the scores over texts, each as (found, marked), as TempEval-3 defines them.

    An expression is matched by one that overlaps it, strictly by one of the same words. `value F1` is the F1 of these
    matches times the share of the matched marked ones whose value is right. The shares by type are of the marked ones.
    """
    pairs = [(own, _matches(own, marked)) for own, marked in texts]
    matches = [(one, match) for _, found in pairs for one, match in found]
    counted = sum(len(own) for own, _ in pairs)
    hits = sum(any(_overlap(one, other) for other in marked) for own, marked in texts for one in own)
    strict = sum(match is not None and _span(one) == _span(match) for one, match in matches)
    matched = [(one, match) for one, match in matches if match is not None]
    right = [one for one, match in matched if one.value == match.value]
    relaxed = _harmonic(hits / max(counted, 1), len(matched) / max(len(matches), 1))
    types = Counter(one.type for one, _ in matches)
    rights = Counter(one.type for one in right)
    return {
        "texts": len(texts),
        "expressions": len(matches),
        "found F1, same words": _harmonic(strict / max(counted, 1), strict / max(len(matches), 1)),
        "found F1": relaxed,
        "found precision": hits / max(counted, 1),
        "found recall": len(matched) / max(len(matches), 1),
        "value right, of found": len(right) / max(len(matched), 1),
        "value F1": relaxed * len(right) / max(len(matched), 1),
    } | {f"right {kind}, of {count}": rights[kind] / count for kind, count in types.most_common()}


def _matches(found: Sequence[Timex], marked: Sequence[Timex]) -> list[tuple[Timex, Timex | None]]:
    """Return each marked expression with the one found in its words, if any; the one with its value before others."""
    return [
        (one, max((o for o in found if _overlap(one, o)), key=lambda o: o.value == one.value, default=None))
        for one in marked
    ]


def _overlap(one: Timex, other: Timex) -> bool:
    return one.start < other.end and other.start < one.end


def _span(one: Timex) -> tuple[int, int]:
    return one.start, one.end


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
