"""Assigns chains to events: a document that is read again keeps its chains, by which calendars know an event. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from ingest.events.matching import Key, is_year, key_of, same_name
from ingest.events.titles.words import GATHERINGS
from store.records import Event, Mention, redacted

_Key = tuple[str, str, date | None, int]


def assign_chains(
    events: Sequence[Event], former: Sequence[Event], existing: Sequence[Event], mint: Callable[[], str]
) -> list[Event]:
    """Return the events of a document with their chains.

    `former` are the events that the document had, `existing` those of all documents; `mint` makes a new chain. The same
    words of the same paragraph date the same event, whatever its title is now. Events without such words are matched by
    name with the chains that are left; the rest get new ones.
    """
    matched = _same_words(events, former)
    chains = {place: former[old].chain_id for place, old in matched.items()}
    # Two datings that both stay in the document are different events, even if they have the same name.
    claimed = set(chains.values())
    left = [event for event in existing if event.title and event.chain_id not in claimed]
    rest = [place for place in range(len(events)) if place not in chains]
    fresh: set[str] = set()

    def minted() -> str:
        fresh.add(chain := mint())
        return chain

    by_name = chain_events([events[place] for place in rest], left, minted)
    done = [replace(events[place], chain_id=chain) for place, chain in chains.items()]
    for place, event in zip(rest, by_name, strict=True):
        chain = event.chain_id
        if chain in fresh:
            # The old and the new date of an event that the document moves are one chain.
            chain = match_chain(event, [o for o in done if is_postponed(o) != is_postponed(event)]) or chain
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


def match_chain(event: Event, existing: Sequence[Event]) -> str | None:
    """Return the `chain_id` of the event among `existing` that `event` is another dating of; None for a new event.

    Events are matched by name and edition, not by date: CSW68 is not CSW67, "WSIS Forum 2024" not "WSIS Forum 2025".
    Without editions, events of different years are different, unless one was postponed or this document has only one
    event of that title.
    """
    possible = [o for o in existing if o.chain_id and o.kind == event.kind]
    # Titles recur, and comparing two takes longer than everything else here.
    same = {title for title in {o.title for o in possible} if same_name(event.title, title)}
    named = [o for o in possible if o.title in same]
    twins = [o for o in named if o.document_id == event.document_id and o.title == event.title]
    sole = len({o.chain_id for o in twins}) == 1
    best = max(
        (o for o in named if _same_one(event, o, sole and o in twins)),
        key=lambda o: (o.id == event.id, o.title == event.title, _year(o) == _year(event), o in twins),
        default=None,
    )
    return best.chain_id if best else None


def chain_events(events: Sequence[Event], existing: Sequence[Event], mint: Callable[[], str]) -> list[Event]:
    """Return the events of one document with chains matched among `existing`, or new ones.

    Within the document, the old and the new date of an event that it moves are one chain.
    """
    if not events:
        return []  # Indexing the events of a large corpus takes seconds.
    chained: list[Event] = []
    by_postponed: dict[bool, list[Event]] = {True: [], False: []}
    index = _Index(existing)
    for event in events:
        postponed = is_postponed(event)
        chain = (
            match_chain(event, index.of(event)) or match_chain(event, by_postponed[not postponed]) or mint()
        )
        chained.append(replace(event, chain_id=chain))
        by_postponed[postponed].append(chained[-1])
    return chained


class _Index:
    """Index of events by the words of their titles, so that a title is compared only with similar ones."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._spelled: list[int] = []  # bare acronyms may stand for any title
        for k, event in enumerate(events):
            key = key_of(event.title)
            for word in _distinctive_words(key):
                self._by_word[word].append(k)
            if len(key.words) <= len(key.acronyms):
                self._spelled.append(k)

    def of(self, event: Event) -> Sequence[Event]:
        """Return the events whose titles may name the same event."""
        key = key_of(event.title)
        if len(key.words) <= len(key.acronyms):
            return self._events
        near = {k for word in _distinctive_words(key) for k in self._by_word[word]} | set(self._spelled)
        return [self._events[k] for k in sorted(near)]


def _distinctive_words(key: Key) -> frozenset[str]:
    """Return the words that distinguish a title from others; a gathering's noun only if there is no other word."""
    words = key.words | key.acronyms
    return words - GATHERINGS or words


def is_postponed(event: Event) -> bool:
    """Return whether a dating is no longer valid because the event was postponed."""
    return any(m.cue == "postponed" for m in event.mentions)


def _same_one(event: Event, other: Event, sole: bool) -> bool:
    """Return whether events of one name are one event, by edition and year.

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
