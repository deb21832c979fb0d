"""Several mentions of one event into one Event, and a new Event to the chain of its earlier datings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.dates import DateExpression
from ingest.event_keys import is_year, key_of, same_edition, same_name
from store.records import Document, Event, Kind, Mention, digest

_ORDER = {"day": 0, "month": 1, "quarter": 2, "season": 3, "half": 4, "year": 5, "none": 6}


@dataclass(frozen=True, slots=True)
class Finding:
    """One mention with what it was named; `expression` is kept for distances that are reckoned later."""

    title: str
    kind: Kind
    location: str | None
    mention: Mention
    expression: DateExpression


def fold(document: Document, findings: Sequence[Finding]) -> list[Event]:
    """Return one Event for each event that `findings` speak of, its most precise mention first."""
    groups: list[list[Finding]] = []
    by_word: defaultdict[str, list[int]] = defaultdict(list)
    for finding in findings:
        words = key_of(finding.title).words | key_of(finding.title).acronyms
        near = sorted({index for word in words for index in by_word[word]})
        home = next((i for i in near if _belongs(finding, groups[i])), None)
        if home is None:
            home = len(groups)
            groups.append([])
        groups[home].append(finding)
        for word in words:
            if not by_word[word] or by_word[word][-1] != home:
                by_word[word].append(home)
    return [_event(document, group) for group in groups]


def _belongs(finding: Finding, group: Sequence[Finding]) -> bool:
    if any(f.kind != finding.kind for f in group):
        return False
    if not all(_nested(finding.mention, f.mention) for f in group):
        return False
    return any(same_name(finding.title, f.title) and same_edition(finding.title, f.title) for f in group)


def _nested(a: Mention, b: Mention) -> bool:
    """Whether one dating lies within the other: nothing contradicts their being one."""
    if a.start is None or a.end is None or b.start is None or b.end is None:
        return a.start is None and b.start is None and a.text.casefold() == b.text.casefold()
    if a.cue in ("postponed", "cancelled") and b.cue not in (a.cue, None):
        return (a.start, a.end) == (b.start, b.end)
    return (a.start <= b.start and b.end <= a.end) or (b.start <= a.start and a.end <= b.end)


def _event(document: Document, group: Sequence[Finding]) -> Event:
    ranked = sorted(
        group, key=lambda f: (_ORDER[f.mention.precision], f.mention.approximate, f.mention.year_inferred)
    )
    best = ranked[0]
    title = _title(ranked)
    location = next((f.location for f in ranked if f.location), None)
    mention = best.mention
    key = key_of(title)
    identity = digest(
        document.id, "|".join(sorted(key.words)), "|".join(sorted(key.acronyms)), key.edition or "",
        best.kind, str(mention.start), str(mention.end), "" if mention.start else mention.text,
    )  # fmt: skip
    return Event(identity, document.id, title, best.kind, tuple(f.mention for f in ranked), location)


def _title(ranked: Sequence[Finding]) -> str:
    """Prefer the name of the most precise mention, with the acronym or the edition that another one gives."""
    best = ranked[0].title
    for other in (f.title for f in ranked[1:]):
        if other.startswith(best) and len(other) <= len(best) + 14 and not is_year(key_of(other).edition):
            best = other
    return best


def match_chain(event: Event, existing: Sequence[Event]) -> str | None:
    """Return the `chain_id` of the event among `existing` that `event` dates anew; None for a new event.

    Matched by name and edition, never by date: CSW68 is not CSW67, "WSIS Forum 2024" not "WSIS Forum 2025". Where
    the titles state no edition, the year that is dated stands for it among annual events of the same name,
    unless one of the two was postponed. A series dated in its own document twice keeps its chains apart.
    """
    best: tuple[int, str] | None = None
    for other in existing:
        if not other.chain_id or other.kind != event.kind:
            continue
        if not same_name(event.title, other.title) or not _same_one(event, other):
            continue
        score = (
            2 * (other.title == event.title)
            + (other.document_id == event.document_id)
            + (other.id == event.id) * 4
        )
        if best is None or score > best[0]:
            best = (score, other.chain_id)
    return best[1] if best else None


def _same_one(event: Event, other: Event) -> bool:
    a, b = _edition(event), _edition(other)
    if a is not None and b is not None and is_year(a) == is_year(b):
        return a == b
    if not same_edition(event.title, other.title):
        return False
    if a is not None and b is not None:
        return True
    moved = any(m.cue == "postponed" for e in (event, other) for m in e.mentions)
    years = [m.start.year for e in (event, other) for m in e.mentions[:1] if m.start]
    return (
        moved
        or len(years) < 2
        or years[0] == years[1]
        or ((a is not None or b is not None) and abs(years[0] - years[1]) <= 1)
    )


def _edition(event: Event) -> str | None:
    return key_of(event.title).edition


def with_chain(event: Event, chain_id: str) -> Event:
    """Return `event` as a dating of the chain."""
    return replace(event, chain_id=chain_id)
