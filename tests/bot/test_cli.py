"""The command line in this process: arguments, output, exit codes. The services are the tests' own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import COMMANDS, main
from bot.errors import BotError
from bot.settings import Settings
from ingest.errors import NothingToIngest
from ingest.report import FileOutcome, IngestReport
from store.errors import NoStore
from tests.bot.cli_runs import Itubot, Run
from tests.bot.fake_services import Services


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def itubot(
    services: Services,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Itubot]:
    """Run the command line in an empty folder, with no setting but those of the test."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("ITUBOT_", "SLACK_")):
            del os.environ[name]
    monkeypatch.chdir(tmp_path)

    def make(settings: Settings) -> Any:
        return services

    def run(*arguments: str) -> Run:
        code = main(arguments, make)
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    yield run
    os.environ.clear()
    os.environ.update(before)


def test_ask_as_json_prints_one_value_and_nothing_else(itubot: Itubot) -> None:
    answer = json.loads(itubot("ask", "When is the Summit?", "--json").out)

    assert answer["question"] == "When is the Summit?"
    assert answer["citations"][0]["section"] == "2.2"


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("ask", "When?", "--as-of", "2024-13-01"),
        ("ask", "When?", "--as-of", "May"),
        ("ask", "When?", "--jsn"),
        ("asks", "When?"),
        ("ask", "When", "is", "it?"),
        ("remove",),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(itubot: Itubot, arguments: tuple[str, ...]) -> None:
    run = itubot(*arguments)

    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("itubot: ")
    assert run.err.count("\n") == 1


@pytest.mark.parametrize("question", ["", "  ", "x" * 20_000, "a\x1bb"])
def test_invalid_question_is_one_line_and_code_1(itubot: Itubot, question: str) -> None:
    run = itubot("ask", question)

    assert (run.code, run.out, run.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    "failure",
    [
        BotError("the model is gone; set another"),
        NoStore("there are no documents yet; run `itubot ingest`"),
        NothingToIngest("no file"),
        PermissionError(13, "Permission denied", "data/catalog.db"),
        RuntimeError("two\nlines"),
    ],
)
def test_a_failure_is_one_line_and_code_1(itubot: Itubot, services: Services, failure: Exception) -> None:
    services.assistant.failure = failure

    run = itubot("ask", "When?")

    assert (run.code, run.out, run.err.count("\n")) == (1, "", 1)


def test_debug_shows_where_a_fault_is(itubot: Itubot, services: Services) -> None:
    services.assistant.failure = RuntimeError("inside")

    assert "Traceback" in itubot("--debug", "ask", "When?").err


def test_ctrl_c_ends_with_130(itubot: Itubot, services: Services) -> None:
    services.assistant.failure = KeyboardInterrupt()

    assert itubot("ask", "When?").code == 130


def test_an_unknown_setting_is_one_line(itubot: Itubot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ITUBOT_MODLE", "x")

    run = itubot("ask", "When?")

    assert run.code == 1
    assert "ITUBOT_MODEL" in run.err


def test_ingest_takes_the_bundled_report_by_default(itubot: Itubot, services: Services) -> None:
    itubot("ingest")

    assert [path.name for path in services.ingested[0][0]] == ["itu-un-digital-engagement-2024.txt"]
    assert services.ingested[0][0][0].is_file()


def test_ingest_with_a_failed_file_is_code_1_though_the_others_went_in(
    itubot: Itubot, services: Services
) -> None:
    services.report = IngestReport(
        (FileOutcome("a.txt", "new", 1), FileOutcome("b.docx", "failed", error="it is empty")), 0, 0.0
    )

    run = itubot("ingest")

    assert run.code == 1
    assert "it is empty" in run.out


def test_chat_needs_a_terminal(itubot: Itubot) -> None:
    run = itubot("chat")

    assert run.code == 1
    assert "terminal" in run.err


def test_serve_without_tokens_says_which(itubot: Itubot) -> None:
    run = itubot("serve")

    assert run.code == 1
    assert "SLACK_BOT_TOKEN" in run.err


def test_run_fills_an_empty_store_before_it_answers(itubot: Itubot, services: Services) -> None:
    services.catalog.held = []

    run = itubot("run", "When is the Summit?")

    assert len(services.ingested) == 1
    assert "22-23 September 2024" in run.out


def test_run_refuses_a_bad_question_before_the_ingest(itubot: Itubot, services: Services) -> None:
    services.catalog.held = []

    assert itubot("run", "").code == 1
    assert services.ingested == []


def test_without_a_command_it_shows_help(itubot: Itubot) -> None:
    run = itubot()

    assert run.code == 0
    assert all(name.split()[0] in run.out for name in COMMANDS)
