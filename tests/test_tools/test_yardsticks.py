"""Public sets of others are read in their own formats and scored by their own metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.small_store import HashingEmbedder
from tests.tools.yardsticks import SETS, Group, Passage, Question, measure, rouge_l, sample

_PAGE = Path(__file__).parents[2] / "docs/explanation/evaluation.md"


def _write(file: Path, rows: Iterable[Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def test_cranfield_counts_its_queries_has_the_best_grade_1_and_is_searched(tmp_path: Path) -> None:
    (tmp_path / "cran.all.1400").write_text(
        ".I 1\n.T\nflutter of\nthin wings .\n.A\ndoe,j.\n.B\nj. wings 1, 1950.\n.W\nflutter of\nthin wings .\n"
        "  it is measured .\n.I 2\n.T\nheat in nozzles .\n.A\n.B\n.W\nheat in nozzles .\n.I 3\n.T\n.A\n.B\n.W\n"
    )
    (tmp_path / "cran.qry").write_text(
        ".I 001\n.W\nwhat makes\nwings flutter .\n.I 004\n.W\nhow hot are nozzles .\n"
    )
    (tmp_path / "cranqrel").write_text("1 1 -1\n1 2 4 \n2 2 3\n")

    (group,) = SETS["cranfield"](tmp_path)

    assert group.passages[0] == Passage(
        "1", "flutter of thin wings . it is measured .", "flutter of thin wings ."
    )
    assert group.questions == [
        Question("what makes wings flutter .", {"1": 4, "2": 1}),
        Question("how hot are nozzles .", {"2": 2}),
    ]
    # The third one has no text.
    assert measure([group], HashingEmbedder()) == {"questions": 2, "nDCG@10": pytest.approx(1, abs=0.1)}


def test_beir_asks_the_queries_of_its_test_judgements(tmp_path: Path) -> None:
    _write(tmp_path / "corpus.jsonl", [{"_id": "d1", "title": "Satellites", "text": "They orbit."}])
    _write(
        tmp_path / "queries.jsonl",
        [{"_id": "q1", "text": "what orbits"}, {"_id": "q2", "text": "of training"}],
    )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n")

    expected = Group([Passage("d1", "They orbit.", "Satellites")], [Question("what orbits", {"d1": 2})])
    assert SETS["beir"](tmp_path) == [expected]


def test_clapnq_gives_each_question_its_own_passage(tmp_path: Path) -> None:
    def row(number: int, asked: str, text: str, *answers: str | None) -> dict[str, Any]:
        passage = {"title": "Cables", "text": text, "sentences": [text]}
        return {"id": number, "input": asked, "passages": [passage],
                "output": [{"answer": answer} for answer in answers]}  # fmt: skip

    folder = tmp_path / "annotated_data" / "dev"
    told = "The cables are laid by the ships of the island."
    _write(
        folder / "clapnq_dev_answerable.jsonl", [row(7, "What are the cables laid by?", told, told, "Ships.")]
    )
    _write(
        folder / "clapnq_dev_unanswerable.jsonl",
        [row(8, "Who won the football cup?", "Satellites orbit the planet.", None)],
    )

    groups = SETS["clapnq"](tmp_path)

    # No question sees the passage of the other one.
    assert measure(groups, HashingEmbedder()) == {
        "questions": 2, "ROUGE-L": pytest.approx(1, abs=0.4), "refused, without an answer": 1,
    }  # fmt: skip
    assert sample(groups, 1) == sample(groups, 1)
    assert len(sample(groups, 1)) == 1


def test_rouge_l_is_the_f1_of_the_longest_common_subsequence() -> None:
    # "cables connect" of 3 and 4 words.
    assert rouge_l("Cables connect islands", "the cables that connect.") == pytest.approx(4 / 7)


def test_the_page_lists_every_set() -> None:
    firsts = [line.split("|")[1] for line in _PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([\w-]+)`", " ".join(firsts))) - {"SET"} == set(SETS)
