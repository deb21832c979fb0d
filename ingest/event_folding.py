"""Several mentions of one event into one Event, and a new Event to the chain of its earlier datings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingest.dates import DateExpression
from ingest.event_keys import Key, is_year, key_of, same_edition, same_name
from ingest.event_words import GATHERINGS
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
    the titles state no edition, the year that is dated tells the events of a series apart, unless one was
    postponed or the same document knew just this one by that title.
    """
    named = [o for o in existing if o.chain_id and o.kind == event.kind and same_name(event.title, o.title)]
    twins = [o for o in named if o.document_id == event.document_id and o.title == event.title]
    sole = len({o.chain_id for o in twins}) == 1
    best = max(
        (o for o in named if _same_one(event, o, sole and o in twins)),
        key=lambda o: (o.id == event.id, o.title == event.title, _year(o) == _year(event), o in twins),
        default=None,
    )
    return best.chain_id if best else None


def chained(events: Sequence[Event], existing: Sequence[Event], mint: Callable[[], str]) -> list[Event]:
    """Return the events of one document with their chains: matched among `existing`, or else minted.

    Within the document, the old and the new date of what it moves are one chain.
    """
    done: list[Event] = []
    near = _Index(existing)
    for event in events:
        moved = [o for o in done if _moved(event) != _moved(o)]
        done.append(
            replace(event, chain_id=match_chain(event, near.of(event)) or match_chain(event, moved) or mint())
        )
    return done


class _Index:
    """Events by what their titles share, so that a title is compared with its like only."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._spelled: list[int] = []  # bare acronyms may stand for any title
        for k, event in enumerate(events):
            key = key_of(event.title)
            for word in _telling(key):
                self._by_word[word].append(k)
            if len(key.words) <= len(key.acronyms):
                self._spelled.append(k)

    def of(self, event: Event) -> Sequence[Event]:
        """Return the events whose titles may name the same as that of `event`."""
        key = key_of(event.title)
        if len(key.words) <= len(key.acronyms):
            return self._events
        near = {k for word in _telling(key) for k in self._by_word[word]} | set(self._spelled)
        return [self._events[k] for k in sorted(near)]


def _telling(key: Key) -> frozenset[str]:
    """The words that tell a title from others; a gathering's noun only where there is no other."""
    words = key.words | key.acronyms
    return words - GATHERINGS or words


def _moved(event: Event) -> bool:
    return any(m.cue == "postponed" for m in event.mentions)


def _same_one(event: Event, other: Event, sole: bool) -> bool:
    a, b = key_of(event.title).edition, key_of(other.title).edition
    if a is not None and b is not None and is_year(a) == is_year(b):
        return a == b
    if b is None and a is not None and not is_year(a):
        return _year(event) == _year(other)  # the "second" of a series is not the one without a number
    if a is not None and b is not None and not _moved(event) and not _moved(other):
        return _year(event) is None or _year(other) is None or _year(event) == _year(other)
    years = {_year(event), _year(other)} - {None}
    ordinal = (a is not None and not is_year(a)) or (b is not None and not is_year(b))
    return sole or ordinal or _moved(event) or _moved(other) or len(years) < 2


def _year(event: Event) -> int | None:
    start = event.mentions[0].start
    return start.year if start else None
