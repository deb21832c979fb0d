"""Assigns chains to events: a document that is read again keeps its chains, by which calendars know an event. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from ingest.dates.words import GATHERINGS
from ingest.events.matching import Key, is_year, key_of, same_name
from store.records import Event, Kind, Mention, redacted

_Key = tuple[str, str, date | None, int]
# Titles of one event have most words in common, so one that has none of the rarest few is of another event.
_RAREST_WORDS = 3
_Group = TypeVar("_Group")
_Result = TypeVar("_Result")


def assign_chains(
    events: Sequence[Event],
    former: Sequence[Event],
    existing: Chains,
    mint: Callable[[], str],
    check: Callable[[], None] = lambda: None,
) -> list[Event]:
    """Return the events of a document with their chains.

    `former` are the events that the document had, `existing` those of all documents; `mint` makes a new chain, and
    `check` is called for each event, so that it can end the work. The same words of the same paragraph date the same
    event, whatever its title is now. Events without such words are matched by name with the chains that are left; the
    rest get new ones.
    """
    matched = _same_words(events, former)
    chains = {place: former[old].chain_id for place, old in matched.items()}
    kept = [replace(events[place], chain_id=chain) for place, chain in chains.items()]
    kept_by_postponed = {off: Chains(o for o in kept if is_postponed(o) is off) for off in (True, False)}
    named_by_postponed = {True: Chains(), False: Chains()}
    # Two datings that both stay in the document are different events, even if they have the same name.
    match = existing.matcher(without=set(chains.values()))
    fresh: set[str] = set()
    for place, event in enumerate(events):
        if place in chains:
            continue
        check()
        # The old and the new date of an event that the document moves are one chain.
        postponed = is_postponed(event)
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


def _by(events: Sequence[Event], key: Callable[[Mention], _Key]) -> defaultdict[_Key, set[int]]:
    found: defaultdict[_Key, set[int]] = defaultdict(set)
    for place, event in enumerate(events):
        for mention in event.mentions:
            found[key(mention)].add(place)
    return found


def _exact(mention: Mention) -> _Key:
    # Of a removed document, only checksums of its words are left.
    return mention.section_id, redacted(mention.text), mention.start, mention.sentence_start


def _loose(mention: Mention) -> _Key:
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
            key = key_of(title)
            for word in _distinctive_words(key):
                self._by_word[word].append(title)
            if len(key.words) <= len(key.acronyms):
                self._spelled.append(title)
        alike = _Alike(event.kind, _year(event), is_postponed(event))
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
                if same_name(same, title):
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
        key = key_of(title)
        if len(key.words) <= len(key.acronyms):
            return self._by_title
        of_words = sorted((self._by_word.get(word, []) for word in _distinctive_words(key)), key=len)
        near = (*of_words[:_RAREST_WORDS], self._spelled)
        return dict.fromkeys(one for titles in near for one in titles)


def _memoised(work: Callable[[_Group], _Result]) -> Callable[[_Group], _Result]:
    """Return `work`, done once for each collection, which does not change meanwhile."""
    done: dict[int, _Result] = {}

    def working(of: _Group) -> _Result:
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


def _distinctive_words(key: Key) -> frozenset[str]:
    """Return the words that distinguish a title from others; a gathering's noun only if there is no other word."""
    words = key.words | key.acronyms
    return words - GATHERINGS or words


def is_postponed(event: Event) -> bool:
    """Whether a dating is no longer valid because the event was postponed."""
    return any(m.cue == "postponed" for m in event.mentions)


def _same_one(event: Event, other: Event, sole: bool) -> bool:
    """Whether events of one name are one event, by edition and year.

    `sole`: `other` is the document's only event of that title.
    """
    a, b = key_of(event.title).edition, key_of(other.title).edition
    if a is not None and b is not None and is_year(a) == is_year(b):
        return a == b
    if b is None and a is not None and not is_year(a):
        return _year(event) == _year(other)  # the "second" of a series is not the one without a number
    if a is not None and b is not None and not is_postponed(event) and not is_postponed(other):
        return _year(event) is None or _year(other) is None or _year(event) == _year(other)
    years = {_year(event), _year(other)} - {None}
    ordinal = (a is not None and not is_year(a)) or (b is not None and not is_year(b))
    return sole or ordinal or is_postponed(event) or is_postponed(other) or len(years) < 2


def _year(event: Event) -> int | None:
    start = event.mentions[0].start
    return start.year if start else None
