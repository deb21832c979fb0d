"""Changes of dates between two versions of a document, compared as two registers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any, Literal, cast

from bot.json_fields import json_fields
from bot.register import RegisterEntry, build_register
from bot.register.date_format import when
from store.records import Document, Event, Section

DateChangeKind = Literal["moved", "narrowed", "postponed", "cancelled", "restored", "added", "dropped"]


@dataclass(frozen=True, slots=True)
class DateChange:
    """A change of an event's date; `before` is None for "added", `after` for "dropped".

    "narrowed": the date was open or less precise, and is now stated more precisely.
    """

    kind: DateChangeKind
    before: RegisterEntry | None
    after: RegisterEntry | None

    @property
    def entry(self) -> RegisterEntry:
        """The newer of the two."""
        return cast(RegisterEntry, self.after or self.before)

    def to_json(self) -> dict[str, Any]:
        """Return its JSON object."""
        entry = self.entry
        return {
            "kind": self.kind,
            "title": entry.title,
            "chain_id": entry.chain_id,
            "before": _dating_json(self.before),
            "after": _dating_json(self.after),
        }


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document with its sections, in reading order, and its events."""

    document: Document
    sections: Sequence[Section]
    events: Sequence[Event]

    def chains(self) -> defaultdict[str, list[RegisterEntry]]:
        """Return chain -> the valid datings of this version, none of which counts as past."""
        sections = {section.id: section for section in self.sections}
        chains: defaultdict[str, list[RegisterEntry]] = defaultdict(list)
        for entry in build_register([self.document], sections, self.events, date.min):
            if entry.rescheduled_to is None:
                chains[entry.chain_id].append(entry)
        return chains


def compare_dates(before: Version, after: Version) -> tuple[DateChange, ...]:
    """Return the changes in the order of their dates."""
    old, new = before.chains(), after.chains()
    found: list[DateChange] = []
    for chain in dict.fromkeys([*new, *old]):
        known = {_dating(entry) for entry in old[chain]}
        stated = {_dating(entry) for entry in new[chain]}
        removed = [entry for entry in old[chain] if _dating(entry) not in stated]
        added = [entry for entry in new[chain] if _dating(entry) not in known]
        # Pair a removed dating with the one that replaces it before one that is called off.
        added.sort(key=lambda entry: entry.status in ("postponed", "cancelled"))
        found += [DateChange(_kind(a, b), a, b) for a, b in zip_longest(removed, added)]
    return tuple(
        sorted(found, key=lambda c: (c.entry.start or date.max, c.entry.end or date.max, c.entry.title))
    )


def _dating(entry: RegisterEntry) -> tuple[object, ...]:
    return (entry.start, entry.end, entry.time, entry.bound, entry.status)


def _kind(before: RegisterEntry | None, after: RegisterEntry | None) -> DateChangeKind:
    if after is None:
        return "dropped"
    if before is None:
        return "added"
    if after.status != before.status and after.status == "cancelled":
        return "cancelled"
    if after.status != before.status and after.status == "postponed":
        return "postponed"
    if before.start is None or before.end is None:
        return "narrowed" if after.start is not None else "moved"
    if after.start is None or after.end is None:
        return "moved"
    if (before.start, before.end) == (after.start, after.end) and before.status in ("postponed", "cancelled"):
        return "restored"
    inside = before.start <= after.start and after.end <= before.end
    return "narrowed" if inside and (before.start, before.end) != (after.start, after.end) else "moved"


def _dating_json(entry: RegisterEntry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return json_fields(entry, "start end time precision status section quote") | {"when": when(entry)}
