"""Sample answers, a fake assistant and a fake catalog, for the tests of the terminal and the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bot.answering.answer import Answer, Basis, StreamedSentence
from bot.answering.question import Turn
from store.records import Citation, Document, Section

AS_OF = date(2024, 5, 1)
REPORT = Document("report.txt", "report.txt", "A report on [digital] themes", date=date(2024, 4, 29))
QUOTE = "Scheduled for\u00a022-23 September 2024, this Summit aims high."
PARAGRAPH = Section(
    document_id=REPORT.id,
    number="2.2",
    ordinal=0,
    position=3,
    heading="Our Common Agenda",
    text="The Summit is near. Scheduled for 22-23 September 2024, this Summit aims high. It is in New York.",
    raw=f"The Summit is near. {QUOTE} It is in New York.",
)
CITATION = Citation(
    1, REPORT.source, REPORT.title, None, "2.2", "Our Common Agenda", None, QUOTE, PARAGRAPH.id
)
NEAR = replace(CITATION, section="3.1", heading="Money", quote="Money comes from members.")
BASIS = Basis(1, REPORT.title, REPORT.date)

VERBATIM = Answer(
    question="When?",
    standalone_question="When?",
    text="Scheduled for 22-23 September 2024, this Summit aims high. [1]",
    answered=True,
    as_of=AS_OF,
    basis=BASIS,
    citations=(CITATION,),
)
REPHRASED = replace(VERBATIM, text="Scheduled for 22-23 September 2024, [the Summit] aims high. [1]")
REFUSAL = Answer(
    question="Who pays?",
    standalone_question="Who pays?",
    text="The documents do not say who pays.",
    answered=False,
    as_of=AS_OF,
    basis=BASIS,
    reason="no evidence",
    nearest=(NEAR,),
)


@dataclass
class FakeAssistant:
    """Gives the same answer to each question after streaming `says`; `asked` records the calls."""

    reply: Answer = VERBATIM
    failure: BaseException | None = None
    asked: list[tuple[str, tuple[Turn, ...], date | None]] = field(default_factory=list)
    says: Sequence[StreamedSentence] = ()

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        as_of: date | None = None,
        on_sentence: Any = None,
        language: str | None = None,
    ) -> Answer:
        self.asked.append((question, tuple(history), as_of))
        if on_sentence is not None:
            for sentence in self.says:
                on_sentence(sentence)
        if self.failure is not None:
            raise self.failure
        return replace(self.reply, question=question)

    def warm_up(self) -> None:
        pass


@dataclass
class FakeCatalog:
    """A catalog of one report, or of none."""

    held: list[Document] = field(default_factory=lambda: [REPORT])
    generation: int = 1

    def documents(self) -> list[Document]:
        return self.held

    def section(self, section_id: str) -> Section | None:
        return PARAGRAPH if section_id == PARAGRAPH.id else None

    def counts(self) -> dict[str, tuple[int, int]]:
        return {document.id: (41, 53) for document in self.held}

    @contextmanager
    def snapshot(self) -> Iterator[FakeCatalog]:
        yield self
