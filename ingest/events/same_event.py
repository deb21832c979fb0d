"""Which datings are of one event: those of a document become events, and events of documents one chain.

Two titles name one event if they share an acronym or have nearly the same words, of one edition and kind. When in doubt
there are two entries, never one with two truths. A document that is read again keeps its chains, by which calendars
know an event.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from text_to_num import alpha2digit

from ingest.events import Dating
from ingest.text.lexicon import lexicon, tables
from store.records import Document, Event, Mention, Section, redacted, short_hash

_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"\b([A-Z][A-Za-z]*[A-Z])-?(\d{1,3})\b")
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th|e|er|ème|ª|º|-\w{1,2})?")
_SPELLED = re.compile(r"\b(?:[a-z]+ty[- ])?(?:first|second|third|[a-z]+th)\b", re.I)
# Words that do not distinguish events.
_SMALL = frozenset(
    """the a an of for on in at to and by with un united nations international itu le la les de du des et sur el los
    y""".split()
)
# Least similarity, of 100, of titles of one event: about one word of eight may be missing or spelled otherwise.
_LEAST_SIMILARITY = 88
# Words of titles are compared by so many letters; shorter words say little.
_STEM_CHARS = 6
_LEAST_CONTENT = 4
# Datings to the same month or quarter need so many words and kind in common.
_LEAST_OF_VAGUE = 2
# What is said of any date.
_SAYING = (
    "planned",
    "done",
    "held",
    "postponed",
    "cancelled",
    "moved",
    "originally",
    "now",
    "proposed",
    "not",
    "could",
)
_ORDER = ("day", "month", "quarter", "season", "half", "year", "none")
# An event is compared with so many of its words, the rarest first, and so many others for each.
_RAREST_WORDS = 3
_MOST_COMPARED = 200


class _Name(NamedTuple):
    """What a title says: its content words, its acronyms, and its edition (an ordinal, a code's number or a year)."""

    words: frozenset[str]
    acronyms: frozenset[str]
    editions: frozenset[str]
    sorted: str


@lru_cache(maxsize=20_000)
def _name_of(title: str) -> _Name:
    acronyms = {name.casefold() for name, _ in _CODE.findall(title)}
    editions = {str(int(number)) for _, number in _CODE.findall(title)}
    words: set[str] = set()
    counted = _SPELLED.sub(lambda m: alpha2digit(m[0].replace("-", " "), "en", threshold=0.0), title)
    for raw in _WORD.findall(counted):
        fold = raw.casefold()
        ordinal = _ORDINAL.fullmatch(fold)
        if ordinal:
            editions.add(str(int(ordinal[1])))
        elif re.fullmatch(r"(?:19|20)\d\d", fold):
            editions.add(fold)
        elif len(raw) > 2 and raw.isupper():
            acronyms.add(fold)
        elif fold not in _SMALL and not _CODE.fullmatch(raw):
            words.add(fold.removesuffix("s"))
    return _Name(frozenset(words), frozenset(acronyms), frozenset(editions), " ".join(sorted(words)))


def same_name(first: str, second: str) -> bool:
    """Whether two titles name the same edition of the same thing."""
    if first == second:
        return True
    a = _name_of(first)
    b = _name_of(second)
    if a.editions and b.editions and not (a.editions <= b.editions or b.editions <= a.editions):
        return False
    if bool(a.editions) != bool(b.editions) and not (a.acronyms & b.acronyms):
        return False
    if (a.acronyms & b.acronyms) and (not a.words or not b.words):
        return True
    if not a.words or not b.words:
        return False
    if a.words == b.words:
        return True
    # "Third session of the Panel" is not the Panel.
    if bool(a.editions) != bool(b.editions):
        return False
    return len(a.words & b.words) > 1 and fuzz.ratio(a.sorted, b.sorted) >= _LEAST_SIMILARITY


def merge(document: Document, datings: Sequence[Dating]) -> list[Event]:
    """Return one event for each date of each event of a document, its most precise mention first.

    Datings of one event on the same days are its mentions; so is a day on which it opens or closes. `chain_id` of the
    old and the new date of a move is that of their group, which `assign_chains` makes a chain.
    """
    groups: list[list[Dating]] = []
    by_days: defaultdict[tuple[object, object], list[list[Dating]]] = defaultdict(list)
    # Spans first, so that their first and last days find them; the order of the document within each.
    for dating in sorted(datings, key=_is_one_day):
        mention = dating.mention
        days = (mention.start, mention.end)
        home = next((group for group in by_days[days][:_MOST_COMPARED] if _is_one(group[0], dating)), None)
        if home is None and _is_one_day(dating):
            ends = (
                group for end in ("first", "last") for group in by_days[end, mention.start][:_MOST_COMPARED]
            )
            home = next((group for group in ends if _opens(group[0], dating)), None)
        if home is None:
            home = []
            groups.append(home)
            by_days[days].append(home)
            if not _is_one_day(dating):
                by_days["first", mention.start].append(home)
                by_days["last", mention.end].append(home)
        home.append(dating)
    groups = _with_coarser(groups)
    places = {section_of(one): k for k, one in enumerate(datings)}
    groups.sort(key=lambda group: min(places[section_of(one)] for one in group))
    return [_merged(document, group) for group in groups]


def _with_coarser(groups: Sequence[list[Dating]]) -> list[list[Dating]]:
    """Return groups of datings, where a coarser date by name ("in September") joins the one event whose days it has."""
    named: defaultdict[str, list[list[Dating]]] = defaultdict(list)
    for group in groups:
        first = group[0]
        if not first.quoted and first.mention.cue != "postponed":
            name = _name_of(first.title)
            for word in name.words | name.acronyms:
                named[word].append(group)

    # The most precise first: "2024" joins what "September 2024" has joined.
    kept: list[list[Dating]] = []
    joined: set[int] = set()
    for group in sorted(groups, key=lambda group: _ORDER.index(group[0].mention.precision)):
        name = _name_of(group[0].title)
        shared = min((named[word] for word in name.words | name.acronyms), key=len, default=[])
        homes = [
            other
            for other in shared[:_MOST_COMPARED]
            if id(other) not in joined and _is_coarser(group[0], other[0])
        ]
        if len(homes) == 1:
            homes[0].extend(group)
            joined.add(id(group))
        else:
            kept.append(group)
    return kept


def _is_coarser(vague: Dating, exact: Dating) -> bool:
    """Whether a dating to a month or a longer time is another one of an event that has its days within it."""
    outer, inner = vague.mention, exact.mention
    if outer.start is None or outer.end is None or inner.start is None or inner.end is None:
        return False
    return (
        not vague.quoted
        and outer.cue not in ("postponed", "cancelled")
        and _ORDER.index(outer.precision) > _ORDER.index(inner.precision)
        and outer.start <= inner.start
        and inner.end <= outer.end
        and vague.kind == exact.kind
        and same_name(vague.title, exact.title)
    )


def section_of(dating: Dating) -> tuple[str, int, str]:
    """Return where a dating stands."""
    return dating.mention.section_id, dating.mention.offset, dating.title


def _is_one_day(dating: Dating) -> bool:
    return dating.mention.start == dating.mention.end


def _is_one(first: Dating, other: Dating) -> bool:
    """Whether two datings of the same days are one event: by name, or in words that are no names, by kind and words."""
    if (first.mention.cue == "postponed") != (other.mention.cue == "postponed"):
        return False
    if same_name(first.title, other.title):
        return True
    if not (first.quoted or other.quoted):
        return False
    if _numbers(first.title) != _numbers(other.title) and _is_reworded(first.title, other.title):
        return False  # "the panel on matter 1", "the panel on matter 2"
    if (
        first.mention.section_id == other.mention.section_id
        and first.mention.sentence_start == other.mention.sentence_start
    ):
        return False  # "both on 4 March" of one sentence are two
    if other.mention.precision != "day":
        return len(content(first.title) & content(other.title)) > _LEAST_OF_VAGUE
    return _same_words(first, other, spans=not _is_one_day(other))


def _numbers(title: str) -> list[str]:
    return re.findall(r"\d+", title)


def _opens(span: Dating | Event, day: Dating | Event) -> bool:
    """Whether a day is the first or last one of a gathering, told in words that are no name."""
    return (
        span.kind == "meeting"
        and (day.kind == "milestone" or (day.kind == "meeting" and day.quoted))
        and bool(content(span.title) & content(day.title))
    )


def _same_words(first: Dating | Event, other: Dating | Event, *, spans: bool) -> bool:
    """Whether two titles of the same days speak of one thing: of spans of days any kind, else the same one."""
    shared = len(content(first.title) & content(other.title))
    return bool(spans or shared > (first.kind != other.kind))


@lru_cache(maxsize=20_000)
def content(title: str) -> frozenset[str]:
    """Return the beginnings of the words of a title that say what it is about, in Chinese each two signs."""
    found = set()
    for word in _WORD.findall(title.casefold()):
        if "\u3400" <= word[0] <= "\u9fff":
            found |= {word[k : k + 2] for k in range(len(word) - 1)}
        elif len(word) >= _LEAST_CONTENT and not word.isdigit() and word not in _dating_words():
            found.add(word.removeprefix("ال")[:_STEM_CHARS])
    return frozenset(found - _dating_words())


@lru_cache
def _dating_words() -> frozenset[str]:
    """Return the words of dates and of what is said of them, in all languages; of Chinese ones each two signs."""
    known: set[str] = set()
    for language in tables():
        known |= set(lexicon(language).plain_words(_SAYING))
    signs = {
        word[k : k + 2] for word in known if "\u3400" <= word[0] <= "\u9fff" for k in range(len(word) - 1)
    }
    return frozenset(known) | signs


def _merged(document: Document, group: Sequence[Dating]) -> Event:
    days = (group[0].mention.start, group[0].mention.end)
    ranked = sorted(
        group,
        key=lambda one: (
            (one.mention.start, one.mention.end) != days, one.quoted, _ORDER.index(one.mention.precision),
            one.mention.year_inferred,
        ),
    )  # fmt: skip
    best = ranked[0]
    location = next((one.location for one in ranked if one.location), None)
    mention = best.mention
    identity = short_hash(
        document.id, best.title.casefold(), best.kind, str(mention.start), str(mention.end), mention.cue or ""
    )
    moved = next((one.group for one in ranked if one.group), "")
    return Event(
        identity, document.id, best.title, best.kind, tuple(one.mention for one in ranked), location,
        chain_id=moved, quoted=best.quoted,
    )  # fmt: skip


class Chains:
    """Events with chains, among which another dating of one is found by its name or by its days."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._by_word: defaultdict[str, list[Event]] = defaultdict(list)
        self._by_days: defaultdict[tuple[date | None, date | None], list[Event]] = defaultdict(list)
        self._by_end: defaultdict[date | None, list[Event]] = defaultdict(list)
        self.update(events)

    def update(self, events: Iterable[Event]) -> None:
        """Add events; a quotation names nothing that another document could name too."""
        for event in events:
            if not event.chain_id:
                continue
            mention = event.mentions[0]
            if mention.start is not None:
                self._by_days[mention.start, mention.end].append(event)
            if mention.start != mention.end and mention.precision == "day" and event.kind == "meeting":
                self._by_end[mention.start].append(event)
                self._by_end[mention.end].append(event)
            if not event.quoted:
                name = _name_of(event.title)
                for word in name.words | name.acronyms:
                    self._by_word[word].append(event)

    def match(self, event: Event, taken: set[str], versions: Collection[str] = ()) -> str | None:
        """Return the chain of the event of which `event` is another dating; None for a new event.

        `versions` are the ids of documents in other languages, whose events are matched by their paragraphs.
        """
        same_days = self._on_days(event, taken, versions)
        if same_days is not None or event.quoted:
            return same_days
        name = _name_of(event.title)
        lists = sorted((self._by_word.get(word, []) for word in name.words | name.acronyms), key=len)
        for others in lists[:_RAREST_WORDS]:
            for other in others[-_MOST_COMPARED:]:
                if (
                    other.kind == event.kind
                    and other.chain_id not in taken
                    and same_name(event.title, other.title)
                    and _same_time(event, other)
                ):
                    return other.chain_id
        return None

    def opened(self, event: Event) -> str | None:
        """Return the chain of a gathering that an event opens or closes, told in words of which some are the same."""
        mention = event.mentions[0]
        if mention.start != mention.end or mention.precision != "day" or mention.cue == "postponed":
            return None
        return next(
            (
                other.chain_id
                for other in self._by_end.get(mention.start, [])[-_MOST_COMPARED:]
                if _opens(other, event) and other.mentions[0].cue not in ("postponed", "cancelled")
            ),
            None,
        )

    def _on_days(self, event: Event, taken: set[str], versions: Collection[str]) -> str | None:
        """Return the chain of an event of the same days, in words of which some are the same."""
        mention = event.mentions[0]
        vague = mention.precision != "day"
        spans = mention.start != mention.end and not vague
        # What is moved away from these days is what was to be then.
        moved = mention.cue == "postponed" and bool(event.chain_id)
        days = [(mention.start, mention.end)]
        if vague and mention.cue == "postponed" and mention.start and mention.end:
            # "Due in April, it was postponed": an older document had the days.
            days += [
                (first, last)
                for first, last in self._by_days
                if first
                and last
                and mention.start <= first
                and last <= mention.end
                and (first, last) != days[0]
            ]
        best: tuple[tuple[bool, int, bool], str] | None = None
        for other in [other for key in days for other in self._by_days.get(key, [])[-_MOST_COMPARED:]]:
            if other.chain_id in taken or other.document_id in {event.document_id, *versions}:
                continue
            named = same_name(event.title, other.title)
            alike = (named, len(content(event.title) & content(other.title)), event.kind == other.kind)
            shared = alike[1] + alike[2]
            quoted = event.quoted or other.quoted
            told = (moved and (shared or not vague)) or (
                _same_words(event, other, spans=spans) and shared > _LEAST_OF_VAGUE * vague
            )
            if named or (told and (quoted or (spans and shared > (event.kind == other.kind)))):
                # Of equals the first: an identifier of a chain is random.
                best = (alike, other.chain_id) if best is None or alike > best[0] else best
        return best[1] if best else None

    def titles_like(self, words: Iterable[str], most: int) -> list[str]:
        """Return titles that share an acronym or two words with some words, for a reader to repeat."""
        counts: defaultdict[str, int] = defaultdict(int)
        for word in words:
            fold = word.casefold()
            for event in self._by_word.get(fold.removesuffix("s"), [])[-_MOST_COMPARED:]:
                counts[event.title] += 1 + (len(word) > 2 and word.isupper())
        return [title for title, count in sorted(counts.items(), key=lambda one: -one[1]) if count > 1][:most]


def _same_time(event: Event, other: Event) -> bool:
    """Whether two datings of one name may be of one event: a series has an event in each year."""
    mine, theirs = event.mentions[0], other.mentions[0]
    if mine.start is None or theirs.start is None or "postponed" in (mine.cue, theirs.cue):
        return True
    numbered = {
        edition
        for title in (event.title, other.title)
        for edition in _name_of(title).editions
        if len(edition) < 4
    }
    if numbered:
        return True
    return (
        abs((mine.start - theirs.start).days) <= 200 and event.document_id != other.document_id
    ) or mine.start == theirs.start


def assign_chains(
    events: Sequence[Event],
    former: Sequence[Event],
    existing: Chains,
    mint: Callable[[], str],
    official: Mapping[int, str] | None = None,
    versions: Collection[str] = (),
) -> list[Event]:
    """Return the events of a document with their chains.

    `former` are the events that the document had: the same words of the same paragraph date the same event, whatever
    its title is now. `official` has the chains of other language versions (`chains_of_version`), by the index of the
    event, and `versions` the ids of these documents. Events without both are matched by name with `existing`; the rest
    get new chains from `mint`.
    """
    chains = dict(official or {})
    by_words = {_words_of(mention): event.chain_id for event in former for mention in event.mentions}
    taken = set(chains.values())
    for place, event in enumerate(events):
        known = next((chain for m in event.mentions if (chain := by_words.get(_words_of(m)))), None)
        if place not in chains and known is not None and known not in taken:
            chains[place] = known
            taken.add(known)
    # A reworded or moved sentence of the document is still of its event.
    left = [event for event in former if event.chain_id and event.chain_id not in taken][:_MOST_COMPARED]
    for place, event in enumerate(events):
        if place in chains:
            continue
        alike = next(
            (
                old
                for old in left
                if old.kind == event.kind
                and _is_reworded(event.title, old.title)
                and old.chain_id not in taken
            ),
            None,
        )
        if alike is not None:
            chains[place] = alike.chain_id
            taken.add(alike.chain_id)
    moved: dict[str, str] = {
        event.chain_id: chains[place]
        for place, event in enumerate(events)
        if event.chain_id and place in chains
    }
    # The old date of a move first: an older document has it too.
    for place, event in sorted(enumerate(events), key=lambda one: one[1].mentions[0].cue != "postponed"):
        if event.chain_id and event.chain_id in moved and place not in (official or {}):
            chains[place] = moved[event.chain_id]
        elif place not in chains and (whole := existing.opened(event)) is not None:
            chains[place] = whole
        elif place not in chains:
            chains[place] = existing.match(event, taken, versions) or mint()
            if event.chain_id:
                moved[event.chain_id] = chains[place]
            if event.mentions[0].start is not None and not event.chain_id:
                taken.add(chains[place])
    return [replace(event, chain_id=chains[place]) for place, event in enumerate(events)]


def _is_reworded(first: str, second: str) -> bool:
    """Whether two titles, or quotations with other figures, are nearly the same."""
    plain = [re.sub(r"\d+", "", title) for title in (first, second)]
    return fuzz.ratio(*plain, score_cutoff=_LEAST_SIMILARITY) > 0


def _words_of(mention: Mention) -> tuple[str, str, date | None]:
    # Of a removed document, only checksums of its words are left.
    return mention.section_id, redacted(mention.text), mention.start


def chains_of_version(
    sections: Sequence[Section], events: Sequence[Event], other: Sequence[Section], others: Sequence[Event]
) -> dict[int, str]:
    """Return index of an event -> chain of the same event in a version of the document in another language.

    Versions have the same paragraphs under the same numbers: what is dated to the same days in the same paragraph is
    one event, whatever its title is; of several, those of one kind in their order.
    """
    mine = _by_paragraph(sections, events)
    theirs = _by_paragraph(other, others)
    found: dict[int, str] = {}
    for key, places in mine.items():
        same = theirs.get(key, [])
        if len(same) == len(places):
            ours = sorted(places, key=lambda place: events[place].kind)
            found |= dict(
                zip(
                    ours,
                    (others[k].chain_id for k in sorted(same, key=lambda k: others[k].kind)),
                    strict=True,
                )
            )
    return found


def _by_paragraph(
    sections: Sequence[Section], events: Sequence[Event]
) -> dict[tuple[str, int, date | None, date | None], list[int]]:
    counts: defaultdict[str, int] = defaultdict(int)
    paragraphs: dict[str, tuple[str, int]] = {}
    for section in sections:
        # Text without numbers is not divided at the same places in each language.
        counts[section.number] += section.number != "0"
        paragraphs[section.id] = section.number, counts[section.number]
    found: defaultdict[tuple[str, int, date | None, date | None], list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        mention = event.mentions[0]
        if mention.section_id in paragraphs and mention.start is not None:
            found[*paragraphs[mention.section_id], mention.start, mention.end].append(place)
    return dict(found)
