"""Answers to questions for no single fact: which paragraphs are quoted, and which sentences make a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from bot.answers import Answer, extractive
from bot.answers.answer import Basis
from bot.answers.extractive import Selection, extractive_answer, passages
from bot.answers.ranking import RankedSentence, best_first, weigh
from bot.question import understand
from store.records import Document, Hit, Section
from store.search import SearchResult

DOCUMENT = Document("d", "d.txt", "The report", date=date(2024, 4, 29))


def paragraph(
    *sentences: str,
    number: int = 1,
    cosine: float = 0.5,
    document: Document = DOCUMENT,
    heading: str = "Events",
) -> list[RankedSentence]:
    """Return the sentences of a paragraph, all about the topic."""
    text = " ".join(sentences)
    section = Section(document.id, str(number), 0, number, heading, text, text)
    hit = Hit(section, document, 1.0, 0.5)
    found = []
    for sentence in sentences:
        start = text.index(sentence)
        found.append(
            RankedSentence(
                hit,
                place=number + (document is not DOCUMENT) * 100,
                start=start,
                end=start + len(sentence),
                cosine=cosine,
                coverage=1.0,
                section_coverage=1.0,
                has_asked_kind=True,
            )
        )
    return found


def quoted(candidates: Sequence[RankedSentence]) -> list[str]:
    return [sentence.text for sentence in passages(best_first(candidates))]


def test_paragraph_of_the_best_sentence_is_quoted_as_it_stands() -> None:
    first, best, last = paragraph("The budget grew.", "The Alliance met in May.", "However, few came.")

    assert quoted([first, replace(best, cosine=0.9), last]) == [first.text, best.text, last.text]


def test_long_paragraph_is_cut_to_the_sentences_around_the_best_one() -> None:
    many = paragraph(*(f"In year {n} the Alliance met " + "again " * 33 + "." for n in range(10)))
    near = [replace(s, cosine=0.9 if n == 6 else 0.1 + n / 100) for n, s in enumerate(many)]

    assert quoted(near) == [many[n].text for n in (6, 7, 8)]


def test_cut_is_not_before_a_sentence_that_revokes() -> None:
    planned, revoked = paragraph(
        "The Alliance meets in May " + "and again " * 65 + ".",
        "However, this has been postponed. " + "So " * 20,
    )

    assert quoted([replace(planned, cosine=0.9), revoked]) == [planned.text, revoked.text]


def test_newer_document_has_the_paragraph_that_is_quoted() -> None:
    newer = replace(DOCUMENT, id="n", source="n.txt", date=date(2025, 4, 29))
    old = paragraph("The Alliance meets in May in Geneva.", cosine=0.6)
    new = paragraph("The Alliance meets in June in Geneva.", document=newer)

    assert quoted([*old, *new]) == ["The Alliance meets in June in Geneva."]


def test_items_at_the_end_of_a_paragraph_stay() -> None:
    text = "The Alliance has priorities:\n· access\n· skills"
    (one,) = paragraph(text)

    assert quoted([replace(one, end=28)]) == ["The Alliance has priorities:", "access", "skills"]


def test_long_text_without_spaces_is_cut() -> None:
    many = paragraph(*(f"第{n}届联盟会议讨论了数字发展和互联互通问题。" for n in range(40)))

    assert 1 < len(quoted(many)) < 20


def test_revocation_comes_after_the_heading_between() -> None:
    text = "The meeting is in May.\nUpdate of June\nIt has been postponed."
    (one,) = paragraph(text)
    both = [replace(one, end=22), replace(one, start=38, end=len(text))]

    assert quoted(both) == ["The meeting is in May.", "Update of June", "It has been postponed."]


def test_headings_within_a_paragraph_stay() -> None:
    text = "Purpose\nThe Alliance met.\nAction required\nThe Council notes it."
    (one,) = paragraph(text)
    both = [replace(one, start=8, end=25), replace(one, start=42, end=len(text))]

    assert quoted(both) == ["Purpose", "The Alliance met.", "Action required", "The Council notes it."]


def test_sentence_that_is_longer_than_a_passage_is_quoted_whole() -> None:
    (long,) = paragraph("The Alliance met " + "again " * 200 + ".")

    assert quoted([long]) == [long.text]


def test_paragraph_that_is_nearly_as_near_comes_second_and_no_third_one_does() -> None:
    near = [paragraph(f"The Alliance met {n} times.", number=n, cosine=0.5 - n / 100) for n in range(3)]

    assert quoted([s for one in near for s in one]) == [
        "The Alliance met 0 times.",
        "The Alliance met 1 times.",
    ]


def test_paragraph_that_is_less_near_is_left_out() -> None:
    near, far = paragraph("The Alliance met."), paragraph("The budget grew.", number=2, cosine=-0.5)

    assert quoted([*near, *far]) == ["The Alliance met."]


def test_first_sentence_has_its_paragraph_quoted_though_others_are_better() -> None:
    """It is the newest statement on the point of an older one that is named below."""
    newest, better = paragraph("The Alliance has 55 members."), paragraph("Many ask.", number=2, cosine=0.9)

    assert [s.text for s in passages([*newest, *better])] == ["The Alliance has 55 members.", "Many ask."]


def test_of_two_versions_of_a_paragraph_one_is_quoted() -> None:
    older = replace(DOCUMENT, id="e", source="e.txt", date=date(2023, 4, 29))

    assert quoted([*paragraph("The Alliance met."), *paragraph("The Alliance met.", document=older)]) == [
        "The Alliance met."
    ]


ALLIANCE = "Tell me about the Alliance"
TWO = [
    *paragraph("The Alliance met in May.", number=1),
    *paragraph("The Alliance grew.", number=2),
]


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractive, "probability", lambda _: 1.0)


def answer(question: str, candidates: Sequence[RankedSentence]) -> list[str]:
    """Return the sentences of the answer to a question for which these were found."""
    understood, ranked = understand(question), best_first(candidates)
    found = SearchResult(
        tuple({s.place: s.hit for s in ranked}.values()), (), {}, 60, {}, (DOCUMENT,), np.zeros(1, np.float32)
    )
    selection = Selection(
        understood,
        found,
        weigh(understood, found),
        ranked=ranked,
        chosen=ranked[:1],
        versions=ranked[:1],
        sentences=ranked[:1],
    )
    reply = extractive_answer(Answer("?", "?", "", False, date(2024, 5, 1), Basis.of([DOCUMENT])), selection)
    shown = [s.text for s in ranked if s.text in reply.text]
    return sorted(shown, key=reply.text.index)


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
        "Is the Alliance new?",
        "Why was the Alliance founded?",
    ],
)
def test_question_for_no_fact_gets_several_paragraphs(sure: None, question: str) -> None:
    assert len(answer(question, TWO)) == 2


@pytest.mark.parametrize(
    "question",
    [
        "When did the Alliance meet?",
        "Who leads the Alliance?",
        "How many members has the Alliance?",
        "Tell me about who leads the Alliance",
    ],
)
def test_question_for_a_fact_gets_the_sentences_chosen(sure: None, question: str) -> None:
    assert len(answer(question, TWO)) == 1


def test_summary_has_at_most_five_sentences(sure: None) -> None:
    many = [c for n in range(1, 8) for c in paragraph(f"The Alliance met {n} times.", number=n)]
    assert len(answer(ALLIANCE, many)) == 5


def test_sentences_of_a_summary_keep_the_order_of_the_document(sure: None) -> None:
    later = paragraph("The Alliance grew.", number=2, cosine=0.6)
    earlier = paragraph("The Alliance met in May.", number=1)
    assert answer(ALLIANCE, [*later, *earlier]) == [earlier[0].text, later[0].text]


def test_sentences_under_the_best_heading_come_before_others(sure: None) -> None:
    best = paragraph("The Alliance rose.", number=3, heading="Alliance", cosine=0.6)
    assert answer(ALLIANCE, [*TWO, *best])[0] == best[0].text


def test_sentence_of_a_summary_is_followed_by_its_revocation(sure: None) -> None:
    planned, postponed = paragraph("The Alliance meets in May.", "However, this has been postponed.")
    far = paragraph("The Alliance grew.", number=2)
    taken_back = replace(postponed, cosine=0.0, coverage=0.0, section_coverage=0.0, has_asked_kind=False)
    assert answer(ALLIANCE, [planned, taken_back, *far])[:2] == [planned.text, postponed.text]


def test_sentence_with_a_pronoun_needs_the_sentence_before(sure: None) -> None:
    _, pointing = paragraph("The budget grew.", "This is the work of the Alliance.", number=3)
    assert pointing.text not in answer(ALLIANCE, [*TWO, pointing])


def test_sentence_with_a_pronoun_follows_the_sentence_before(sure: None) -> None:
    definition, pointing = paragraph("The Alliance is a group of schools.", "It has a budget.", number=3)
    said = answer(ALLIANCE, [*TWO, definition, pointing])
    assert said.index(pointing.text) == said.index(definition.text) + 1
