"""`itubot eval` in this process, over the bundled report and with the real embedding model."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.wiring import Services

QUESTIONS = [
    {
        "question": "When is the Summit of the Future taking place?",
        "sections": ["2.2"],
        "must": ["22-23 September"],
    },
    {"question": "What is the price of a ferry ticket to Naxos?", "answerable": False},
]
Itubot = Callable[..., tuple[int, str, str]]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in QUESTIONS), "utf-8")
    return file


@pytest.fixture
def itubot(
    report: Services, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Itubot:
    for name in [n for n in os.environ if n.startswith("ITUBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ITUBOT_DATA_DIR", str(report.settings.data_dir))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main(["eval", *map(str, arguments)], lambda settings: report)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_evaluation_is_measured_reported_and_compared(
    itubot: Itubot, questions: Path, tmp_path: Path
) -> None:
    code, out, err = itubot(
        questions, "--as-of", "2024-05-01", "--json", "--output", tmp_path / "report.html"
    )
    assert code == 0, err
    measured = json.loads(out)
    assert measured["metrics"]["answer_accuracy"] == measured["metrics"]["hard_checks"] == 1.0
    assert [row["verdict"] for row in measured["rows"]] == ["right", "right"]
    assert measured["as_of"] == "2024-05-01"
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")

    measured["rows"][0]["answered"] = False
    (tmp_path / "old.json").write_text(json.dumps(measured), "utf-8")
    code, out, _ = itubot(questions, "--as-of", "2024-05-01", "--baseline", tmp_path / "old.json")
    assert code == 0
    assert "1 better than in old" in out
    assert "refused, now right: When is the Summit" in out


@pytest.mark.parametrize("output", ["report.pdf", "nowhere/report.md"])
def test_impossible_output_is_refused_before_the_questions(
    itubot: Itubot, questions: Path, output: str
) -> None:
    code, out, err = itubot(questions, "--output", output)
    assert (code, out) == (2, "")
    assert output in err


def test_without_the_extra_a_chart_names_it_before_the_questions(
    itubot: Itubot, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    code, out, err = itubot(questions, "--output", tmp_path / "report.md")

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "pip install 'itubot[pictures]'" in err


def test_broken_line_is_a_one_line_error(itubot: Itubot, questions: Path) -> None:
    questions.write_text(questions.read_text("utf-8") + "\n{", "utf-8")
    code, out, err = itubot(questions, "--json")
    assert (code, out) == (1, "")
    assert "line 3: this is no JSON" in err
    assert err.count("\n") == 1
