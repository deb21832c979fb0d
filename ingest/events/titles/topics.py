"""Remembers the gatherings that a document has named, to resolve "the conference" and "it"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.events.titles.names import gatherings, proper_names
from ingest.events.titles.trimming import lowered, names_something, says_nothing
from ingest.events.titles.words import is_gathering, singular

# Words before a bare noun that refers to a gathering mentioned before: "the present meeting".
_REFERRING = frozenset("the this that its their these such our a an any his each said present".split())
_NUMERALS = re.compile(r"first|second|third|fourth|fifth|next|last|new|final|\d+(?:st|nd|rd|th)")
# A longer heading is a sentence.
_HEADING_CHARS = 110
_SHORT_HEADING_CHARS = 70


@dataclass(frozen=True, slots=True)
class EventTitle:
    """The title of an event, the place cut from it, and whether it is the name of a gathering."""

    title: str
    place: str | None = None
    gathering: bool = False


@dataclass
class Topics:
    """The gatherings of one document (noun -> name); `latest` is reset for each section."""

    title: str
    latest: str = ""
    names: dict[str, str] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Remember the proper names of gatherings in `text`."""
        for name in gatherings(text):
            if name.proper:
                self.latest = self.latest or name.text
                self.names[name.noun] = name.text

    def note_dated(self, title: EventTitle) -> None:
        """Remember the gathering that was dated last, to which "a second one" refers."""
        if title.gathering and len(title.title.split()) > 2:
            self.latest = title.title

    def recall(self, noun: str) -> str:
        """Return the name that "the conference" or "it" refers to, "" if unknown."""
        return self.names.get(singular(noun.casefold())) or self.latest or next(proper_names(self.title), "")

    def resolved(self, title: str) -> str | None:
        """Return what a bare "the meeting" or "second session" refers to, "" if unknown; None for any other title."""
        words = [w for w in title.casefold().split() if w not in _REFERRING]
        counted = [w for w in words if _NUMERALS.fullmatch(w)]
        if len(words) - len(counted) != 1 or not is_gathering(words[-1]) or not words[-1].isalpha():
            return None
        known = self.recall(words[-1])
        again = known and counted and counted[0] not in ("first", "new")
        return f"{known}: {lowered(title)}" if again else known

    @property
    def document(self) -> str:
        """The gathering in the document's title, else the title."""
        return next(proper_names(self.title), "") or self.title

    def subject(self, lines: Sequence[str]) -> str:
        """Return the nearest line above that names a subject, else the document's own subject."""
        tidy = (" ".join(line.split()).strip(" .:;–-*#") for line in lines)
        return next(
            (line for line in tidy if line and len(line) <= _HEADING_CHARS and not says_nothing(line)),
            self.document,
        )

    def context(self, lines: Sequence[str]) -> str:
        """Return the nearest short line that names a gathering, else the document's subject with a name, else ""."""
        *above, document = (" ".join(line.split()).strip(" .:;–-*#¹²") for line in (*lines, self.document))
        named = (
            line
            for line in (*above, document)
            if len(line) <= _SHORT_HEADING_CHARS and next(proper_names(line), "")
        )
        subject = document if len(document) <= _SHORT_HEADING_CHARS and names_something(document) else ""
        return next(named, subject)
