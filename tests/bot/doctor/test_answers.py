"""The trial of a language model with the bundled questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.commands.context import bundled
from bot.doctor import CheckResult
from bot.doctor.checks import check_answers
from bot.evaluation.questions import read_questions
from bot.settings import Settings
from bot.wiring import build
from tests.model_server import NAME, Reply, serving
from tests.recordings import Recordings


def tried(reply: Reply, folder: Path, patch: pytest.MonkeyPatch) -> CheckResult:
    """Return the trial of a model that replies so."""
    settings = Settings(
        model=NAME, database_url=SecretStr(f"sqlite:///{folder / 'own.sqlite'}"), _env_file=None
    )
    questions = read_questions(bundled()[0].parent / "questions.jsonl")
    with serving(reply) as server:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        return check_answers(settings, build, bundled(), questions, folder / "trial")


@pytest.mark.slow
@pytest.mark.parametrize(("reply", "verdict"), [(Recordings().reply, "ok"), (lambda messages: 401, "broken")])
def test_a_model_is_worth_it_if_it_answers_more_questions_rightly(
    reply: Reply, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tried(reply, tmp_path, monkeypatch).verdict == verdict
