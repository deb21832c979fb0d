"""`itubot eval` in this process, over the bundled report and with the real embedding model."""

from __future__ import annotations

import json
import os
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


def test_evaluation_is_measured(itubot: Itubot, questions: Path) -> None:
    code, out, err = itubot(questions, "--as-of", "2024-05-01", "--json")
    assert code == 0, err
    measured = json.loads(out)
    assert measured["metrics"]["answer_accuracy"] == 1.0
    assert [row["verdict"] for row in measured["rows"]] == ["right", "right"]
    assert measured["as_of"] == "2024-05-01"


def test_questions_not_answered_as_marked_are_listed(itubot: Itubot, questions: Path) -> None:
    questions.write_text(json.dumps(QUESTIONS[0] | {"must": ["in Atlantis"]}), "utf-8")
    code, out, _ = itubot(questions, "--as-of", "2024-05-01")
    assert code == 0
    assert "1 not answered as marked\n  incomplete: When is the Summit" in out
