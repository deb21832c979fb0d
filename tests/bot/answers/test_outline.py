"""Outlines: of a topic, of two topics side by side, of a document itself; on the bundled report."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.answers import Answer
from bot.answers.outline import compared, document_question
from bot.locales import in_language
from bot.question import Turn, understand
from bot.settings import Settings
from bot.wiring import Services, build
from store.records import Document
from tests.conftest import REPORT

DAY = date(2024, 5, 1)
DOCUMENT = Document("C24/8", "engagement.docx", "Engagement", symbol="C24/8", date=date(2024, 4, 29))


def ask(services: Services, question: str, *before: str) -> Answer:
    return services.assistant.answer(question, history=[Turn("user", text) for text in before], as_of=DAY)


def headings(answer: Answer) -> list[str]:
    return [line for line in answer.text.splitlines() if not line.endswith("]")]


@pytest.mark.parametrize(
    "question", ["AI", "tell me about AI", "anything on AI?", "What does the report say about AI?"]
)
def test_topic_alone_gets_sentences_dates_and_the_headings_with_more(report: Services, question: str) -> None:
    answer = ask(report, question)
    assert headings(answer) == ["Dates:", "More on this:"]
    assert "advise on risks, opportunities and international governance" in answer.text
    assert "by summer 2024" in answer.text
    assert re.search(r"^§ 11\.4 Standards Development and related activities \[\d+\]$", answer.text, re.M)


def test_each_line_of_an_outline_is_cited_and_quoted_verbatim(report: Services) -> None:
    answer, source = ask(report, "human rights"), REPORT.read_text("utf-8")
    markers = {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)}
    assert markers == {citation.marker for citation in answer.citations}
    assert all(citation.quote in source for citation in answer.citations)


def test_topic_opens_with_the_first_sentence_under_its_heading(report: Services) -> None:
    said = ask(report, "explain digital public infrastructure please").text
    assert said.startswith("Launched at the SDG Acceleration Day in September 2023")


def test_words_that_are_together_in_a_document_are_a_topic(report: Services) -> None:
    answer = ask(report, "tell me something about the digital divide")
    assert headings(answer) == ["More on this:"]


def test_two_topics_in_one_question_are_one_outline(report: Services) -> None:
    answer = ask(report, "Anything on women and gender?")
    assert answer.citations[0].section == "4"


@pytest.mark.parametrize("question", ["quantum", "is there anything on quantum", "tell me about quantum"])
def test_topic_that_no_document_has_is_refused_in_two_lines(report: Services, question: str) -> None:
    answer = ask(report, question)
    assert (answer.answered, answer.reason) == (False, "no evidence")
    first, second = answer.text.splitlines()
    assert first.endswith("Not in the documents: “quantum”.")
    assert second == "For an outline of the documents, ask: What is in the report?"


def test_question_that_names_something_does_not_get_all_dates(report: Services) -> None:
    answer = ask(report, "Sounds like a success. Does it admit anything that did not go well?")
    assert not answer.computed


def test_question_with_a_topic_and_a_relation_is_no_outline(report: Services) -> None:
    assert not headings(ask(report, "Who co-facilitates the Global Digital Compact?"))


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("intelligence artificielle", "fr"),
        ("inteligencia artificial", "es"),
        ("искусственный интеллект", "ru"),
        ("人工智能", "zh"),
        ("الذكاء الاصطناعي", "ar"),
    ],
)
def test_topic_alone_gets_an_outline_in_each_language(report: Services, question: str, language: str) -> None:
    answer = ask(report, question)
    assert answer.language == language
    assert "2.9" in [citation.section for citation in answer.citations]
    assert len(headings(answer)) == 2


def test_one_word_is_read_in_the_language_in_use(report: Services) -> None:
    with in_language("fr"):
        answer = ask(report, "santé")
    assert [citation.section for citation in answer.citations] == ["11.4"]


def test_comparison_has_each_side_below_its_name(report: Services) -> None:
    answer = ask(
        report, "whats the difference between the pact for the future and the global digital compact"
    )
    assert headings(answer) == ["Pact for the Future:", "Global Digital Compact:"]
    assert answer.note == (
        "Quoted side by side and not compared, as there is no language model; ITUBOT_MODEL sets one."
    )


def test_comparison_quotes_no_sentence_twice(report: Services) -> None:
    lines = ask(report, "compare G7 and G20").text.splitlines()
    assert len(lines) == len({re.sub(r" \[\d+\]$", "", line) for line in lines})


def test_side_that_no_document_has_is_named(report: Services) -> None:
    answer = ask(report, "compare the GDC and blockchain")
    assert answer.answered
    assert (headings(answer), answer.unanswered) == (["GDC:"], ("blockchain",))


def test_comparison_of_dates_is_left_to_the_register(report: Services) -> None:
    assert ask(report, "WSIS Forum vs Summit of the Future, which comes first?").computed


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("What is the difference between the Pact and the GDC?", ("Pact", "GDC")),
        ("GDC vs Pact for the Future", ("GDC", "Pact for the Future")),
        ("does ITU matter more in the G7 or the G20", ("G7", "G20")),
        ("CSW this year vs last year", None),
        ("Who leads the Pact and the GDC?", None),
    ],
)
def test_sides_of_a_comparison(question: str, sides: tuple[str, str] | None) -> None:
    assert compared(understand(question), lambda _: True) == sides


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("summarise the report", {"contents"}),
        ("What is in it?", {"contents"}),
        ("give me a summary", {"contents"}),
        ("what is this document about", {"contents"}),
        ("What documents do you have?", {"contents"}),
        ("Who wrote this report and what date is it from?", {"author", "other"}),
        ("Summarise the report for me in five bullets", {"contents"}),
        ("Give me the whole thing in 5 bullet points", {"contents"}),
        ("who wrote this", {"author"}),
        ("How many pages does the report have?", {"pages", "other"}),
        ("what's the symbol of the document?", {"symbol"}),
        ("how old is the report", {"other"}),
        ("summarise C24/8", {"contents"}),
    ],
)
def test_questions_about_a_document_itself(question: str, asked: set[str]) -> None:
    found = document_question(understand(question), [DOCUMENT])
    assert found is not None
    assert found.asked == asked


@pytest.mark.parametrize(
    "question",
    [
        "summarise the cooperation with UNDP",
        "what does the report say about AI",
        "who wrote the white paper",
        "when is it?",
        "is the report final?",
        "Give me an overview of the document. Focus on outer space.",
        "What does bullet 3 say?",
    ],
)
def test_questions_about_something_else_than_a_document(question: str) -> None:
    assert document_question(understand(question), [DOCUMENT]) is None


def test_document_whose_title_is_a_topic_does_not_take_the_question() -> None:
    summit = replace(DOCUMENT, title="Summit of the Future")
    assert document_question(understand("When is the Summit of the Future?"), [summit]) is None


def test_report_in_outline_has_its_facts_and_its_headings(report: Services) -> None:
    lines = ask(report, "summarise the report").text.splitlines()
    assert lines[0].endswith("(report to Council 2024): 29 April 2024 (date inferred), 39 paragraphs. [1]")
    assert lines[1].startswith("This report presents some highlights")
    assert "§ 5 Green Digital Action [6]" in lines
    assert any(line.startswith("§ 2.1–2.15 Our Common Agenda: Summit of the Future; ") for line in lines)


def test_what_is_not_known_of_a_document_is_said(report: Services) -> None:
    assert "not known: author" in ask(report, "who wrote this").text


def test_report_in_outline_is_asked_for_in_other_languages(report: Services) -> None:
    for question in ("Que contient le rapport ?", "¿Qué contiene el informe?", "Что содержится в докладе?"):
        assert "§ 5 Green Digital Action [6]" in ask(report, question).text
    for question in ("报告有什么内容？", "ما محتوى التقرير؟"):
        assert "§ 5 Green Digital Action [6]" in ask(report, question).text


def test_of_several_documents_each_is_one_line(tmp_path: Path) -> None:
    for number in (1, 2):
        text = f"C25/{number}\n\n1 Forum\n\n1.1 The forum number {number} takes place in Geneva.\n"
        (tmp_path / f"paper{number}.txt").write_text(text, "utf-8")
    services = build(Settings(data_dir=tmp_path / "data", _env_file=None))
    services.shared.ingest([tmp_path / "paper1.txt", tmp_path / "paper2.txt"], export=False)

    lines = ask(services, "What is in the documents?").text.splitlines()

    assert len(lines) == 2
    assert [citation.symbol for citation in ask(services, "summarise C25/2").citations][:1] == ["C25/2"]


def test_follow_up_is_no_question_about_a_document(report: Services) -> None:
    assert "paragraphs" not in ask(report, "who wrote it?", "What is the AI white paper?").text


def test_long_question_is_said_to_need_a_model(report: Services) -> None:
    long = (
        "My ambassador goes to the Council in June and has asked me for a page on the Pact for the Future: what it is,"
        " who is running the negotiations, how far they have got, where digital comes in, what other agencies bring,"
        " which conferences and ministers matter, how gender, health, climate, trade and space are covered,"
        " and what ITU itself is doing about standards, radio spectrum and satellites."
    )
    answer = ask(report, long)
    assert "ITUBOT_MODEL" in (answer.note or "")
    assert answer.citations
