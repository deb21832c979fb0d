"""What happens on the dates of a document: read from its sections by one of two readers, never by one over the other.

`ModelReader` asks a model for the events of a few sections and checks each of them; `PlainReader` takes each date that
the grammar finds and tells it in the document's own words. `same_event` says which of the datings are one event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from store.records import Document, Kind, Mention, Section


@dataclass(frozen=True, slots=True)
class Dating:
    """A date of an event, as a reader finds it.

    `quoted`: the title is a quotation of the document, not a name. `group`: datings of one group are one event whose
    date was moved.
    """

    title: str
    kind: Kind
    mention: Mention
    location: str | None = None
    quoted: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The datings of sections, by section id, and how they were read.

    `asked` and `plain` count the sections with dates that a model read, and that it did not although it was asked, for
    the reasons in `why`. `read` and `wrote` are the model's tokens.
    """

    datings: Mapping[str, Sequence[Dating]]
    asked: int = 0
    plain: int = 0
    why: tuple[str, ...] = ()
    read: int = 0
    wrote: int = 0


class EventReader(Protocol):
    """Reads the events of sections."""

    @property
    def name(self) -> str:
        """What reads, with the version of what it is told; stored with the events."""

    def read(
        self,
        document: Document,
        sections: Sequence[Section],
        known: Sequence[str] = (),
        step: Callable[[], None] = lambda: None,
    ) -> Reading:
        """Return the datings of sections of a document.

        `known` are titles of events that other documents name; `step` is called for each section.
        """


@lru_cache(maxsize=1)
def events_version() -> str:
    """Return the version of the rules and tables by which events are read, computed from their files."""
    room = Path(__file__).parents[1]
    files = sorted(
        path
        for folder in ("text", "events")
        for path in (room / folder).rglob("*")
        if path.suffix in (".py", ".toml")
    )
    digest = sha256()
    for path in files:
        digest.update(path.relative_to(room).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]
