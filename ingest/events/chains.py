"""Events of a document read or made anew, with the chains that they had: calendars know an event by its chain. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from ingest.events.folding import chained, match_chain, moved
from store.records import Event, Mention, redacted

_Key = tuple[str, str, date | None, int]


def kept_chains(
    events: Sequence[Event], former: Sequence[Event], existing: Sequence[Event], mint: Callable[[], str]
) -> list[Event]:
    """Return the events of a document with their chains; `former` are its events so far, `existing` all that there are.

    The same words of the same paragraph date the same event, whatever it is called now. What has no such words is
    matched by name with the chains that are left, or else minted.
    """
    matched = _same_words(events, former)
    chains = {place: former[old].chain_id for place, old in matched.items()}
    # Two datings of one document that are both there are two events: none takes the chain of the other by its name.
    claimed = set(chains.values())
    left = [event for event in existing if event.title and event.chain_id not in claimed]
    rest = [place for place in range(len(events)) if place not in chains]
    fresh: set[str] = set()

    def minted() -> str:
        fresh.add(chain := mint())
        return chain

    by_name = chained([events[place] for place in rest], left, minted)
    done = [replace(events[place], chain_id=chain) for place, chain in chains.items()]
    for place, event in zip(rest, by_name, strict=True):
        chain = event.chain_id
        if chain in fresh:
            # The old and the new date of what the document moves are one chain.
            chain = match_chain(event, [o for o in done if moved(o) != moved(event)]) or chain
        chains[place] = chain
    return [replace(event, chain_id=chains[place]) for place, event in enumerate(events)]


def _same_words(events: Sequence[Event], former: Sequence[Event]) -> dict[int, int]:
    """Return place -> place of the former event that most of the same words date; each former one once."""
    exact, loose = _by(former, _exact), _by(former, _loose)
    pairs: list[tuple[int, int, int, int, int]] = []
    for place, event in enumerate(events):
        shared: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        for mention in event.mentions:
            for old in exact[_exact(mention)]:
                shared[old][0] += 1
            for old in loose[_loose(mention)]:
                shared[old][1] += 1
        for old, (same, alike) in shared.items():
            titled = int(former[old].title == event.title) + int(former[old].kind == event.kind)
            pairs.append((-same, -alike, -titled, place, old))
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
    # Of a document that was taken out, only seals of its words are left.
    return mention.section_id, redacted(mention.text), mention.start, mention.sentence_start


def _loose(mention: Mention) -> _Key:
    # Other rules may part sentences in another way.
    return mention.section_id, redacted(mention.text), mention.start, -1
