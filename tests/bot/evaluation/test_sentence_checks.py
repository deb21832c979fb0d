from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answering.answer import Answer, Removed
from bot.evaluation.questions import (
    CheckedSentence,
    PassageOf,
    check_answer,
    delivered_sentences,
    passages_of,
)
from bot.facts.stated import CitedPassage
from bot.wiring import Services
from store.records import Citation
from tests.bot.passages import passages
from tests.bot.sample_answers import VERBATIM

HELD = passages("sample")


def by_number(section_id: str) -> CitedPassage | None:
    return HELD.get(section_id)


def cited(number: str, marker: int = 1) -> Citation:
    return replace(VERBATIM.citations[0], marker=marker, section=number, section_id=number)


def checked(
    text: str, *citations: Citation, passage_of: PassageOf = by_number
) -> tuple[CheckedSentence, ...]:
    return check_answer(replace(VERBATIM, text=text, citations=citations, judged=True), passage_of)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. [1] Two, too. [2][3]", [("One.", (1,)), ("Two, too.", (2, 3))]),
        ("[ITU] It rests. [1]", [("[ITU] It rests.", (1,))]),
        ("At 5 p.m. it ends. [10]", [("At 5 p.m. it ends.", (10,))]),
        ("No marker at all.", []),
    ],
)
def test_sentences_end_with_their_markers(text: str, sentences: list[tuple[str, tuple[int, ...]]]) -> None:
    assert delivered_sentences(text) == sentences


def test_date_missing_from_the_cited_section_is_unsupported() -> None:
    (only,) = checked("The Summit of the Future is scheduled for 24-25 September 2024. [1]", cited("2.2"))
    assert only.violation is not None
    assert (only.violation.check, "24-25 September 2024" in only.violation.reason) == ("days", True)


def test_sentence_is_checked_against_its_own_citations() -> None:
    text = "ITU is an agency. [1] The Summit of the Future is scheduled for 22-23 September 2024. [1]"
    assert checked(text, cited("3.1", 1), cited("2.2", 2))[1].violation is not None


def test_sections_are_read_from_the_catalog(report: Services) -> None:
    answer: Answer = report.assistant.answer("When is the Summit of the Future?", as_of=VERBATIM.as_of)
    found = check_answer(answer, passages_of(report.catalog))
    assert [sentence.violation for sentence in found] == [None] * len(delivered_sentences(answer.text))


def test_replacement_is_not_counted_as_the_models() -> None:
    answer = replace(
        VERBATIM,
        model="fake:model",
        judged=True,
        citations=(cited("2.2"),),
        removed=(Removed("It is in 2023.", "the passage does not have it", "days", "It is scheduled."),),
        text="The Summit will adopt a Pact. [1] It is scheduled. [1]",
    )

    assert [sentence.by_model for sentence in check_answer(answer, by_number)] == [True, False]
