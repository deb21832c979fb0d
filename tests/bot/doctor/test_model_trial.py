"""The trial of a language model with the bundled questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers import Tokens
from bot.commands.context import bundled, bundled_questions
from bot.doctor.model_trial import Trial, check_trial, try_model
from bot.evaluation.questions import read_questions
from bot.settings import Settings
from bot.wiring import build
from tests.model_server import NAME, Reply, serving
from tests.recordings import Recordings


def tried(reply: Reply, folder: Path, patch: pytest.MonkeyPatch) -> tuple[Trial, int]:
    """Return the trial of a model that replies so, and how often it was asked."""
    questions = read_questions(bundled_questions())
    with serving(reply) as server:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        trial = try_model(Settings(model=NAME, _env_file=None), build, bundled(), questions, folder)
        return trial, len(server.asked)


@pytest.mark.slow
def test_capable_model_passes_the_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recordings = Recordings()

    trial, _ = tried(recordings.reply, tmp_path, monkeypatch)

    assert recordings.missing == []
    assert (trial.questions, check_trial(NAME, trial).verdict) == (20, "ok")
    assert trial.with_model >= trial.without + 5
    assert trial.tokens is not None


@pytest.mark.slow
def test_trial_ends_after_three_failures_in_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial, asked = tried(lambda messages: 401, tmp_path, monkeypatch)

    check = check_trial(NAME, trial)
    assert asked < 10
    assert (check.verdict, "openai:recorded failed" in check.found) == ("broken", True)


def test_useless_model_is_broken_with_its_cost() -> None:
    check = check_trial("openai:small", Trial(20, 12, 14, Tokens(50_000, 900), 2.5))

    assert (check.verdict, check.remedy) == (
        "broken",
        "leave ITUBOT_MODEL empty, or name a more capable model",
    )
    assert check.found == (
        "openai:small answers 12 of 20 questions rightly, no model 14; 50,000 tokens read and 900 written, "
        "2.5 seconds an answer"
    )
