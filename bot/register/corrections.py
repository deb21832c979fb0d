"""Corrections of register entries, applied to the events before the register is built. Pure.

A correction refers to a dating: the words that date an event. It is in force as long as a live document has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.errors import CorrectionError
from bot.register import RegisterEntry
from bot.register.date_format import day
from bot.safe_text import visible
from store.records import CorrectedStatus, Correction, Cue, Dating, Event, Kind, Mention, Section, redacted

LONGEST_TITLE = 300
# A year outside of these is a typing error.
FIRST_YEAR, LAST_YEAR = 1900, 2200

_CUES: Mapping[CorrectedStatus, Cue | None] = {
    "scheduled": None,
    "postponed": "postponed",
    "cancelled": "cancelled",
    "past": "done",
}


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """New values of an entry; None leaves a value as it is."""

    title: str | None = None
    kind: Kind | None = None
    start: date | None = None
    end: date | None = None
    status: CorrectedStatus | None = None
    no_event: bool = False

    def __bool__(self) -> bool:
        return self != EntryEdit()


def datings(events: Sequence[Event], sections: Mapping[str, Section]) -> list[list[Dating | None]]:
    """Return the datings of each event's mentions, in order; None where the section is unknown."""
    # Mentions with the same words, as (position in the document, index of the event, index of the mention).
    alike: defaultdict[tuple[str, str, str], list[tuple[tuple[int, int, int], int, int]]] = defaultdict(list)
    found: list[list[Dating | None]] = [[None] * len(event.mentions) for event in events]
    for number, event in enumerate(events):
        for index, mention in enumerate(event.mentions):
            section = sections.get(mention.section_id)
            if section is not None:
                words = (event.document_id, _sentence(mention, section), mention.text)
                position = (section.position, mention.sentence_start, mention.offset)
                alike[words].append((position, number, index))
    for (document_id, sentence, text), same in alike.items():
        # Numbered in reading order, not by event id: ids may differ when the document is read again.
        for ordinal, (_, number, index) in enumerate(sorted(same)):
            found[number][index] = Dating(document_id, sentence, text, ordinal)
    return found


def match_corrections(
    events: Sequence[Event], sections: Mapping[str, Section], corrections: Iterable[Correction]
) -> list[tuple[Event, int, Correction]]:
    """Return (event, index of its corrected mention, latest correction) for each corrected event."""
    by_dating = {correction.dating: correction for correction in corrections}
    documents = {dating.document_id for dating in by_dating}
    candidates = [event for event in events if event.document_id in documents]
    found = []
    for event, event_datings in zip(candidates, datings(candidates, sections), strict=True):
        corrected = [
            (replace(correction, dating=dating), index)
            for index, dating in enumerate(event_datings)
            if dating and (correction := by_dating.get(dating) or by_dating.get(_redacted(dating)))
        ]
        if corrected:
            correction, index = max(corrected, key=lambda pair: pair[0].revision)
            found.append((event, index, correction))
    return found


def apply_corrections(
    events: Sequence[Event], sections: Mapping[str, Section], corrections: Iterable[Correction]
) -> list[Event]:
    """Return the events with their corrections applied.

    Events of the same chain that repeat the corrected dating, or state it less precisely, are corrected too: otherwise
    their date would appear beside the corrected one or replace it. A more precise dating is new information and stays.
    """
    found = match_corrections(events, sections, corrections)
    if not found:
        return list(events)
    changed: dict[int, Event | None] = {}
    chains: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        chains[event.chain_id or event.id].append(event)
    own = {id(event) for event, _, _ in found}
    for event, index, correction in found:
        changed[id(event)] = _corrected(event, correction, index)
        for other in chains[event.chain_id or event.id]:
            if id(other) not in own and _repeats(other, event, correction):
                changed[id(other)] = _corrected(other, correction)
    return [current for event in events if (current := changed.get(id(event), event)) is not None]


def validated(edit: EntryEdit) -> EntryEdit:
    """Return the edit with its title normalized. Raises CorrectionError for values that no entry can have."""
    for field, value in (("start", edit.start), ("end", edit.end)):
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise CorrectionError(
                f"the year of a date lies between {FIRST_YEAR} and {LAST_YEAR}, not {value.year}", field
            )
    if edit.title is None:
        return edit
    title = " ".join(visible(edit.title).split())
    if not any(character.isalpha() for character in title):
        raise CorrectionError("a title has at least one letter", "title")
    if len(title) > LONGEST_TITLE:
        raise CorrectionError(f"a title has at most {LONGEST_TITLE} characters", "title")
    return replace(edit, title=title)


def merged_correction(
    entry: RegisterEntry, dating: Dating, before: Correction | None, edit: EntryEdit, by: str, at: datetime
) -> Correction:
    """Return the correction that applies `edit` to the entry, on top of the correction `before`.

    Raises CorrectionError.
    """
    edit = validated(edit)
    start, end = _dates(entry, edit)
    base = before if before is not None else Correction(dating, by, at)
    return replace(
        base,
        by=by,
        at=at,
        title=edit.title or base.title,
        kind=edit.kind or base.kind,
        start=start or base.start,
        end=end or base.end,
        status=edit.status or base.status,
        no_event=edit.no_event,
    )


def _dates(entry: RegisterEntry, edit: EntryEdit) -> tuple[date | None, date | None]:
    """Return the first and the last day of an edit; a missing one comes from the entry."""
    if edit.start is None and edit.end is None:
        return None, None
    exact = entry.precision == "day"
    start, end = edit.start, edit.end
    if start is None:
        start = entry.start if exact and entry.start else end
    if end is None and start is not None:
        several = exact and entry.start != entry.end and entry.end is not None
        end = entry.end if several and entry.end and entry.end > start else start
    if start and end and end < start:
        raise CorrectionError(f"the end, {day(end)}, lies before the start, {day(start)}", "end")
    return start, end


def _redacted(dating: Dating) -> Dating:
    """Return a dating as it is stored after its document was removed."""
    return replace(dating, sentence=redacted(dating.sentence), text=redacted(dating.text))


def _sentence(mention: Mention, section: Section) -> str:
    # A date in a heading has no sentence.
    words = section.text[mention.sentence_start : mention.sentence_end] or section.heading
    return " ".join(words.split())


def _corrected(event: Event, correction: Correction, index: int | None = None) -> Event | None:
    """Return the event with a correction applied, None if the correction says that it is no event.

    `index` is that of the corrected mention; None if the correction is of another event, which this one repeats.
    """
    if correction.no_event:
        return None
    mentions = list(event.mentions)
    if correction.start is not None:
        mentions.insert(0, _dated(mentions.pop(index or 0), correction))
    if correction.status is not None:
        mentions = [replace(mention, cue=None) for mention in mentions]
        mentions[0] = replace(mentions[0], cue=_CUES[correction.status], tentative=False)
    corrected = replace(event, mentions=tuple(mentions))
    if index is None:
        return corrected
    title, kind = correction.title or event.title, correction.kind or event.kind
    return replace(corrected, title=title, kind=kind, correction=correction)


def _repeats(other: Event, event: Event, correction: Correction) -> bool:
    """Return whether another event of the chain has the corrected date, or for a change of it a vaguer one."""
    ours, theirs = event.mentions[0], other.mentions[0]
    if other is event or ours.start is None or ours.end is None or theirs.start is None or theirs.end is None:
        return False
    if correction.no_event:
        return (theirs.start, theirs.end) == (ours.start, ours.end)
    return theirs.start <= ours.start and ours.end <= theirs.end


def _dated(mention: Mention, correction: Correction) -> Mention:
    end = correction.end or correction.start
    return replace(
        mention,
        start=correction.start,
        end=end,
        precision="day",
        # A new start leaves the end open; with an end, both days are known.
        bound="from" if mention.bound == "from" and end == correction.start else "on",
        approximate=False,
        year_inferred=False,
        tentative=False,
    )
