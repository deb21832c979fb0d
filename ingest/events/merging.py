"""Merges the mentions of one event in one document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.dates import DateExpression
from ingest.events.matching import is_year, key_of, same_edition, same_name
from store.records import Document, Event, Kind, Mention, short_hash

_ORDER = {"day": 0, "month": 1, "quarter": 2, "season": 3, "half": 4, "year": 5, "none": 6}
# The longest season.
_SEASON_DAYS = 92


@dataclass(frozen=True, slots=True)
class TitledMention:
    """A mention with the title, kind and location of its event; `expression` is the one that dates it."""

    title: str
    kind: Kind
    location: str | None
    mention: Mention
    expression: DateExpression


def merge_mentions(document: Document, mentions: Sequence[TitledMention]) -> list[Event]:
    """Return one Event for each event of `mentions`, its most precise mention first."""
    groups: list[list[TitledMention]] = []
    words: list[set[str]] = []
    dated = _Dated()
    for titled in mentions:
        key = key_of(titled.title)
        own = key.words | key.acronyms
        near = (i for i in dated.near(titled.mention) if not own.isdisjoint(words[i]))
        home = next((i for i in near if _belongs(titled, groups[i])), None)
        if home is None:
            home = len(groups)
            groups.append([])
            words.append(set())
        groups[home].append(titled)
        words[home] |= own
        dated.add(titled.mention, home)
    return [_event(document, group) for group in groups]


class _Dated:
    """Index of groups by their days: mentions of the same event share some."""

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
    """Return the ordinals of a mention's days, empty if longer than a season, and its years, empty without a date."""
    if mention.start is None or mention.end is None:
        return range(0), range(0)
    first, last = mention.start.toordinal(), mention.end.toordinal()
    days = range(first, last + 1) if last - first <= _SEASON_DAYS else range(0)
    return days, range(mention.start.year, mention.end.year + 1)


def _belongs(titled: TitledMention, group: Sequence[TitledMention]) -> bool:
    if any(f.kind != titled.kind for f in group):
        return False
    if not all(_nested(titled.mention, f.mention) for f in group):
        return False
    return any(same_name(titled.title, f.title) and same_edition(titled.title, f.title) for f in group)


def _nested(a: Mention, b: Mention) -> bool:
    """Return whether one dating lies within the other, so that both may date one event."""
    if a.start is None or a.end is None or b.start is None or b.end is None:
        return a.start is None and b.start is None and a.text.casefold() == b.text.casefold()
    off = {a.cue, b.cue} & {"postponed", "cancelled"}
    if off and a.cue != b.cue and None not in (a.cue, b.cue):
        return (a.start, a.end) == (b.start, b.end)
    return (a.start <= b.start and b.end <= a.end) or (b.start <= a.start and a.end <= b.end)


def _event(document: Document, group: Sequence[TitledMention]) -> Event:
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


def _title(ranked: Sequence[TitledMention]) -> str:
    """Return the title of the most precise mention, or one that adds an acronym or an edition to it."""
    best = ranked[0].title
    for other in (f.title for f in ranked[1:]):
        if other.startswith(best) and len(other) <= len(best) + 14 and not is_year(key_of(other).edition):
            best = other
    return best
