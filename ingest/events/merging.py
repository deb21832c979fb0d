"""Several mentions of one event into one Event, and a new Event to the chain of its earlier datings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.dates import DateExpression
from ingest.events.matching import is_year, key_of, same_edition, same_name
from store.records import Document, Event, Kind, Mention, short_hash

_ORDER = {"day": 0, "month": 1, "quarter": 2, "season": 3, "half": 4, "year": 5, "none": 6}


_SEASON = 92


@dataclass(frozen=True, slots=True)
class NamedMention:
    """One mention with what it was named; `expression` is kept for distances that are resolved later."""

    title: str
    kind: Kind
    location: str | None
    mention: Mention
    expression: DateExpression


def merge_mentions(document: Document, findings: Sequence[NamedMention]) -> list[Event]:
    """Return one Event for each event that `findings` speak of, its most precise mention first."""
    groups: list[list[NamedMention]] = []
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


def _belongs(finding: NamedMention, group: Sequence[NamedMention]) -> bool:
    if any(f.kind != finding.kind for f in group):
        return False
    if not all(_nested(finding.mention, f.mention) for f in group):
        return False
    return any(same_name(finding.title, f.title) and same_edition(finding.title, f.title) for f in group)


def _nested(a: Mention, b: Mention) -> bool:
    """Return whether one dating lies within the other: nothing contradicts their being one."""
    if a.start is None or a.end is None or b.start is None or b.end is None:
        return a.start is None and b.start is None and a.text.casefold() == b.text.casefold()
    off = {a.cue, b.cue} & {"postponed", "cancelled"}
    if off and a.cue != b.cue and None not in (a.cue, b.cue):
        return (a.start, a.end) == (b.start, b.end)
    return (a.start <= b.start and b.end <= a.end) or (b.start <= a.start and a.end <= b.end)


def _event(document: Document, group: Sequence[NamedMention]) -> Event:
    ranked = sorted(
        group, key=lambda f: (_ORDER[f.mention.precision], f.mention.approximate, f.mention.year_inferred)
    )
    best = ranked[0]
    title = _title(ranked)
    location = next((f.location for f in ranked if f.location), None)
    mention = best.mention
    key = key_of(title)
    identity = short_hash(
        document.id, "|".join(sorted(key.words)), "|".join(sorted(key.acronyms)), key.edition or "",
        best.kind, str(mention.start), str(mention.end), "" if mention.start else mention.text,
    )  # fmt: skip
    return Event(identity, document.id, title, best.kind, tuple(f.mention for f in ranked), location)


def _title(ranked: Sequence[NamedMention]) -> str:
    """Prefer the name of the most precise mention, with the acronym or the edition that another one gives."""
    best = ranked[0].title
    for other in (f.title for f in ranked[1:]):
        if other.startswith(best) and len(other) <= len(best) + 14 and not is_year(key_of(other).edition):
            best = other
    return best
