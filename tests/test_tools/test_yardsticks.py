"""Public sets of others are read in their own formats and scored by their own metrics."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.answering.question import Turn
from tests.small_store import HashingEmbedder
from tests.tools.yardsticks import answers, dates, retrieval
from tests.tools.yardsticks.__main__ import SETS
from tests.tools.yardsticks.answers import Batch, Reply, Task
from tests.tools.yardsticks.dates import DatedText, Timex
from tests.tools.yardsticks.passages import Passage, passage_store
from tests.tools.yardsticks.retrieval import RetrievalSet

_ROOT = Path(__file__).parents[2]


def _write(file: Path, rows: Iterable[Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.fixture
def cranfield(tmp_path: Path) -> Path:
    (tmp_path / "cran.all.1400").write_text(
        ".I 1\n.T\nflutter of\nthin wings .\n.A\ndoe,j.\n.B\nj. wings 1, 1950.\n.W\nflutter of\nthin wings .\n"
        "  it is measured .\n.I 2\n.T\nheat in nozzles .\n.A\n.B\n.W\nheat in nozzles .\n.I 3\n.T\n.A\n.B\n.W\n"
    )
    (tmp_path / "cran.qry").write_text(
        ".I 001\n.W\nwhat makes\nwings flutter .\n.I 004\n.W\nhow hot are nozzles .\n"
    )
    (tmp_path / "cranqrel").write_text("1 1 -1\n1 2 4 \n2 2 3\n")
    return tmp_path


def test_cranfield_counts_its_queries_and_has_the_best_grade_1(cranfield: Path) -> None:
    read = retrieval.cranfield(cranfield)
    assert read.passages[0] == Passage(
        "1", "flutter of thin wings . it is measured .", "flutter of thin wings ."
    )
    assert read.queries == {"1": "what makes wings flutter .", "2": "how hot are nozzles ."}
    assert read.relevant == {"1": {"1": 4, "2": 1}, "2": {"2": 2}}


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    corpus = [
        {"_id": "d1", "title": "Satellites", "text": "They orbit."},
        {"_id": "d2", "title": "", "text": "Cables."},
    ]
    _write(tmp_path / "corpus.jsonl", corpus)
    _write(
        tmp_path / "queries.jsonl",
        [{"_id": "q1", "text": "what orbits"}, {"_id": "q2", "text": "of training"}],
    )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n")
    return tmp_path


def test_beir_asks_the_queries_of_its_test_judgements(beir: Path) -> None:
    passages = [Passage("d1", "They orbit.", "Satellites"), Passage("d2", "Cables.")]
    assert retrieval.beir(beir) == RetrievalSet(passages, {"q1": "what orbits"}, {"q1": {"d1": 2}})


def test_ndcg_has_the_gains_of_trec() -> None:
    # (3 / log2(3)) / (3 + 1 / log2(3)): the document of gain 3 is second, that of gain 1 is missing.
    found = retrieval.figures({"q": ["other", "a"]}, {"q": {"a": 3, "b": 1}})
    assert found == pytest.approx({"nDCG@10": 0.5213, "recall@10": 0.5, "MRR@10": 0.5}, abs=1e-4)


def test_a_query_that_finds_nothing_counts_0() -> None:
    found = retrieval.figures({"q": ["a"], "r": []}, {"q": {"a": 1}, "r": {"a": 1}})
    assert found == {"nDCG@10": 0.5, "recall@10": 0.5, "MRR@10": 0.5}


def test_the_documents_of_a_set_are_searched_by_the_program(cranfield: Path) -> None:
    measured = retrieval.measure(retrieval.cranfield(cranfield), HashingEmbedder())
    # The third one has no text.
    assert measured["documents"] == 2
    assert measured["nDCG@10"] > 0.9


def test_clapnq_gives_each_question_its_own_passage(tmp_path: Path) -> None:
    def row(number: int, *texts: str | None) -> dict[str, Any]:
        passage = {"title": "Cables", "text": "Cables are laid.", "sentences": ["Cables are laid."]}
        output = [{"answer": text, "meta": None} for text in texts]
        return {"id": number, "input": "what is laid", "passages": [passage], "output": output}

    folder = tmp_path / "annotated_data" / "dev"
    _write(folder / "clapnq_dev_answerable.jsonl", [row(7, "Cables.", "Cables are laid")])
    _write(folder / "clapnq_dev_unanswerable.jsonl", [row(8, None)])
    known, unknown = answers.clapnq(tmp_path)
    assert known.passages == [Passage("7-0", "Cables are laid.", "Cables")]
    assert known.tasks == [Task("what is laid", ("Cables.", "Cables are laid"))]
    assert unknown.tasks == [Task("what is laid")]
    (together,) = answers.clapnq_together(tmp_path)
    assert [passage.id for passage in together.passages] == ["7-0", "8-0"]
    assert [task.relevant for task in together.tasks] == [("7-0",), ()]


def _turns(*texts: str) -> list[dict[str, str]]:
    return [{"speaker": ("user", "agent")[n % 2], "text": text} for n, text in enumerate(texts)]


@pytest.mark.parametrize("key", ["Answerability", "answerability"])
def test_mtrag_asks_each_turn_after_those_before_it(tmp_path: Path, key: str) -> None:
    passage = {"document_id": "c1", "text": "Cables\nCables are laid.", "title": "Cables"}

    def row(kind: str, reply: str, *turns: str, contexts: Iterable[Any] = ()) -> dict[str, Any]:
        own = {"Collection": "cloud", "contexts": list(contexts), "input": _turns(*turns), key: [kind]}
        return own | {"targets": [{"speaker": "agent", "text": reply}]}

    turns = ("what is laid", "Cables.", "by whom")
    _write(
        tmp_path / "generation_tasks" / "reference.jsonl",
        [
            row("ANSWERABLE", "Cables.", *turns[:1], contexts=[passage]),
            row("UNANSWERABLE", "I do not know.", *turns),
            row("CONVERSATIONAL", "You are welcome.", *turns, "I do not know.", "thanks"),
        ],
    )
    (batch,) = answers.mtrag(tmp_path)
    history = (Turn("user", "what is laid"), Turn("assistant", "Cables."))
    assert batch.passages == [Passage("c1", "Cables\nCables are laid.")]
    assert batch.tasks == [
        Task("what is laid", ("Cables.",), relevant=("c1",)),
        Task("by whom", history=history),
    ]


def test_a_sample_is_the_same_each_time() -> None:
    batches = [Batch([Passage(str(n), "text")], [Task(f"question {n}")]) for n in range(50)]
    chosen = answers.sample(batches, 5)
    assert len(chosen) == 5
    assert answers.sample(batches, 5) == chosen


def test_rouge_l_is_the_f1_of_the_longest_common_subsequence() -> None:
    # "cables connect" of 3 and 4 words.
    assert answers.rouge_l("Cables connect islands", "the cables that connect.") == pytest.approx(4 / 7)


def test_words_in_common_leave_out_articles_and_punctuation() -> None:
    assert answers.recall("The cable, twice: cable", "a cable and a ship") == pytest.approx(1 / 3)
    assert answers.f1("The cable, twice: cable", "a cable and a ship") == pytest.approx(1 / 3)


def test_refusals_score_0_where_there_is_an_answer() -> None:
    known, unknown = Task("what", ("cables are laid", "cables")), Task("who")
    scored = answers.scores(
        [Reply(known, "cables"), Reply(known, None), Reply(unknown, None), Reply(unknown, "we")]
    )
    assert scored["ROUGE-L"] == 0.5
    assert scored["ROUGE-L of answers"] == 1
    assert scored["answered or refused rightly"] == 0.5
    assert scored["answered, with an answer"] == 0.5
    assert scored["refused, without an answer"] == 0.5
    assert scored["refusals that are right"] == 0.5


def test_no_question_sees_the_passages_of_another_one() -> None:
    with passage_store(HashingEmbedder()) as store:
        first = store.add(0, [Passage("cables", "Cables are laid by ships.")])
        second = store.add(1, [Passage("satellites", "Satellites orbit the planet.")])
        assert first.find("which satellites orbit") == ["cables"]
        assert second.find("which satellites orbit") == ["satellites"]


def test_passages_of_the_same_words_are_found_together() -> None:
    with passage_store(HashingEmbedder()) as store:
        group = store.add(
            0, [Passage("one", "Cables are laid by ships."), Passage("two", "Cables are laid by ships.")]
        )
        assert group.find("who lays cables") == ["one", "two"]


def test_the_program_answers_the_tasks_of_a_set() -> None:
    cables = Passage("cables", "The cables are laid by the ships of the island.", "Cables")
    known = Task("What are the cables laid by?", ("The ships of the island.",), relevant=("cables",))
    measured = answers.measure(
        [Batch([cables], [known]), Batch([], [Task("Who owns it?")])], HashingEmbedder()
    )
    assert measured["questions"] == 2
    assert measured["refused, without an answer"] == 1
    assert measured["MRR@10"] == 1


def test_timeml_gives_the_marked_expressions_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "one.tml").write_text(
        '<?xml version="1.0" ?><TimeML><DOCID>one</DOCID>'
        '<DCT><TIMEX3 tid="t0" type="DATE" value="2013-03-22">March 22, 2013</TIMEX3></DCT><TITLE>One</TITLE>'
        '<TEXT>\nIt <EVENT eid="e1">met</EVENT> on <TIMEX3 tid="t1" type="DATE" value="2013-04-07">April 7</TIMEX3>, '
        "&amp; left.\n</TEXT></TimeML>"
    )
    (read,) = dates.tempeval3(tmp_path)
    assert read == DatedText(
        "\nIt met on April 7, & left.\n", date(2013, 3, 22), [Timex(11, 18, "2013-04-07", "DATE")]
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It opens on 7 April 2014.", "2014-04-07"),
        ("It opens in early April 2014.", "2014-04"),
        ("It opened in summer 2012.", "2012-SU"),
        ("It opened early last year.", "2012"),
        ("It opens in the third quarter of 2014.", "2014-Q3"),
        ("It opens in the second half of 2014.", "2014-H2"),
        ("It opens next week.", "2013-W13"),
        ("It opens at 10:30 on 7 April 2014.", "2014-04-07T10:30"),
        ("It opens from 7 to 9 April 2014.", ""),
        ("It is an annual meeting.", "P1Y"),
    ],
)
def test_what_the_program_reads_is_written_as_in_timeml(text: str, value: str) -> None:
    assert [one.value for one in dates.found(DatedText(text, date(2013, 3, 22), []))] == [value]


def test_the_value_f1_of_tempeval_3() -> None:
    marked = [
        Timex(0, 4, "2010", "DATE"),
        Timex(10, 16, "2013-03-22", "DATE"),
        Timex(20, 30, "P3M", "DURATION"),
    ]
    scored = dates.scores([([Timex(0, 4, "2010"), Timex(12, 16, "2013-03-29")], marked)])
    assert scored["found precision"] == 1
    assert scored["found recall"] == pytest.approx(2 / 3)
    assert scored["found F1, same words"] == pytest.approx(0.4)
    assert scored["value F1"] == pytest.approx(0.8 * 0.5)
    assert scored["right DATE, of 2"] == 0.5


def test_the_page_lists_every_set() -> None:
    page = (_ROOT / "docs/explanation/yardsticks.md").read_text("utf-8")
    firsts = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([\w-]+)`", " ".join(firsts))) - {"SET"} == set(SETS)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.tools.yardsticks", *arguments],
        capture_output=True,
        text=True,
        cwd=_ROOT,
    )


def test_the_command_prints_a_figure_a_line(tmp_path: Path) -> None:
    (tmp_path / "one.tml").write_text(
        '<TimeML><DCT><TIMEX3 value="2013-03-22"/></DCT>'
        '<TEXT>On <TIMEX3 type="DATE" value="2014-04-07">7 April 2014</TIMEX3>.</TEXT></TimeML>'
    )
    shown = dict(line.rsplit(maxsplit=1) for line in _run("tempeval3", str(tmp_path)).stdout.splitlines())
    assert shown["value F1"] == "1.000"


def test_the_command_names_a_file_that_is_missing(tmp_path: Path) -> None:
    refused = _run("cranfield", str(tmp_path))
    assert refused.returncode == 2
    assert f"{tmp_path / 'cran.all.1400'} is missing" in refused.stderr
    assert "Traceback" not in refused.stderr
