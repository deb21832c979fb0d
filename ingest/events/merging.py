"""Mentions of events with their titles; merges those of one event in one document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ingest.dates import DateExpression
from ingest.events.matching import is_year, key_of, same_edition, same_name
from store.records import Bound, Cue, Document, Event, Kind, Mention, short_hash

_ORDER = {"day": 0, "month": 1, "quarter": 2, "season": 3, "half": 4, "year": 5, "none": 6}
# The longest season.
_SEASON_DAYS = 92
# A mention is compared with so many events of the same day, so that a long list of them takes no square of its length.
_MOST_COMPARED = 200


@dataclass(frozen=True, slots=True)
class TitledMention:
    """A mention with the title, kind and location of its event; `expression` is the one that dates it."""

    title: str
    kind: Kind
    location: str | None
    mention: Mention
    expression: DateExpression


def bound_of(expression: DateExpression, kind: Kind, cue: Cue | None) -> Bound:
    """Return the bound that an expression sets for an event of this kind and cue."""
    if expression.kind == "date" and kind == "deadline":
        return "by"
    # In "moved from 5 May" the "from" is no bound.
    return "on" if cue == "postponed" and expression.bound == "from" else expression.bound


@dataclass
class _Group:
    """Mentions of one event, and each of their titles and datings once."""

    kind: Kind
    mentions: list[TitledMention] = field(default_factory=list)
    titles: dict[str, None] = field(default_factory=dict)
    datings: dict[tuple[object, ...], Mention] = field(default_factory=dict)

    def add(self, titled: TitledMention) -> None:
        """Add a mention."""
        mention = titled.mention
        self.mentions.append(titled)
        self.titles[titled.title] = None
        text = None if mention.start else mention.text.casefold()
        self.datings.setdefault((mention.start, mention.end, mention.cue, text), mention)

    def takes(self, titled: TitledMention) -> bool:
        """Whether a mention is of the same event."""
        if titled.kind != self.kind or not all(_nested(titled.mention, m) for m in self.datings.values()):
            return False
        return any(same_name(titled.title, t) and same_edition(titled.title, t) for t in self.titles)


def merge_mentions(document: Document, mentions: Sequence[TitledMention]) -> list[Event]:
    """Return one Event for each event of `mentions`, its most precise mention first."""
    groups: list[_Group] = []
    index = _GroupIndex()
    for titled in mentions:
        near = index.near(titled)
        home = next((i for i in near if groups[i].takes(titled)), None)
        if home is None:
            home = len(groups)
            groups.append(_Group(titled.kind))
        groups[home].add(titled)
        index.add(titled, home)
    return [_event(document, group.mentions) for group in groups]


class _GroupIndex:
    """Index of groups by days and words: mentions of the same event share some of both."""

    def __init__(self) -> None:
        self._groups: defaultdict[tuple[Hashable, str], dict[int, None]] = defaultdict(dict)

    def add(self, titled: TitledMention, group: int) -> None:
        days, years = _span(titled.mention)
        slots: list[Hashable] = [*days, *((year, not days) for year in years)] or [None]
        for word in _words(titled):
            for slot in slots:
                self._groups[slot, word][group] = None

    def near(self, titled: TitledMention) -> list[int]:
        """Return the groups that share a day and a word with the mention, in order.

        If there are very many, those that share its rarest words.
        """
        days, years = _span(titled.mention)
        coarse = [(year, True) for year in years]
        slots: list[Hashable] = [*coarse, *(days or ((year, False) for year in years))] or [None]
        by_word = [
            [groups for slot in slots if (groups := self._groups.get((slot, word)))]
            for word in _words(titled)
        ]
        found: set[int] = set()
        for shared in sorted(by_word, key=lambda some: sum(map(len, some))):
            for groups in shared:
                found.update(islice(groups, max(_MOST_COMPARED - len(found), 0)))
        return sorted(found)


def _words(titled: TitledMention) -> frozenset[str]:
    key = key_of(titled.title)
    return key.words | key.acronyms


def _span(mention: Mention) -> tuple[range, range]:
    """Return the ordinals of a mention's days, empty if longer than a season, and its years, empty without a date."""
    if mention.start is None or mention.end is None:
        return range(0), range(0)
    first, last = mention.start.toordinal(), mention.end.toordinal()
    days = range(first, last + 1) if last - first <= _SEASON_DAYS else range(0)
    return days, range(mention.start.year, mention.end.year + 1)


def _nested(a: Mention, b: Mention) -> bool:
    """Whether one dating lies within the other, so that both may date one event."""
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
