"""Overviews: which questions are open, which sentences are chosen, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from bot.answers.extractive import overview
from bot.answers.ranking import RankedSentence, best_first
from bot.question import understand
from store.records import Document, Hit, Section

DOCUMENT = Document("d", "d.txt", "The report", date=date(2024, 4, 29))
ALLIANCE = "Tell me about the Alliance"


def paragraph(
    *sentences: str, number: int = 1, heading: str = "Events", cosine: float = 0.5
) -> list[RankedSentence]:
    """Return the sentences of a paragraph, all about the topic."""
    text = " ".join(sentences)
    section = Section("d", str(number), 0, number, heading, text, text)
    hit = Hit(section, DOCUMENT, 1.0, 0.5)
    found = []
    for sentence in sentences:
        start = text.index(sentence)
        found.append(
            RankedSentence(
                hit,
                place=number,
                start=start,
                end=start + len(sentence),
                cosine=cosine,
                coverage=1.0,
                section_coverage=1.0,
                has_asked_kind=True,
            )
        )
    return found


def answer(question: str, candidates: Sequence[RankedSentence]) -> list[str]:
    understood = understand(question)
    return [s.text for s in overview(understood, best_first(candidates))]


TWO = [
    *paragraph("The Alliance met in May.", number=1),
    *paragraph("The Alliance grew.", number=2),
]


@pytest.mark.parametrize(
    "question",
    [
        "What is the Alliance?",
        "What is the Alliance about?",
        "the Alliance",
        "Tell me about the Alliance",
        "Could you summarise the Alliance?",
        "Give me an overview of the Alliance",
        "How does the Alliance work?",
    ],
)
def test_open_question_gets_several_sentences(question: str) -> None:
    assert len(answer(question, TWO)) == 2


@pytest.mark.parametrize(
    "question",
    [
        "When did the Alliance meet?",
        "Who leads the Alliance?",
        "How many members has the Alliance?",
        "Which members has the Alliance?",
        "Is the Alliance new?",
        "Why was the Alliance founded?",
        "Tell me about who leads the Alliance",
    ],
)
def test_question_about_a_fact_is_not_open(question: str) -> None:
    assert answer(question, TWO) == []


def test_statement_of_one_sentence_is_a_fact() -> None:
    assert answer("What is the Alliance?", paragraph("The Alliance met in May.")) == []


def test_no_sentences_give_no_overview() -> None:
    assert answer(ALLIANCE, []) == []


def test_overview_has_at_most_five_sentences() -> None:
    many = [c for n in range(1, 8) for c in paragraph(f"The Alliance met {n} times.", number=n)]
    assert len(answer(ALLIANCE, many)) == 5


def test_sentences_keep_the_order_of_the_document() -> None:
    later = paragraph("The Alliance grew.", number=2, cosine=0.6)
    earlier = paragraph("The Alliance met in May.", number=1)
    assert answer(ALLIANCE, [*later, *earlier]) == [earlier[0].text, later[0].text]


def test_sentences_under_the_best_heading_come_before_others() -> None:
    best = paragraph("The Alliance grew.", number=3, heading="Alliance", cosine=0.6)
    assert answer(ALLIANCE, [*TWO, *best])[0] == best[0].text


def test_sentence_is_followed_by_its_revocation() -> None:
    planned, postponed = paragraph("The Alliance meets in May.", "However, this has been postponed.")
    far = paragraph("The Alliance grew.", number=2)
    taken_back = replace(postponed, cosine=0.0, coverage=0.0, section_coverage=0.0, has_asked_kind=False)
    assert answer(ALLIANCE, [planned, taken_back, *far])[:2] == [planned.text, postponed.text]


def test_sentence_with_a_pronoun_needs_the_sentence_before() -> None:
    _, pointing = paragraph("The budget grew.", "This is the work of the Alliance.", number=3)
    assert pointing.text not in answer(ALLIANCE, [*TWO, pointing])


def test_sentence_with_a_pronoun_follows_the_sentence_before() -> None:
    definition, pointing = paragraph("The Alliance is a group of schools.", "It has a budget.", number=3)
    said = answer(ALLIANCE, [*TWO, definition, pointing])
    assert said.index(pointing.text) == said.index(definition.text) + 1


def test_no_sentence_on_the_question_is_no_overview() -> None:
    off_topic = [
        replace(c, coverage=0.0, section_coverage=0.0, has_asked_kind=False, hit=replace(c.hit, score=0.0))
        for c in paragraph("The budget is unchanged.", cosine=-0.2)
    ]
    assert answer(ALLIANCE, off_topic) == []
