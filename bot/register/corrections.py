"""What people correct in the register: applied to the events before it is built. Pure.

A correction names the words that date an event, and holds as long as a live document has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.errors import CorrectionError
from bot.register import RegisterEntry
from bot.register.date_format import day
from bot.visible_text import visible
from store.records import Correction, Cue, Dating, Event, Kind, Mention, SaidStatus, Section, sealed

LONGEST_TITLE = 300
# Another year is a typing error: the documents speak of these.
FIRST_YEAR, LAST_YEAR = 1900, 2200

_CUES: Mapping[SaidStatus, Cue | None] = {
    "scheduled": None,
    "postponed": "postponed",
    "cancelled": "cancelled",
    "past": "done",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants to be otherwise. None: as it is."""

    title: str | None = None
    kind: Kind | None = None
    start: date | None = None
    end: date | None = None
    status: SaidStatus | None = None
    no_event: bool = False

    def __bool__(self) -> bool:
        return self != Change()


def datings(events: Sequence[Event], sections: Mapping[str, Section]) -> list[list[Dating | None]]:
    """Return for each event the names of its mentions' datings, in order; None where the section is unknown."""
    alike: defaultdict[tuple[str, str, str], list[tuple[tuple[int, int, int], int, int]]] = defaultdict(list)
    found: list[list[Dating | None]] = [[None] * len(event.mentions) for event in events]
    for number, event in enumerate(events):
        for at, mention in enumerate(event.mentions):
            section = sections.get(mention.section_id)
            if section is not None:
                place = (event.document_id, _sentence(mention, section), mention.text)
                # In the order of reading, whatever the events are called: another reading may call them otherwise.
                read = (section.position, mention.sentence_start, mention.offset)
                alike[place].append((read, number, at))
    for (document_id, sentence, text), rows in alike.items():
        for ordinal, (_, number, at) in enumerate(sorted(rows)):
            found[number][at] = Dating(document_id, sentence, text, ordinal)
    return found


def matched(
    events: Sequence[Event], sections: Mapping[str, Section], corrections: Iterable[Correction]
) -> list[tuple[Event, int, Correction]]:
    """Return (event, place of its corrected mention, correction) for what is corrected, the latest of each."""
    by_dating = {correction.dating: correction for correction in corrections}
    documents = {dating.document_id for dating in by_dating}
    own = [event for event in events if event.document_id in documents]
    found = []
    for event, names in zip(own, datings(own, sections), strict=True):
        known = [
            (replace(correction, dating=name), at)
            for at, name in enumerate(names)
            if name and (correction := by_dating.get(name) or by_dating.get(_sealed(name)))
        ]
        if known:
            correction, at = max(known, key=lambda pair: pair[0].revision)
            found.append((event, at, correction))
    return found


def corrected(
    events: Sequence[Event], sections: Mapping[str, Section], corrections: Iterable[Correction]
) -> list[Event]:
    """Return the events as people corrected them.

    What else repeats a corrected dating, or says it less closely, follows it: else an older document would have
    its date beside the right one, or a later one in its place. What is known more closely is news, and stays.
    """
    found = matched(events, sections, corrections)
    if not found:
        return list(events)
    changed: dict[int, Event | None] = {}
    chains: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        chains[event.chain_id or event.id].append(event)
    direct = {id(event) for event, _, _ in found}
    for event, at, correction in found:
        changed[id(event)] = _corrected(event, at, correction)
        for other in chains[event.chain_id or event.id]:
            if id(other) not in direct and _repeats(other, event, correction):
                changed[id(other)] = _following(other, correction)
    return [kept for event in events if (kept := changed.get(id(event), event)) is not None]


def checked(change: Change) -> Change:
    """Return the change with its title as it is kept. Raises CorrectionError for values that no entry can have."""
    for field, value in (("start", change.start), ("end", change.end)):
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise CorrectionError(
                f"the year of a date lies between {FIRST_YEAR} and {LAST_YEAR}, not {value.year}", field
            )
    if change.title is None:
        return change
    title = " ".join(visible(change.title).split())
    if not any(character.isalpha() for character in title):
        raise CorrectionError("a title has at least one letter", "title")
    if len(title) > LONGEST_TITLE:
        raise CorrectionError(f"a title has at most {LONGEST_TITLE} characters", "title")
    return replace(change, title=title)


def merged(
    entry: RegisterEntry, dating: Dating, before: Correction | None, change: Change, by: str, at: datetime
) -> Correction:
    """Return the correction that makes `change` of the entry, on top of what was corrected `before`.

    Raises CorrectionError.
    """
    change = checked(change)
    start, end = _dates(entry, change)
    base = before if before is not None else Correction(dating, by, at)
    return replace(
        base,
        by=by,
        at=at,
        title=change.title or base.title,
        kind=change.kind or base.kind,
        start=start or base.start,
        end=end or base.end,
        status=change.status or base.status,
        no_event=change.no_event,
    )


def _dates(entry: RegisterEntry, change: Change) -> tuple[date | None, date | None]:
    """Return the first and the last day that a change names, with what the entry keeps of its own."""
    if change.start is None and change.end is None:
        return None, None
    exact = entry.precision == "day"
    start, end = change.start, change.end
    if start is None:
        start = entry.start if exact and entry.start else end
    if end is None and start is not None:
        several = exact and entry.start != entry.end and entry.end is not None
        end = entry.end if several and entry.end and entry.end > start else start
    if start and end and end < start:
        raise CorrectionError(f"the end, {day(end)}, lies before the start, {day(start)}", "end")
    return start, end


def _sealed(dating: Dating) -> Dating:
    """Return what is left of a dating after its document was taken out."""
    return replace(dating, sentence=sealed(dating.sentence), text=sealed(dating.text))


def _sentence(mention: Mention, section: Section) -> str:
    # What a heading dates has no sentence.
    words = section.text[mention.sentence_start : mention.sentence_end] or section.heading
    return " ".join(words.split())


def _corrected(event: Event, at: int, correction: Correction) -> Event | None:
    if correction.no_event:
        return None
    mentions = list(event.mentions)
    if correction.start is not None:
        mentions.insert(0, mentions.pop(at))
    mentions[0] = _dated(mentions[0], correction)
    return replace(
        event,
        title=correction.title or event.title,
        kind=correction.kind or event.kind,
        mentions=tuple(_with_status(mentions, correction)),
        correction=correction,
    )


def _repeats(other: Event, event: Event, correction: Correction) -> bool:
    ours, theirs = event.mentions[0], other.mentions[0]
    if other is event or ours.start is None or ours.end is None or theirs.start is None or theirs.end is None:
        return False
    if correction.no_event:
        return (theirs.start, theirs.end) == (ours.start, ours.end)
    return theirs.start <= ours.start and ours.end <= theirs.end


def _following(other: Event, correction: Correction) -> Event | None:
    if correction.no_event:
        return None
    mentions = [_dated(other.mentions[0], correction), *other.mentions[1:]]
    return replace(other, mentions=tuple(_with_status(mentions, correction)))


def _dated(mention: Mention, correction: Correction) -> Mention:
    if correction.start is None:
        return mention
    end = correction.end or correction.start
    return replace(
        mention,
        start=correction.start,
        end=end,
        precision="day",
        # What begins on another day still only begins then; of what ends, both days are known.
        bound="from" if mention.bound == "from" and end == correction.start else "on",
        approximate=False,
        year_inferred=False,
        tentative=False,
    )


def _with_status(mentions: Sequence[Mention], correction: Correction) -> list[Mention]:
    if correction.status is None:
        return list(mentions)
    first, *rest = mentions
    said = replace(first, cue=_CUES[correction.status], tentative=False)
    return [said, *(replace(mention, cue=None) for mention in rest)]
