"""Limits of one document after it is read: its text, its dates, and the time that its events take.

One document holds the writer's lock while its events are built and its texts embedded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingest.errors import NotReadable
from ingest.text.sentences import split
from store.records import Section


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The most that one document may have.

    Each sentence is embedded, and once or twice more with its neighbours. `event_seconds` is processor time, for
    finding its dates and again for building the events.
    """

    chars: int = 10_000_000
    sentences: int = 50_000
    dates: int = 20_000
    event_seconds: float = 120.0

    def check_size(self, sections: Iterable[Section]) -> None:
        """Raise NotReadable for too much text."""
        chars = sentences = 0
        for section in sections:
            chars += len(section.text)
            if chars > self.chars:
                raise NotReadable(
                    f"it has more text than the {self.chars:,} characters of one document: split it"
                )
            sentences += len(split(section.text))
            if sentences > self.sentences:
                raise NotReadable(
                    f"it has more than the {self.sentences:,} sentences of one document: split it"
                )

    def clock(self, now: Callable[[], float] = time.thread_time) -> Callable[[], None]:
        """Return a function that raises NotReadable once `event_seconds` have passed."""
        end = now() + self.event_seconds

        def check() -> None:
            if now() > end:
                most = f"{self.event_seconds:.0f} seconds of processor time"
                raise NotReadable(f"its dates take more than the {most} of one document: split it")

        return check
