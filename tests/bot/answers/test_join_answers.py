"""Joined answers to the parts of a question."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.answers import Answer
from bot.answers.composing import join_answers
from tests.bot.sample_answers import CITATION, NEAR, REFUSAL, VERBATIM

DRAFT = replace(REFUSAL, text="", reason=None, nearest=())
FIRST = replace(
    VERBATIM,
    text="It is near. [1] It is big. [2]",
    citations=(CITATION, replace(CITATION, marker=2, section="3")),
)
SECOND = replace(VERBATIM, text="It is new. [1]", citations=(replace(CITATION, section="4"),))


def _joined(*replies: Answer) -> Answer:
    return join_answers(DRAFT, [(f"part {number}", reply) for number, reply in enumerate(replies)])


def test_markers_are_renumbered_across_parts() -> None:
    whole = _joined(FIRST, SECOND)

    assert whole.text == "It is near. [1] It is big. [2] It is new. [3]"
    assert [(c.marker, c.section) for c in whole.citations] == [(1, "2.2"), (2, "3"), (3, "4")]


def test_repeated_sentence_appears_once() -> None:
    whole = _joined(FIRST, replace(SECOND, text="It is big. [1] It is new. [1]"))

    assert whole.text.count("It is big.") == 1
    assert {int(n) for n in re.findall(r"\[(\d)\]", whole.text)} == {c.marker for c in whole.citations}


def test_unanswered_part_is_named() -> None:
    whole = _joined(FIRST, REFUSAL)

    assert (whole.answered, whole.unanswered) == (True, ("part 1",))
    assert whole.nearest == (NEAR,)


def test_section_nearest_to_two_parts_appears_once() -> None:
    other = replace(REFUSAL, nearest=(replace(REFUSAL.nearest[0], quote="Money is short."),))
    whole = _joined(FIRST, REFUSAL, other)

    assert [near.section for near in whole.nearest] == ["3.1"]


def test_first_refusal_stands_for_all_if_no_part_is_answered() -> None:
    assert _joined(REFUSAL, replace(REFUSAL, text="Nothing.")).text == REFUSAL.text


def test_register_lines_stay_lines() -> None:
    listed = replace(FIRST, text="It is near. [1]\nIt is big. [2]")

    whole = _joined(listed, SECOND)

    assert whole.text == "It is near. [1]\nIt is big. [2]\nIt is new. [3]"


def test_confidence_is_that_of_the_least_confident_part() -> None:
    whole = _joined(
        replace(FIRST, judged=True, model="fake:model"),
        replace(SECOND, judged=False, confidence="low", note="Slow."),
    )

    assert (whole.confidence, whole.judged, whole.model, whole.note) == (
        "low",
        False,
        "fake:model",
        "Slow.",
    )


def test_what_two_parts_quote_of_a_section_has_one_number() -> None:
    part = replace(
        VERBATIM, text="It is new. [1]", citations=(replace(CITATION, quote=CITATION.quote[3:-3]),)
    )

    whole = _joined(FIRST, part)

    assert whole.text == "It is near. [1] It is big. [2] It is new. [1]"
    assert [c.quote for c in whole.citations] == [CITATION.quote] * 2
