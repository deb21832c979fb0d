"""Several mentions of one event into one Event, and a new Event to the chain of its earlier datings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingest.dates import DateExpression
from ingest.events.matching import Key, is_year, key_of, same_edition, same_name
from ingest.events.titles.words import GATHERINGS
from store.records import Document, Event, Kind, Mention, digest

_ORDER = {"day": 0, "month": 1, "quarter": 2, "season": 3, "half": 4, "year": 5, "none": 6}


_SEASON = 92


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
    words: list[set[str]] = []
    dated = _Dated()
    for finding in findings:
        key = key_of(finding.title)
        own = key.words | key.acronyms
        near = (i for i in dated.near(finding.mention) if not own.isdisjoint(words[i]))
        home = next((i for i in near if _belongs(finding, groups[i])), None)
        if home is None:
            home = len(groups)
            groups.append([])
            words.append(set())
        groups[home].append(finding)
        words[home] |= own
        dated.add(finding.mention, home)
    return [_event(document, group) for group in groups]


class _Dated:
    """Groups by the days that they are dated to: only one within the other's dates can be the same event."""

    def __init__(self) -> None:
        self._days: defaultdict[int, set[int]] = defaultdict(set)
        self._years: defaultdict[tuple[int, bool], set[int]] = defaultdict(set)
        self._undated: set[int] = set()

    def add(self, mention: Mention, group: int) -> None:
        days, years = _span(mention)
        for day in days:
            self._days[day].add(group)
        for year in years:
            self._years[year, not days].add(group)
        if not years:
            self._undated.add(group)

    def near(self, mention: Mention) -> list[int]:
        """Return the groups that share a day with the mention, in order."""
        days, years = _span(mention)
        if not years:
            return sorted(self._undated)
        found = {group for year in years for group in self._years[year, True]}
        if days:
            found.update(*(self._days[day] for day in days))
        else:
            found.update(*(self._years[year, False] for year in years))
        return sorted(found)


def _span(mention: Mention) -> tuple[range, range]:
    """Return the days of a mention, none if they are more than a season, and its years, none if it has no date."""
    if mention.start is None or mention.end is None:
        return range(0), range(0)
    first, last = mention.start.toordinal(), mention.end.toordinal()
    days = range(first, last + 1) if last - first <= _SEASON else range(0)
    return days, range(mention.start.year, mention.end.year + 1)


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
    off = {a.cue, b.cue} & {"postponed", "cancelled"}
    if off and a.cue != b.cue and None not in (a.cue, b.cue):
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
    before: dict[bool, list[Event]] = {True: [], False: []}
    near = _Index(existing)
    for event in events:
        old = moved(event)
        chain = match_chain(event, near.of(event)) or match_chain(event, before[not old]) or mint()
        done.append(replace(event, chain_id=chain))
        before[old].append(done[-1])
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


def moved(event: Event) -> bool:
    """Whether a dating is one that no longer holds."""
    return any(m.cue == "postponed" for m in event.mentions)


def _same_one(event: Event, other: Event, sole: bool) -> bool:
    a, b = key_of(event.title).edition, key_of(other.title).edition
    if a is not None and b is not None and is_year(a) == is_year(b):
        return a == b
    if b is None and a is not None and not is_year(a):
        return _year(event) == _year(other)  # the "second" of a series is not the one without a number
    if a is not None and b is not None and not moved(event) and not moved(other):
        return _year(event) is None or _year(other) is None or _year(event) == _year(other)
    years = {_year(event), _year(other)} - {None}
    ordinal = (a is not None and not is_year(a)) or (b is not None and not is_year(b))
    return sole or ordinal or moved(event) or moved(other) or len(years) < 2


def _year(event: Event) -> int | None:
    start = event.mentions[0].start
    return start.year if start else None
