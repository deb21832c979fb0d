from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest

from bot.answering.answer import Answer, Basis
from bot.evaluation.measurement import (
    EvaluationRow,
    metrics,
    verdict,
)
from bot.evaluation.questions import GoldQuestion
from store.records import Citation

SOURCE = "report.txt"


def row(
    gold: GoldQuestion, ranked: list[str] | None = None, text: str = "", answered: bool = True, **more: Any
) -> EvaluationRow:
    answer = Answer(
        question=gold.question,
        text=text,
        answered=answered,
        as_of=date(2024, 5, 1),
        basis=Basis(1, None, None),
        **more,
    )
    return EvaluationRow(gold, tuple((SOURCE, section) for section in ranked or []), answer)


def citations(*sections: str) -> tuple[Citation, ...]:
    return tuple(
        Citation(n, SOURCE, "A report", None, section, "", None, "")
        for n, section in enumerate(sections, start=1)
    )


def test_recall_is_the_share_of_the_gold_sections_found() -> None:
    measured = metrics([row(GoldQuestion("q", True, ("1", "2")), ["1", "3", "4", "5", "6", "2"])], SOURCE)
    assert (measured["recall@1"], measured["recall@5"], measured["recall@10"]) == (0.5, 0.5, 1.0)


def test_mrr_is_the_reciprocal_rank_of_the_first_gold_one() -> None:
    measured = metrics([row(GoldQuestion("q", True, ("2",)), ["1", "2"])], SOURCE)
    assert measured["mrr@10"] == 0.5


def test_ndcg_discounts_by_rank() -> None:
    measured = metrics([row(GoldQuestion("q", True, ("2",)), ["1", "2"])], SOURCE)
    assert measured["ndcg@10"] == pytest.approx(1 / math.log2(3))


def test_refusal_of_an_answerable_question_lowers_precision() -> None:
    rows = [
        row(GoldQuestion("a", True, ("1",), must=("x",)), answered=False),
        row(GoldQuestion("b", False), answered=False),
        row(GoldQuestion("c", False), text="x [1]"),
    ]
    measured = metrics(rows, SOURCE)
    assert (measured["refusal_precision"], measured["refusal_recall"]) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("must", "text", "expected"),
    [
        (("22-23 September 2024",), "On 22–23\u00a0september  2024. [1]", "right"),
        (("May", "Nairobi"), "In May. [1]", "incomplete"),
    ],
)
def test_an_answer_contains_all_marked_strings(must: tuple[str, ...], text: str, expected: str) -> None:
    assert row(GoldQuestion("q", True, ("1",), must=must), text=text).verdict == expected


def test_citation_precision_and_recall_compare_cited_places_with_gold_ones() -> None:
    gold = GoldQuestion("q", True, ("1", "2"))
    measured = metrics([row(gold, text="x [1] y [2] z [3]", citations=citations("1", "1", "9", "8"))], SOURCE)
    assert measured["citation_precision"] == pytest.approx(1 / 3)
    assert measured["citation_recall"] == 0.5


def test_model_share_is_of_delivered_sentences() -> None:
    quoted = row(GoldQuestion("a", True), text="[ITU] It rests. [1]")
    models = row(GoldQuestion("b", True), text="x. [1] At 5 p.m. y. [2][10] z. [3]", judged=True)
    assert metrics([quoted, models], SOURCE)["model_share"] == 0.75


@pytest.mark.parametrize(
    ("answerable", "answered", "text", "expected"),
    [
        (True, True, "In May. [1]", "right"),
        (True, True, "In June. [1]", "incomplete"),
        (True, False, "The documents do not say May.", "refused"),
        (False, True, "In May. [1]", "answered"),
        (False, False, "", "right"),
    ],
)
def test_verdict(answerable: bool, answered: bool, text: str, expected: str) -> None:
    assert verdict(GoldQuestion("q", answerable, must=("May",)), answered, text) == expected
