"""Which mentions date one event: those of a document become one event, and events of documents one chain.

Titles are compared by words, acronyms and edition. A document that is read again keeps its chains, by which calendars
know an event.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import NamedTuple, TypeVar

from rapidfuzz import fuzz
from text_to_num import alpha2digit

from ingest.dates import DateExpression
from ingest.dates.words import GATHERINGS
from ingest.events.words import singular
from store.records import Bound, Cue, Document, Event, Kind, Mention, Section, redacted, short_hash

_TOKEN = re.compile(r"[^\W_]+")
_CODE = re.compile(r"\b([A-Z][A-Za-z]*[A-Z])-?(\d{1,3})\b")
_ORDINAL = re.compile(r"\b(\d{1,3})(?:st|nd|rd|th)\b")
_SPELLED = re.compile(r"\b(?:[a-z]+ty[- ])?(?:first|second|third|[a-z]+th)\b", re.I)
# Words that do not distinguish events.
_IGNORED = frozenset(
    """the a an of for on in at to and by with from un united nations international high level annual session meeting
    event special draft new itu countries country states state developing""".split()
)
_MEETINGS = frozenset({"session", "event", "gathering"})
# Least similarity, of 100, of titles of one event: one word of five may be missing or spelled otherwise.
_LEAST_SIMILARITY = 86


class _TitleKey(NamedTuple):
    """The content of a title: content words, acronyms, and an edition (an ordinal, a code's number or a year).

    `part` is the ordinal behind a colon, if it is not the edition: the third session of the fourth conference.
    `gatherings` are its nouns of gatherings; a session, an event and a gathering are a meeting.
    """

    words: frozenset[str]
    acronyms: frozenset[str]
    edition: str | None
    sorted: str
    gatherings: frozenset[str]
    part: str | None


@lru_cache(maxsize=20_000)
def _title_key(title: str) -> _TitleKey:
    """Return the key of `title`: "Third UN Conference on LLDCs (LLDC3)" and "LLDC3" share acronym and edition."""
    acronyms = {name.casefold() for name, _ in _CODE.findall(title)}
    edition = next((str(int(number)) for _, number in _CODE.findall(title)), None)
    words: set[str] = set()
    counted = _SPELLED.sub(lambda m: alpha2digit(m[0].replace("-", " "), "en", threshold=0.0), title)
    behind = _ORDINAL.findall(counted.rpartition(": ")[2]) if ": " in counted else []
    for raw in _TOKEN.findall(counted):
        fold = raw.casefold()
        ordinal = _ORDINAL.fullmatch(fold)
        if ordinal or re.fullmatch(r"(?:19|20)\d\d", fold):
            edition = edition or (str(int(ordinal[1])) if ordinal else fold)
            continue
        if len(raw) > 1 and raw.rstrip("s").isupper():
            acronyms.add(fold.rstrip("s"))
        if fold not in _IGNORED and not re.fullmatch(r"[a-z]+\d+", fold):
            words.add(singular(fold))
    if not words and not acronyms:
        # "Annual session" has only words that are ignored otherwise.
        words = {fold for fold in _TOKEN.findall(counted.casefold()) if fold.isalpha()}
    gatherings = {singular(word) for word in _TOKEN.findall(title.casefold())} & GATHERINGS
    if gatherings & _MEETINGS:
        gatherings = gatherings - _MEETINGS | {"meeting"}
    part = next((n for n in behind if n != edition), None)
    return _TitleKey(
        frozenset(words), frozenset(acronyms), edition, " ".join(sorted(words)), frozenset(gatherings), part
    )


def _is_year(edition: str | None) -> bool:
    """Whether the edition is a year."""
    return edition is not None and len(edition) == 4


def _same_name(first: str, second: str) -> bool:
    """Whether two titles name the same series of events, whatever their editions."""
    a, b = _title_key(first), _title_key(second)
    # A retreat is no meeting, a session is one.
    if a.gatherings and b.gatherings and not a.gatherings & b.gatherings:
        return False
    if a.words == b.words and (a.words or a.acronyms == b.acronyms):
        return bool(a.words or a.acronyms)
    if _initials(first, b) or _initials(second, a):
        return True
    shared = {w for w in a.acronyms & b.acronyms if w not in ("un", "itu", "unga")}
    if shared and (not a.words - shared or not b.words - shared):
        return True
    shorter, longer = sorted((a, b), key=lambda k: len(k.words))
    specific = shorter.words - GATHERINGS
    if not specific:
        return False
    if shorter.words <= longer.words and len(longer.words) - len(shorter.words) <= 1:
        return True
    # Words in only one of the titles distinguish two events, unless they are spellings of each other.
    return (
        len(shorter.words) > 2
        and fuzz.ratio(a.sorted, b.sorted, score_cutoff=_LEAST_SIMILARITY) > 0
        and _only_spelled(a, b)
    )


def _only_spelled(a: _TitleKey, b: _TitleKey) -> bool:
    ours, theirs = a.words - b.words, b.words - a.words
    if not ours or not theirs:
        return True
    return all(max(fuzz.ratio(word, other) for other in theirs) >= 75 for word in ours)


def _initials(title: str, other: _TitleKey) -> bool:
    """Whether initials of `title` spell an acronym of `other`, which has hardly another word.

    A long word may contribute two letters ("Landlocked Developing Countries" is LLDC), so doubled letters count once.
    """
    if len(other.words) > len(other.acronyms):
        return False
    capitals = [w[0].casefold() for w in re.findall(r"[A-Za-z]+", title.replace("-", " ")) if w[0].isupper()]
    spelled = "".join(capitals)
    return any(
        len(a) >= 3 and (a in spelled or re.sub(r"(.)\1", r"\1", a) in spelled) for a in other.acronyms
    )


def _same_edition(first: str, second: str) -> bool | None:
    """Whether two titles state the same edition; None if one states none, or a year and the other one a number."""
    a, b = _title_key(first), _title_key(second)
    if a.edition is None or b.edition is None or _is_year(a.edition) != _is_year(b.edition):
        return None
    return (a.edition, a.part) == (b.edition, b.part)


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
        return any(
            _same_name(titled.title, t) and _same_edition(titled.title, t) is not False for t in self.titles
        )


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
    return [_merged(document, group.mentions) for group in groups]


class _GroupIndex:
    """Index of groups by days and words: mentions of the same event share some of both."""

    def __init__(self) -> None:
        self._groups: defaultdict[tuple[Hashable, str], dict[int, None]] = defaultdict(dict)

    def add(self, titled: TitledMention, group: int) -> None:
        days, years = _days_and_years(titled.mention)
        slots: list[Hashable] = [*days, *((year, not days) for year in years)] or [None]
        for word in _words_of_title(titled):
            for slot in slots:
                self._groups[slot, word][group] = None

    def near(self, titled: TitledMention) -> list[int]:
        """Return the groups that share a day and a word with the mention, in order.

        If there are very many, those that share its rarest words.
        """
        days, years = _days_and_years(titled.mention)
        coarse = [(year, True) for year in years]
        slots: list[Hashable] = [*coarse, *(days or ((year, False) for year in years))] or [None]
        by_word = [
            [groups for slot in slots if (groups := self._groups.get((slot, word)))]
            for word in _words_of_title(titled)
        ]
        found: set[int] = set()
        for shared in sorted(by_word, key=lambda some: sum(map(len, some))):
            for groups in shared:
                found.update(islice(groups, max(_MOST_COMPARED - len(found), 0)))
        return sorted(found)


def _words_of_title(titled: TitledMention) -> frozenset[str]:
    key = _title_key(titled.title)
    return key.words | key.acronyms


def _days_and_years(mention: Mention) -> tuple[range, range]:
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


def _merged(document: Document, group: Sequence[TitledMention]) -> Event:
    ranked = sorted(
        group, key=lambda f: (_ORDER[f.mention.precision], f.mention.approximate, f.mention.year_inferred)
    )
    best = ranked[0]
    title = _merged_title(ranked)
    location = next((f.location for f in ranked if f.location), None)
    mention = best.mention
    key = _title_key(title)
    identity = short_hash(
        document.id, "|".join(sorted(key.words)), "|".join(sorted(key.acronyms)), key.edition or "",
        best.kind, str(mention.start), str(mention.end), "" if mention.start else mention.text,
    )  # fmt: skip
    return Event(identity, document.id, title, best.kind, tuple(f.mention for f in ranked), location)


def _merged_title(ranked: Sequence[TitledMention]) -> str:
    """Return the title of the most precise mention, or one that adds an acronym or an edition to it."""
    best = ranked[0].title
    for other in (f.title for f in ranked[1:]):
        if (
            other.startswith(best)
            and len(other) <= len(best) + 14
            and not _is_year(_title_key(other).edition)
        ):
            best = other
    return best


_DatingKey = tuple[str, str, date | None, int]
# Titles of one event have most words in common, so one that has none of the rarest few is of another event.
_RAREST_WORDS = 3
_Some = TypeVar("_Some")
_Result = TypeVar("_Result")


def assign_chains(
    events: Sequence[Event],
    former: Sequence[Event],
    existing: Chains,
    mint: Callable[[], str],
    check: Callable[[], None] = lambda: None,
    official: Mapping[int, str] | None = None,
) -> list[Event]:
    """Return the events of a document with their chains.

    `former` are the events that the document had, `existing` those of all documents; `mint` makes a new chain, and
    `check` is called for each event, so that it can end the work. The same words of the same paragraph date the same
    event, whatever its title is now. `official` has chains of other language versions (`LanguageVersions`), by the
    index of the event. Events without both are matched by name with the chains that are left; the rest get new ones.
    """
    matched = _same_words(events, former)
    chains = dict(official or {}) | {place: former[old].chain_id for place, old in matched.items()}
    kept = [replace(events[place], chain_id=chain) for place, chain in chains.items()]
    kept_by_postponed = {off: Chains(o for o in kept if _is_postponed(o) is off) for off in (True, False)}
    named_by_postponed = {True: Chains(), False: Chains()}
    # Two datings that both stay in the document are different events, even if they have the same name.
    match = existing.matcher(without=set(chains.values()))
    fresh: set[str] = set()
    for place, event in enumerate(events):
        if place in chains:
            continue
        check()
        # The old and the new date of an event that the document moves are one chain.
        postponed = _is_postponed(event)
        chain = match(event) or named_by_postponed[not postponed].match(event)
        if chain is None:
            fresh.add(chain := mint())
        named_by_postponed[postponed].add(replace(event, chain_id=chain))
        if chain in fresh:
            chain = kept_by_postponed[not postponed].match(event) or chain
        chains[place] = chain
    return [replace(event, chain_id=chains[place]) for place, event in enumerate(events)]


def _same_words(events: Sequence[Event], former: Sequence[Event]) -> dict[int, int]:
    """Return index of an event -> index of the former event with most of the same dating words; each at most once."""
    exact, loose = _by(former, _exact), _by(former, _loose)
    # (words in the same sentence, words in the same section, equal title and kind), negative for sorting; then indices.
    pairs: list[tuple[int, int, int, int, int]] = []
    for place, event in enumerate(events):
        shared: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        for mention in event.mentions:
            for old in exact[_exact(mention)]:
                shared[old][0] += 1
            for old in loose[_loose(mention)]:
                shared[old][1] += 1
        for old, (same, alike) in shared.items():
            agreeing = int(former[old].title == event.title) + int(former[old].kind == event.kind)
            pairs.append((-same, -alike, -agreeing, place, old))
    found: dict[int, int] = {}
    claimed: set[int] = set()
    for *_, place, old in sorted(pairs):
        if place not in found and old not in claimed and former[old].chain_id:
            found[place] = old
            claimed.add(old)
    return found


def _by(events: Sequence[Event], key: Callable[[Mention], _DatingKey]) -> defaultdict[_DatingKey, set[int]]:
    found: defaultdict[_DatingKey, set[int]] = defaultdict(set)
    for place, event in enumerate(events):
        for mention in event.mentions:
            found[key(mention)].add(place)
    return found


def _exact(mention: Mention) -> _DatingKey:
    # Of a removed document, only checksums of its words are left.
    return mention.section_id, redacted(mention.text), mention.start, mention.sentence_start


def _loose(mention: Mention) -> _DatingKey:
    # Changed rules may divide a section into other sentences.
    return mention.section_id, redacted(mention.text), mention.start, -1


@dataclass(frozen=True, slots=True)
class _Alike:
    """What a match depends on, apart from the title, the id and whether both events are of one document."""

    kind: Kind
    year: int | None
    postponed: bool


# By chain the first event of those that are alike, with its place.
_Firsts = dict[_Alike, dict[str, tuple[int, Event]]]
_NO_EVENTS: _Firsts = {}
_NO_CHAINS: frozenset[str] = frozenset()


class LanguageVersions:
    """Events of documents that differ in their language alone (C25/31-E, C25/31-F).

    Such documents have the same paragraphs under the same numbers. So what is dated to the same days in the same
    paragraph is one event, whatever its title is.
    """

    def __init__(self) -> None:
        # By document the (kind, chain) of its events.
        self._chains: defaultdict[_VersionKey, dict[str, list[tuple[Kind, str]]]] = defaultdict(dict)

    def add(self, document: Document, sections: Sequence[Section], events: Sequence[Event]) -> None:
        """Add the events of a document, which have chains."""
        for key, places in _by_paragraph(document, sections, events).items():
            self._chains[key][document.id] = [(events[at].kind, events[at].chain_id) for at in places]

    def match(
        self, document: Document, sections: Sequence[Section], events: Sequence[Event]
    ) -> dict[int, str]:
        """Return index of an event -> chain of the same event in another language, in order where there are several."""
        found: dict[int, str] = {}
        for key, places in _by_paragraph(document, sections, events).items():
            others = (chains for other, chains in self._chains[key].items() if other != document.id)
            for chains in others:
                if len(chains) == len(places):
                    # In order, those of one kind first: versions may name two things of a day in another order.
                    ours = sorted(places, key=lambda place: events[place].kind)
                    theirs = (chain for _, chain in sorted(chains, key=itemgetter(0)))
                    found |= dict(zip(ours, theirs, strict=True))
                    break
        return found


# Audience, symbol without the language, number of the paragraph, which of this number, first and last day.
_VersionKey = tuple[str, str, str, int, date, date]


def _by_paragraph(
    document: Document, sections: Sequence[Section], events: Sequence[Event]
) -> dict[_VersionKey, list[int]]:
    base = document.neutral_symbol
    if base is None:
        return {}
    counts: Counter[str] = Counter()
    paragraphs: dict[str, tuple[str, int]] = {}
    for section in sections:
        # Text without numbers is not divided at the same places in each language.
        counts[section.number] += section.number != "0"
        paragraphs[section.id] = section.number, counts[section.number]
    found: defaultdict[_VersionKey, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        mention = event.mentions[0]
        paragraph = paragraphs.get(mention.section_id)
        if paragraph is not None and mention.start is not None and mention.end is not None:
            found[document.audience, base, *paragraph, mention.start, mention.end].append(place)
    return dict(found)


class Chains:
    """Events with chains, among which another dating of one is found.

    Events are matched by name and edition, not by date: CSW68 is not CSW67, "WSIS Forum 2024" not "WSIS Forum 2025".
    Without editions, events of different years are different, unless one was postponed or this document has only one
    event of that title. The events are indexed by the words of their titles, so that a title is compared only with
    similar ones; of those that are alike only the first one is compared.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._count = 0
        self._by_title: defaultdict[str, _Firsts] = defaultdict(dict)
        self._by_document: defaultdict[tuple[str, str], _Firsts] = defaultdict(dict)
        self._by_id: defaultdict[tuple[str, str], _Firsts] = defaultdict(dict)
        # (document, title, kind) -> its chains
        self._chains: defaultdict[tuple[str, str, Kind], set[str]] = defaultdict(set)
        # The following are titles.
        self._by_word: defaultdict[str, list[str]] = defaultdict(list)
        self._spelled: list[str] = []  # bare acronyms may stand for any title
        self.update(events)

    def update(self, events: Iterable[Event]) -> None:
        """Add events."""
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        """Add an event, unless it has no chain or no title."""
        if not event.chain_id or not event.title:
            return
        title, document = event.title, event.document_id
        if title not in self._by_title:
            key = _title_key(title)
            for word in _distinctive_words(key):
                self._by_word[word].append(title)
            if len(key.words) <= len(key.acronyms):
                self._spelled.append(title)
        alike = _Alike(event.kind, _year(event), _is_postponed(event))
        for firsts in (
            self._by_title[title],
            self._by_document[document, title],
            self._by_id[event.id, title],
        ):
            firsts.setdefault(alike, {}).setdefault(event.chain_id, (self._count, event))
        self._chains[document, title, event.kind].add(event.chain_id)
        self._count += 1

    def match(self, event: Event) -> str | None:
        """Return the chain of the event that `event` is another dating of; None for a new event."""
        return self.matcher()(event)

    def matcher(self, without: Container[str] = ()) -> Callable[[Event], str | None]:
        """Return the function that matches events, but not with the chains in `without`.

        It is for as long as no event is added.
        """

        def first_left(firsts: _Firsts) -> dict[int, Event]:
            return _first(firsts, without)

        def count_left(chains: Collection[str]) -> int:
            return sum(chain not in without for chain in chains)

        first, left = _memoised(first_left), _memoised(count_left)

        def match(event: Event) -> str | None:
            document, same = event.document_id, event.title
            # The document's only event of that title.
            sole = left(self._chains.get((document, same, event.kind), _NO_CHAINS)) == 1
            possible: dict[int, Event] = {}
            for title in self._similar(same):
                if _same_name(same, title):
                    possible |= first(self._by_title[title])
                    possible |= first(self._by_id.get((event.id, title), _NO_EVENTS))
                    possible |= (
                        first(self._by_document.get((document, same), _NO_EVENTS)) if title == same else {}
                    )

            def is_twin(other: Event) -> bool:
                return other.document_id == document and other.title == same

            best = max(
                (
                    other
                    for _, other in sorted(possible.items())
                    if other.kind == event.kind and _same_one(event, other, sole and is_twin(other))
                ),
                key=lambda o: (o.id == event.id, o.title == same, _year(o) == _year(event), is_twin(o)),
                default=None,
            )
            return best.chain_id if best else None

        return match

    def _similar(self, title: str) -> Iterable[str]:
        """Return the titles that may name the same event."""
        key = _title_key(title)
        if len(key.words) <= len(key.acronyms):
            return self._by_title
        of_words = sorted((self._by_word.get(word, []) for word in _distinctive_words(key)), key=len)
        near = (*of_words[:_RAREST_WORDS], self._spelled)
        return dict.fromkeys(one for titles in near for one in titles)


def _memoised(work: Callable[[_Some], _Result]) -> Callable[[_Some], _Result]:
    """Return `work`, done once for each collection, which does not change meanwhile."""
    done: dict[int, _Result] = {}

    def working(of: _Some) -> _Result:
        if id(of) not in done:
            done[id(of)] = work(of)
        return done[id(of)]

    return working


def _first(firsts: _Firsts, without: Container[str]) -> dict[int, Event]:
    """Return by place the first event of each kind of those that are alike, of a chain that counts."""
    of_chains = (
        next((first for chain, first in by_chain.items() if chain not in without), None)
        for by_chain in firsts.values()
    )
    return dict(first for first in of_chains if first is not None)


def _distinctive_words(key: _TitleKey) -> frozenset[str]:
    """Return the words that distinguish a title from others; a gathering's noun only if there is no other word."""
    words = key.words | key.acronyms
    return words - GATHERINGS or words


def _is_postponed(event: Event) -> bool:
    """Whether a dating is no longer valid because the event was postponed."""
    return any(m.cue == "postponed" for m in event.mentions)


def _same_one(event: Event, other: Event, sole: bool) -> bool:
    """Whether events of one name are one event, by edition and year.

    `sole`: `other` is the document's only event of that title.
    """
    if (same := _same_edition(event.title, other.title)) is not None:
        return same
    a, b = _title_key(event.title).edition, _title_key(other.title).edition
    if b is None and a is not None and not _is_year(a):
        return _year(event) == _year(other)  # the "second" of a series is not the one without a number
    if a is not None and b is not None and not _is_postponed(event) and not _is_postponed(other):
        return _year(event) is None or _year(other) is None or _year(event) == _year(other)
    years = {_year(event), _year(other)} - {None}
    ordinal = (a is not None and not _is_year(a)) or (b is not None and not _is_year(b))
    return sole or ordinal or _is_postponed(event) or _is_postponed(other) or len(years) < 2


def _year(event: Event) -> int | None:
    start = event.mentions[0].start
    return start.year if start else None
