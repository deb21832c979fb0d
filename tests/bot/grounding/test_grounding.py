"""Statements are attributed to passages that have their facts, or replaced."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.grounding import Grounded, Grounder, Statement, Violation
from bot.grounding.grounder import overlap
from tests.bot.passages import passages


def grounder(*numbers: str, alike: float | None = None) -> Grounder:
    """Return a grounder over paragraphs of the sample; `alike` is the similarity of any two texts."""
    held = [passages("sample")[number] for number in numbers]
    return Grounder(held, overlap if alike is None else lambda one, other: alike)


def grounded(text: str, cites: Sequence[int], *numbers: str) -> Grounded | Violation:
    return grounder(*numbers).ground(Statement(text, tuple(cites)))


def cites(text: str, own: Sequence[int], *numbers: str) -> tuple[int, ...]:
    found = grounded(text, own, *numbers)
    assert isinstance(found, Grounded)
    return found.cites


HLAB = "HLAB published its report in April 2023."


def test_statement_keeps_its_cited_passage() -> None:
    assert cites(HLAB, [1], "2.2", "2.12") == (1,)


def test_wrong_marker_is_corrected() -> None:
    assert cites(HLAB, [0], "2.2", "2.12") == (1,)


def test_statement_without_marker_gets_one() -> None:
    assert cites(HLAB, [], "2.2", "2.12") == (1,)


@pytest.mark.parametrize("own", [(), (7,), (-1,), (0, 99)])
def test_invalid_markers_are_ignored(own: tuple[int, ...]) -> None:
    assert cites("The Summit of the Future is scheduled for 22-23 September 2024.", own, "2.2") == (0,)


def test_two_passages_may_support_a_statement_together() -> None:
    text = "The Summit of the Future is on 22-23 September 2024, and CSW68 took place in March 2024."

    assert cites(text, [0, 1], "2.2", "4") == (0, 1)


def test_statement_unlike_all_passages_is_a_violation() -> None:
    found = grounded("Nobody knows.", [], "2.2", "2.12")

    assert isinstance(found, Violation)
    assert found.check == "citation"


def test_without_passages_nothing_is_grounded() -> None:
    assert isinstance(Grounder([], overlap).ground(Statement("ITU is here.", (0,))), Violation)


def test_quote_is_the_supporting_sentence() -> None:
    found = grounded("The conference has now been postponed; new dates come later.", [0], "3.2")

    assert isinstance(found, Grounded)
    assert "this has now been postponed" in passages("sample")["3.2"].section.text[slice(*found.spans[0])]


def test_replacement_is_the_nearest_sentence_of_the_cited_passage() -> None:
    wrong = Statement("The Summit of the Future is scheduled for 24-25 September 2024.", (0,))

    found = grounder("2.2").replacement(wrong, [])

    assert found is not None
    assert found.text.startswith("Scheduled for 22-23 September 2024")
    assert passages("sample")["2.2"].section.text[slice(*found.spans[0])] == found.text


def test_used_sentence_is_no_replacement() -> None:
    wrong = Statement("The Summit of the Future is scheduled for 24-25 September 2024.", (0,))
    held = grounder("2.2")
    found = held.replacement(wrong, [])

    assert found is not None
    assert held.replacement(wrong, [found.text]) is None


def test_distant_sentence_is_no_replacement() -> None:
    wrong = Statement("The Summit of the Future is scheduled for 24-25 September 2024.", (0,))

    assert grounder("2.2", alike=0.2).replacement(wrong, []) is None


def test_uncited_statement_has_no_replacement() -> None:
    assert grounder("2.2").replacement(Statement("Nobody knows."), []) is None
