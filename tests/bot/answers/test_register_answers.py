"""Answers from the register: lines, markers, citations and notes on corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.answers import Answer, Basis
from bot.answers.composing import register_answer, with_corrections
from bot.question import understand
from bot.register import EntryMention, LastCorrection, RegisterEntry
from bot.register.questions import EntrySearch, answer_query, read_query
from store.records import Citation, Document
from tests.bot.register_entries import AS_OF, entry, spring

REPORT = Document("C24/1", "report.txt", "Report on engagement", symbol="C24/1", date=date(2024, 4, 29))
QUOTE = "The forum is on 9 May, and the workshop on 10 May."


def ask(question: str, entries: list[RegisterEntry], others: Sequence[Document] = ()) -> Answer | None:
    search = EntrySearch(entries)
    query = read_query(understand(question), AS_OF, lambda: search, lambda _: False)
    told = answer_query(query, search, AS_OF, REPORT.date) if query else []
    draft = Answer(question, question, "", False, AS_OF, Basis(1, REPORT.title, REPORT.date))
    return register_answer(draft, told, [REPORT, *others]) if told else None


def cited(title: str, day: str, section: str = "2.3") -> RegisterEntry:
    start = date.fromisoformat(day)
    mention = EntryMention("report.txt", section, "", start, start, QUOTE, "Our Common Agenda", 7, "id-1")
    return entry(title, day, quote=QUOTE, section=section, mentions=(mention,))


@pytest.fixture
def answer() -> Answer:
    found = ask(
        "What is coming up in May 2024?", [cited("Forum", "2024-05-09"), cited("Workshop", "2024-05-10")]
    )
    assert found is not None
    return found


def test_citation_names_its_section_with_heading_and_page(answer: Answer) -> None:
    citation = answer.citations[0]
    assert (citation.section, citation.heading, citation.page) == ("2.3", "Our Common Agenda", 7)


def test_citation_has_section_id_and_symbol(answer: Answer) -> None:
    citation = answer.citations[0]
    assert (citation.section_id, citation.symbol, citation.quote) == ("id-1", "C24/1", QUOTE)


def test_entries_of_one_sentence_share_a_marker(answer: Answer) -> None:
    assert [line[-3:] for line in answer.text.splitlines()[1:]] == ["[1]", "[1]"]
    assert len(answer.citations) == 1


def test_heading_names_the_searched_days(answer: Answer) -> None:
    assert answer.text.splitlines()[0] == "1–31 May 2024:"


def test_every_entry_line_ends_in_a_resolved_marker() -> None:
    answer = ask("What is coming up in the next 60 days?", spring())
    assert answer is not None
    entries = [line for line in answer.text.splitlines() if not line.endswith(":")]
    markers = [int(line.rsplit("[", 1)[1].rstrip("]")) for line in entries]
    assert set(markers) == {citation.marker for citation in answer.citations}


def test_unknown_event_is_not_answered_from_the_register() -> None:
    assert ask("Is the picnic still on?", spring()) is None


def test_line_cites_every_document_that_mentions_the_event() -> None:
    older = replace(REPORT, id="C23/1", source="older.txt", title="Report before", symbol="C23/1")
    forum = cited("Forum", "2024-05-09")
    before = EntryMention("older.txt", "4.1", "", None, None, "A forum is planned for 9 May 2024.")
    found = ask(
        "What is coming up in May 2024?", [replace(forum, mentions=(*forum.mentions, before))], [older]
    )
    assert found is not None
    assert [(c.document, c.section) for c in found.citations] == [
        ("Report on engagement", "2.3"),
        ("Report before", "4.1"),
    ]
    assert found.text.endswith("[1][2]")


CORRECTED = LastCorrection("amina", datetime(2024, 5, 3, tzinfo=UTC))


def quoting(quote: str, section_id: str = "id-1") -> Answer:
    citation = Citation(1, "report.txt", REPORT.title, None, "2.3", "Our Common Agenda", 7, quote, section_id)
    return Answer("When?", "When?", f"{quote} [1]", True, AS_OF, Basis(1, None, None), citations=(citation,))


def test_answer_that_quotes_a_corrected_sentence_has_a_note() -> None:
    entries = [replace(cited("Forum", "2024-05-12"), corrected=CORRECTED), cited("Workshop", "2024-05-10")]
    told = with_corrections(quoting(QUOTE), entries)
    assert told.note == "Corrected in the register: Forum, 12 May 2024 (scheduled)."
    assert told.text == f"{QUOTE} [1]"


@pytest.mark.parametrize("answer", [quoting("Another sentence."), quoting(QUOTE, "id-2")])
def test_answer_without_corrected_sentences_has_no_note(answer: Answer) -> None:
    assert with_corrections(answer, [replace(cited("Forum", "2024-05-12"), corrected=CORRECTED)]) == answer


def test_register_line_names_the_correction() -> None:
    found = ask(
        "What is coming up in May 2024?", [replace(cited("Forum", "2024-05-12"), corrected=CORRECTED)]
    )
    assert found is not None
    assert "Forum: 12 May 2024 (in 11 days; corrected on 3 May 2024). [1]" in found.text
