"""Answers without a language model, on the bundled report with the real embedding models."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.answering.answer import Answer
from bot.answering.plain import period_in
from bot.answering.question import Turn
from bot.answering.remarks import opening
from bot.evaluation.measurement import normalized
from bot.evaluation.questions import read_questions
from bot.languages import question_language
from bot.settings import Settings
from bot.wiring import Services, build
from tests.conftest import REPORT
from tests.small_store import HashingEmbedder

DATA = Path(__file__).parents[2] / "data"
DAY = date(2024, 5, 1)
LANGUAGES = ("fr", "es", "ru", "zh", "ar")


def ask(report: Services, question: str, *before: str, as_of: date = DAY) -> Answer:
    return report.assistant.answer(question, history=[Turn("user", text) for text in before], as_of=as_of)


def test_every_sentence_has_a_marker_that_resolves_and_quotes_are_verbatim(report: Services) -> None:
    answer = ask(report, "What did ITU contribute to SIDS4?")

    sentences = [line for line in re.split(r"(?<=\])\s", answer.text) if line]
    assert all(re.search(r"\[\d+\]$", sentence) for sentence in sentences)
    assert set(re.findall(r"\[(\d+)\]", answer.text)) == {str(c.marker) for c in answer.citations}
    source = re.findall(r"\w+", REPORT.read_text("utf-8"))
    for citation in answer.citations:
        quote = re.findall(r"\w+", citation.quote)
        assert any(source[at : at + len(quote)] == quote for at in range(len(source)))


def test_at_most_three_paragraphs_are_shown_the_best_sentence_marked(report: Services) -> None:
    answer = ask(report, "Who co-facilitates the Global Digital Compact?")

    assert 1 <= len(answer.citations) <= 3
    assert answer.citations[0].section == "2.4"
    assert answer.best is not None
    assert "Sweden" in answer.text[slice(*answer.best)]


def test_closest_passages_say_that_nobody_decided(report: Services) -> None:
    answer = ask(report, "how many people attended CSW68?")

    assert (answer.answered, answer.confidence) == (True, "low")
    assert opening(answer).startswith("The passages closest to your question. No language model is set")


def test_a_refusal_names_what_no_document_has_and_what_is_nearest(report: Services) -> None:
    answer = ask(report, "What is the price of a Starlink subscription?")

    assert (answer.answered, answer.reason, answer.citations) == (False, "no evidence", ())
    assert "29 April 2024" in answer.text
    assert "“starlink”" in answer.text
    assert [near.marker for near in answer.nearest] == [1, 2, 3]


@pytest.mark.parametrize(
    "question",
    [
        "what's coming up?",
        "quels sont les prochains événements ?",
        "¿cuáles son los próximos eventos?",
        "какие мероприятия впереди?",
        "接下来有哪些会议？",
        "ما هي المواعيد القادمة؟",
        "what is due in the next 40 days?",
        "which meetings are there in may",
        "quelles réunions en mai 2024 ?",
    ],
)
def test_questions_for_a_list_get_the_register(report: Services, question: str) -> None:
    answer = ask(report, question)

    assert (answer.answered, answer.computed) == (True, True)
    assert "UN Civil Society Conference" in answer.text
    assert all(line.startswith("• ") for line in answer.text.splitlines())


def test_a_named_event_has_its_status_and_distance_above_the_paragraphs(report: Services) -> None:
    answer = ask(report, "when is the fourth international conference on small islands?")

    assert answer.text.startswith("• Fourth international conference on Small Islands Developing States")
    assert "in 26 days" in answer.text.splitlines()[0]


def test_what_changed_and_what_there_is_are_answered_by_their_look_ups(report: Services) -> None:
    changed = ask(report, "what changed in the report?")
    there = ask(report, "which documents do you have?")

    assert changed.reason == "no change"
    assert "only one version" in changed.text
    assert "Green Digital Action" in there.text


@pytest.mark.parametrize("text", ["hello", "thanks!", "what can you do?", "bye", "merci beaucoup", "谢谢"])
def test_small_talk_gets_a_reply_and_no_search_result(report: Services, text: str) -> None:
    answer = ask(report, text)

    assert (answer.answered, answer.reason, answer.nearest) == (False, "small talk", ())


def test_a_follow_up_of_few_words_is_searched_with_the_question_before(report: Services) -> None:
    answer = ask(report, "and since when?", "Who co-facilitates the Global Digital Compact?")

    assert "2.4" in [citation.section for citation in answer.citations]


def test_a_language_that_is_not_read_is_told_so(report: Services) -> None:
    assert ask(report, "Wann findet der Zukunftsgipfel statt und wer leitet ihn?").reason == "language"


def test_what_looks_like_a_marker_in_a_quoted_sentence_is_none(tmp_path: Path) -> None:
    own = build(Settings(data_dir=tmp_path / "data", _env_file=None), HashingEmbedder())
    paper = tmp_path / "paper.txt"
    paper.write_text("1. Partners\n1.1\tThe Schools Alliance has eighty-four partners [12] in Geneva [3].\n")
    own.shared.ingest([paper], export=False)

    answer = own.assistant.answer("the Schools Alliance has how many partners in Geneva")

    assert re.findall(r"\[(\d+)\]", answer.text) == ["1"]
    assert "(12)" in answer.text


def test_a_list_says_once_how_many_more_there_are(tmp_path: Path) -> None:
    own = build(Settings(data_dir=tmp_path / "data", _env_file=None), HashingEmbedder())
    paper = tmp_path / "paper.txt"
    names = [f"Forum of the {first}{second} Group" for first in "ABCDE" for second in "KLMNOPQRST"]
    days = [f"{n % 28 + 1} {('June', 'July')[n // 28]} 2024" for n in range(len(names))]
    lines = [
        f"1.{n}\tThe {name} is on {day}.\n" for n, (name, day) in enumerate(zip(names, days, strict=True), 1)
    ]
    paper.write_text("".join(["1. Forums\n", *lines]))
    own.shared.ingest([paper], export=False)

    answer = own.assistant.answer("What is due in the next 90 days?", as_of=DAY)

    assert len(answer.citations) == 12
    assert answer.note == "… and 38 more"


def test_facts_shown_and_refusals_on_the_development_sets(report: Services) -> None:
    rows = read_questions(DATA / "questions_gold.jsonl")
    shown = [(gold, ask(report, gold.question)) for gold in rows]

    facts = [
        answer.answered and all(normalized(each) in normalized(answer.text) for each in gold.must)
        for gold, answer in shown
        if gold.answerable
    ]
    told = [answer.answered and answer.confidence == "high" for gold, answer in shown if not gold.answerable]
    assert sum(facts) >= 0.92 * len(facts)
    assert sum(told) <= 0.2 * len(told)


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_questions_on_anything_else_are_refused(report: Services, language: str) -> None:
    rows = read_questions(DATA / "offtopic" / f"dev.{language}.jsonl")

    refused = [not ask(report, gold.question).answered for gold in rows]

    assert sum(refused) >= 0.93 * len(refused)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("what is due in the next two weeks?", "next 2 weeks"),
        ("les sept objectifs", ""),
        ("what do we have in september pls", "2024-09-01..2024-09-30"),
        ("what happened since 1 April 2024", "2024-04-01.."),
        ("未来30天有什么？", "next 30 days"),
        ("на следующей неделе", "next week"),
        ("¿qué hay la próxima semana?", "next week"),
        ("الأسبوع القادم", "next week"),
        ("u can come", ""),
    ],
)
def test_period_that_a_text_speaks_of(text: str, form: str) -> None:
    assert period_in(text, question_language(text), DAY) == form
