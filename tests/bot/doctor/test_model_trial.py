"""The trial of a language model with the bundled marks."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.answers import Tokens
from bot.commands.context import bundled
from bot.doctor.model_trial import ROLES, Marks, Trial, check_trial, to_row, try_model
from bot.grounding import Grounded, Grounder, Statement
from bot.grounding.grounder import overlap
from bot.settings import Settings
from bot.wiring import build
from tests.bot.passages import ROOT, passages
from tests.model_server import NAME, Reply, serving
from tests.recordings import Recordings

JUDGED = Trial(
    "judge", "openai:m", 20, right=14, without=10, requests=20, seconds=0.84, tokens=Tokens(9_000, 60)
)


def tried(
    reply: Reply, folder: Path, patch: pytest.MonkeyPatch, database: str = ""
) -> tuple[list[Trial], int]:
    """Return the trials of a model that replies so, and how often it was asked."""
    settings = Settings(model=NAME, database_url=SecretStr(database), _env_file=None)
    with serving(reply) as server:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        trials = list(try_model(settings, build, Marks.of(bundled()), folder))
        return trials, len(server.asked)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_capable_model_is_good_enough_for_each_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recordings = Recordings()

    trials, _ = tried(recordings.reply, tmp_path, monkeypatch)

    assert recordings.missing == []
    assert [(trial.role, trial.asked, check_trial(trial).verdict) for trial in trials] == [
        ("answers", 20, "ok"),
        ("judge", 20, "ok"),
        ("labels", 20, "ok"),
    ]
    assert all(trial.tokens is not None for trial in trials)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_trial_of_a_role_ends_after_failures_in_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.sqlite"

    trials, asked = tried(lambda messages: 401, tmp_path / "trial", monkeypatch, f"sqlite:///{own}")

    # Without an end, more than 65.
    assert asked < 30
    assert [check_trial(trial).verdict for trial in trials] == ["broken"] * 3
    for trial in trials:
        assert re.search(r"its requests failed \(openai:recorded failed \(\w+ 401\)\)$", trial.failure or "")
    assert not own.exists(), "the trial ingests into no database of the bot"


def test_twenty_of_each_are_marked() -> None:
    marks = Marks.of(bundled())

    assert [len(each) for each in (marks.questions, marks.statements, marks.dates)] == [20, 20, 20]
    assert sum(marked.supported for marked in marks.statements) == 10


def test_no_hard_check_decides_on_a_marked_statement() -> None:
    for marked in Marks.of(bundled()).statements:
        grounder = Grounder([passages("sample")[marked.section]], overlap)
        assert isinstance(grounder.ground(Statement(marked.statement, (0,))), Grounded), marked


@pytest.mark.parametrize(
    ("trial", "line", "remedy"),
    [
        (
            replace(JUDGED, right=19),
            "openai:m is good enough as the judge: 19 of 20 statements right, 10 without a judge; "
            "a judgement takes 0.8 seconds and 453 tokens",
            "",
        ),
        (
            JUDGED,
            "do not use openai:m as the judge: 14 of 20 statements right, 10 without a judge; "
            "a judgement takes 0.8 seconds and 453 tokens",
            "set ITUBOT_JUDGE=none, or name a more capable judge there",
        ),
        (
            replace(JUDGED, right=19, tokens=None),
            "openai:m is good enough as the judge: 19 of 20 statements right, 10 without a judge; "
            "a judgement takes 0.8 seconds",
            "",
        ),
        (
            Trial("answers", "openai:m", 20, 12, 11, 20, 2.5, Tokens(50_000, 900, estimated=True)),
            "do not use openai:m for answers: 12 of 20 questions right, 11 without a model; "
            "an answer takes 2.5 seconds and about 2,545 tokens",
            "leave ITUBOT_MODEL empty, or name a more capable model",
        ),
        (
            Trial("labels", "openai:m", 20, failure="its requests failed (openai:m takes no tools)"),
            "do not use openai:m for labels of dates: its requests failed (openai:m takes no tools)",
            "`itubot doctor` checks its name and key, ITUBOT_MODEL_SECONDS gives it more time; else use "
            "`itubot ingest --no-model`, or name a more capable model",
        ),
    ],
)
def test_verdict_is_one_line_with_its_cost_and_what_to_set(trial: Trial, line: str, remedy: str) -> None:
    check = check_trial(trial)

    assert (check.name, check.found, check.remedy) == (trial.role, line, remedy)
    assert check.verdict == ("broken" if remedy else "ok")


def test_row_fits_the_table_of_the_page() -> None:
    answers = Trial("answers", "openai:m", 20, 18, 11, 20, 2.53, Tokens(50_000, 900))
    labels = Trial("labels", "openai:m", 20, failure="its requests failed (openai:m takes no tools)")
    page = (ROOT / "docs/reference/models-tried.md").read_text("utf-8")
    (head,) = re.findall(r"^\| model \|.*$", page, re.M)

    row = to_row([answers, JUDGED, labels])

    assert row == (
        "| `openai:m` | yes: 18, 11 without a model | no: 14, 10 without a judge | no: its requests failed "
        "(openai:m takes no tools) | 2.5 · 0.8 · – | 2,545 · 453 · – |"
    )
    assert row.count("|") == head.count("|")


def test_page_states_how_many_more_have_to_be_right() -> None:
    page = (ROOT / "docs/howto/models.md").read_text("utf-8")

    assert re.findall(r"^\| (\w+) \|.*\| (\d+) more \|", page, re.M) == [
        (role, str(rules.margin)) for role, rules in ROLES.items()
    ]
