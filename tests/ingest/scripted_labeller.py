"""Sections with dates, and labels of them, for the tests of labelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ingest.events import dated_sections, extract_events, number_dates
from ingest.events.labels import DatedSection, Label, LabellerReply
from store.records import Document, Event, Section

DOCUMENT = Document("paper.txt", "paper.txt", "Circular of Working Party 7A", date=date(2025, 1, 10))


def section(text: str, heading: str = "", number: str = "1") -> Section:
    return Section(DOCUMENT.id, number, 0, 0, heading, text, text)


def told(text: str, *labels: Label, heading: str = "") -> list[Event]:
    """Return the events of one section as labelled."""
    own = section(text, heading)
    return extract_events(DOCUMENT, number_dates(DOCUMENT, [own]), {own.id: labels})


def shown(text: str, heading: str = "") -> list[DatedSection]:
    """Return what a labeller is shown of one section."""
    return [part for _, part in dated_sections(DOCUMENT, number_dates(DOCUMENT, [section(text, heading)]))]


@dataclass
class ScriptedLabeller:
    """Gives every date the title "Report" and what `kind` says; `asked` holds what it was shown.

    Where the text holds `fails`, it gives nothing; where it holds `breaks`, it raises.
    """

    name: str = "scripted 1"
    kind: str = "meeting"
    fails: str = "\0"
    breaks: str = "\0"
    asked: list[DatedSection] = field(default_factory=list)

    @property
    def model(self) -> str:
        return "scripted"

    def label(self, section: DatedSection) -> LabellerReply:
        self.asked.append(section)
        if self.breaks in section.text:
            raise RuntimeError("a fault")
        if self.fails in section.text:
            return LabellerReply(None, "scripted failed (500)", read=3)
        return LabellerReply(self.labels(section), read=10, wrote=5)

    def labels(self, section: DatedSection) -> tuple[Label, ...]:
        kind = "deadline" if self.kind == "deadline" else "meeting"
        numbers: Sequence[int] = range(section.first, section.first + len(section.expressions))
        return tuple(Label(number, True, "Report", kind) for number in numbers)
