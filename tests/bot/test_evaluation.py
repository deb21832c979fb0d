from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import pytest

from bot.answer import Answer, Basis
from bot.errors import QuestionError
from bot.evaluation import GoldQuestion, Row, is_right, metrics, read_questions, unified

SOURCE = "report.txt"


def row(gold: GoldQuestion, ranked: list[str] | None = None, text: str = "", answered: bool = True) -> Row:
    answer = Answer(gold.question, gold.question, text, answered, date(2024, 5, 1), Basis(1, None, None))
    return Row(gold, tuple((SOURCE, section) for section in ranked or []), answer)


def test_recall_is_the_share_of_the_gold_sections_found() -> None:
    measured = metrics([row(GoldQuestion("q", True, ("1", "2")), ["1", "3", "4", "5", "6", "2"])], SOURCE)
    assert (measured["recall@1"], measured["recall@5"], measured["recall@10"]) == (0.5, 0.5, 1.0)


def test_mrr_is_the_reciprocal_rank_of_the_first_gold_one() -> None:
    measured = metrics([row(GoldQuestion("q", True, ("2",)), ["1", "2"])], SOURCE)
    assert measured["mrr@10"] == 0.5


def test_ndcg_discounts_by_rank() -> None:
    measured = metrics([row(GoldQuestion("q", True, ("2",)), ["1", "2"])], SOURCE)
    assert measured["ndcg@10"] == pytest.approx(1 / math.log2(3))


def test_a_section_of_another_source_does_not_count() -> None:
    gold = GoldQuestion("q", True, ("1",), ("other.txt",))
    assert metrics([row(gold, ["1"])], SOURCE)["recall@10"] == 0.0


def test_sources_alone_are_gold_too() -> None:
    assert metrics([row(GoldQuestion("q", True, (), (SOURCE,)), ["1"])], SOURCE)["recall@1"] == 1.0


def test_a_refusal_of_what_has_an_answer_costs_precision() -> None:
    rows = [
        row(GoldQuestion("a", True, ("1",), must=("x",)), answered=False),
        row(GoldQuestion("b", False), answered=False),
        row(GoldQuestion("c", False), text="x [1]"),
    ]
    measured = metrics(rows, SOURCE)
    assert (measured["refusal_precision"], measured["refusal_recall"]) == (0.5, 0.5)


def test_strings_are_compared_with_dashes_spaces_and_case_unified() -> None:
    gold = GoldQuestion("q", True, ("1",), must=("22-23 September 2024",))
    assert is_right(row(gold, text="On 22–23\u00a0september  2024. [1]"))


def test_a_marker_inside_does_not_part_what_must_be_there() -> None:
    assert unified("A sentence. [1] Another. [2]") == "a sentence. another."


def test_all_that_must_be_there_has_to_be() -> None:
    gold = GoldQuestion("q", True, ("1",), must=("May", "Nairobi"))
    assert not is_right(row(gold, text="In May. [1]"))


def test_words_are_counted_without_markers() -> None:
    measured = metrics([row(GoldQuestion("q", True, ("1",)), text="Two words [1]")], SOURCE)
    assert measured["answer_words"] == 2.0


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"question": "a"}) + "\n" + '{"question": 3}\n', "utf-8")
    with pytest.raises(QuestionError, match="line 2"):
        read_questions(file)


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n", "utf-8")
    with pytest.raises(QuestionError, match="no question"):
        read_questions(file)
