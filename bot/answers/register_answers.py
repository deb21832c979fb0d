"""Answers from the register: one line for each entry, with citations of the paragraphs that date it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answers.answer import Answer
from bot.answers.asked_kinds import tested_kinds
from bot.answers.citations import entry_citations
from bot.question import Ask, Question
from bot.register import RegisterEntry
from bot.register.date_format import status, when
from bot.register.questions import AnswerLine, RegisterQuery
from store.records import Citation, Document

_MOST_CORRECTIONS = 3


@dataclass(frozen=True, slots=True)
class RegisterReply:
    """The register's answer to a query, and the lines that it is made of."""

    query: RegisterQuery
    lines: Sequence[AnswerLine]
    answer: Answer

    @property
    def entries(self) -> list[RegisterEntry]:
        """The entries of the lines."""
        return [entry for line in self.lines for entry in line.entries]

    @property
    def kinds(self) -> frozenset[Ask]:
        """The kinds of answer that the lines give: dates, and places if each entry has one."""
        located = all(entry.location for entry in self.entries)
        return frozenset({"when", "how long", "where"} if located else {"when", "how long"})

    def answers(self, question: Question) -> bool:
        """Return whether nothing that is asked for is missing."""
        # A list of what is on is complete; a question about one event may also ask who, why or where.
        return not self.query.topics or self.kinds.issuperset(tested_kinds(question.asks))


def register_answer(draft: Answer, found: Sequence[AnswerLine], documents: Sequence[Document]) -> Answer:
    """Return the draft with the register's lines, each citing the paragraphs that date its entries."""
    by_source = {document.source: document for document in documents}
    # Entries that one sentence dates share a marker.
    cited: dict[tuple[str, str, str], Citation] = {}
    lines = []
    for line in found:
        markers = []
        for citation in (c for entry in line.entries for c in entry_citations(entry, by_source)):
            place = (citation.source, citation.section, citation.quote)
            cited.setdefault(place, replace(citation, marker=len(cited) + 1))
            markers.append(f"[{cited[place].marker}]")
        lines += [line.heading] if line.heading else []
        lines.append(f"{line.text} {''.join(dict.fromkeys(markers))}")
    return replace(
        draft, text="\n".join(lines), answered=True, computed=True, citations=tuple(cited.values())
    )


def with_corrections(reply: Answer, entries: Sequence[RegisterEntry]) -> Answer:
    """Return the answer with a note on corrections of the dates in the sentences that it quotes."""
    quoted = [(citation.section_id, citation.quote) for citation in reply.citations]
    corrected = [
        f"{entry.title}, {when(entry)} ({status(entry)})"
        for entry in entries
        if entry.corrected
        and any(
            quote and section == mention.section_id and (mention.quote in quote or quote in mention.quote)
            for section, quote in quoted
            for mention in entry.mentions
        )
    ]
    if not corrected:
        return reply
    return reply.noted(f"Corrected in the register: {'; '.join(corrected[:_MOST_CORRECTIONS])}.")
