from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answers import Removed
from bot.errors import QuestionError
from bot.evaluation.measurement import EvaluationRow, Measurement, Run, measure
from bot.evaluation.questions import CheckedSentence, GoldQuestion
from bot.evaluation.report import Baseline, compare, read_baseline, to_markdown, to_svg, write_report
from tests.bot.sample_answers import AS_OF, REFUSAL, VERBATIM

RUN = Run("questions.jsonl", "extractive", AS_OF, ("report.txt",))
WHEN = GoldQuestion("When is *it*?", True, ("2.2",), ("report.txt",), ("September",))
WHO = GoldQuestion("Who pays | <b>?", False)
RIGHT = EvaluationRow(WHEN, (("report.txt", "2.2"),), VERBATIM, (CheckedSentence("Scheduled.", (1,)),))
REFUSED = EvaluationRow(WHO, (), REFUSAL)
REMOVED = (Removed("It is 2025.", "the passage does not have “2025”", "days"),)


def measured(*rows: EvaluationRow) -> Measurement:
    return measure(rows or (RIGHT, REFUSED), "report.txt")


def baseline(answers: dict[str, tuple[bool, str]], **metrics: float) -> Baseline:
    return Baseline("old", metrics, answers)


def test_json_is_read_as_a_baseline(tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    file.write_text(json.dumps(measured().to_json(RUN)), "utf-8")

    again = compare(measured().rows, read_baseline(file))

    assert (again.better, again.worse, again.other, again.new, again.gone) == ((), (), (), 0, 0)
    assert again.baseline.metrics == pytest.approx(dict(measured().metrics), abs=1e-4)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"metrics": {}, "rows": [1]}', "[" * 100_000])
def test_other_json_is_no_baseline(tmp_path: Path, text: str) -> None:
    file = tmp_path / "old.json"
    file.write_text(text, "utf-8")
    with pytest.raises(QuestionError, match=r"old\.json is no measurement"):
        read_baseline(file)


@pytest.mark.parametrize(
    ("before", "kept_in"),
    [((True, "In May. [1]"), "better"), ((False, ""), "better"), ((True, "In September. [1]"), "none")],
)
def test_question_that_became_right_is_better(before: tuple[bool, str], kept_in: str) -> None:
    compared = compare([RIGHT], baseline({WHEN.question: before}))
    assert [change.question for change in compared.better] == ([WHEN.question] if kept_in == "better" else [])
    assert compared.worse == compared.other == ()


def test_question_that_is_refused_now_is_worse() -> None:
    refused = replace(RIGHT, answer=REFUSAL)
    (change,) = compare([refused], baseline({WHEN.question: (True, "In September. [1]")})).worse
    assert (change.before, change.after) == ("right", "refused")


def test_question_that_is_wrong_in_another_way_is_other() -> None:
    refused = replace(RIGHT, answer=REFUSAL)
    compared = compare([refused], baseline({WHEN.question: (True, "In May. [1]")}))
    assert compared.better == compared.worse == ()
    assert [(c.before, c.after) for c in compared.other] == [("incomplete", "refused")]


def test_new_and_gone_questions_are_counted() -> None:
    compared = compare(
        [RIGHT, REFUSED], baseline({WHEN.question: (True, "In September. [1]"), "Gone?": (True, "")})
    )
    assert (compared.new, compared.gone) == (1, 1)


def test_json_row_has_sentences_removals_and_model() -> None:
    answer = replace(VERBATIM, model="openai:x", removed=REMOVED)
    (row,) = measured(replace(RIGHT, answer=answer)).to_json(RUN)["rows"]
    assert row["model"] == "openai:x"
    why = "the passage does not have “2025”"
    assert row["removed"] == [{"sentence": "It is 2025.", "why": why, "check": "days", "replaced_by": None}]
    assert row["sentences"] == [
        {"text": "Scheduled.", "markers": [1], "own": False, "check": None, "why": None}
    ]
    assert row["verdict"] == "right"
    assert "tokens" in row


def test_report_names_every_changed_question() -> None:
    compared = compare([RIGHT, REFUSED], baseline({WHEN.question: (False, ""), WHO.question: (False, "")}))
    text = to_markdown(RUN, measured(), compared)
    assert "## Better\n\n- When is \\*it\\*? (refused, now right)\n" in text
    assert "## Worse" not in text


def test_report_has_figures_before_and_now() -> None:
    compared = compare([RIGHT, REFUSED], baseline({}, answer_accuracy=0.25, answer_words=10.0))
    text = to_markdown(RUN, measured(), compared)
    assert "| .250 | 1.000 | +.750 |" in text
    assert "| 10.0 | 9.0 | −1.0 |" in text


def test_document_text_is_escaped_in_the_page(tmp_path: Path) -> None:
    wrong = replace(REFUSED, answer=replace(VERBATIM, text="<script> | [1]"))
    file = tmp_path / "report.html"
    write_report(file, RUN, measured(wrong))
    page = file.read_text("utf-8")
    assert "answered: Who pays | &lt;b&gt;?" in page
    assert "<b>" not in page


def test_html_report_is_self_contained(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    assert write_report(file, RUN, measured()) == [file]
    page = file.read_text("utf-8")
    assert page.count("<svg") == 1
    assert "<td>1.000</td>" in page
    assert "CHART" not in page
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*", page) == []


def test_markdown_report_has_its_chart_beside_it(tmp_path: Path) -> None:
    file, picture = write_report(tmp_path / "my report.md", RUN, measured())
    assert "![The shares as bars](<my report.svg>)" in file.read_text("utf-8")
    assert ET.parse(picture).getroot().tag.endswith("svg")  # noqa: S314 -- our own file


@pytest.mark.parametrize(
    "runs", [[("now", {"mrr@10": 0.5})], [("a $1", {"mrr@10": 0.5}), ("b", {"recall@5": 1.0})]]
)
def test_chart_is_reproducible(runs: Sequence[tuple[str, dict[str, float]]]) -> None:
    assert to_svg(runs, "A $ title") == to_svg(runs, "A $ title")


def test_bar_length_is_the_share() -> None:
    def widths(share: float) -> list[str]:
        return re.findall(r"M [\d.]+ [\d.]+ \nL ([\d.]+) ", to_svg([("now", {"mrr@10": share})], "T"))

    assert widths(0.5) != widths(0.6)
