"""`itubot correct`: what it changes everywhere, how long it holds, and what it says where it cannot."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from tests.small_store import REPORT, SmallStore, open_store

DAY = date(2025, 5, 1)


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Itubot = Callable[..., Run]


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.txt"
    path.write_text(REPORT)
    return path


@pytest.fixture
def store(tmp_path: Path, paper: Path) -> SmallStore:
    store = open_store(tmp_path / "data")
    store.ingest(paper)
    return store


@pytest.fixture
def itubot(store: SmallStore, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Itubot:
    monkeypatch.chdir(store.folder)
    monkeypatch.setenv("ITUBOT_DATA_DIR", str(store.folder))

    def run(*arguments: str) -> Run:
        code = cli.main(arguments)
        captured = capfd.readouterr()
        return Run(code, captured.out, captured.err)

    return run


def rows(itubot: Itubot) -> dict[str, dict[str, Any]]:
    return {row["title"]: row for row in itubot("deadlines", "--as-of", str(DAY), "--json").json}


def forum(itubot: Itubot) -> str:
    return str(rows(itubot)["Forum on Broadband"]["id"])


def test_register_has_the_corrected_entry(itubot: Itubot) -> None:
    run = itubot("correct", forum(itubot)[:8], "--title", "Broadband Forum", "--start", "2025-07-08")
    assert (run.code, run.out.startswith("Corrected: Broadband Forum, 8–11 July 2025: meeting, ")) == (
        0,
        True,
    )
    row = rows(itubot)["Broadband Forum"]
    assert (row["start"], row["end"], row["status"]) == ("2025-07-08", "2025-07-11", "scheduled")
    assert row["corrected"]["by"] == getpass.getuser()
    assert row["corrected"]["at"].endswith("+00:00")


def test_no_event_removes_the_entry_and_undo_restores_it(itubot: Itubot) -> None:
    key = forum(itubot)[:8]
    assert f"correct {key} --undo" in itubot("correct", key, "--no-event").out
    assert "Forum on Broadband" not in rows(itubot)
    again = itubot("correct", key, "--title", "Other")
    assert (again.code, f"`itubot correct {key} --undo` brings it back" in again.err) == (1, True)
    assert itubot("correct", key, "--undo").out.startswith("As in the document again: Forum on Broadband")
    assert rows(itubot)["Forum on Broadband"]["corrected"] is None


def test_correction_survives_ingests_while_the_document_has_its_sentence(
    itubot: Itubot, store: SmallStore, paper: Path
) -> None:
    itubot("correct", forum(itubot), "--title", "Broadband Forum")
    kept = REPORT.replace("eighty-four", "ninety").replace(
        "Registration", "1.3 It is open.\n1.4\tRegistration"
    )
    for text, there in [
        (REPORT, True),
        (kept, True),
        (REPORT.replace("7 to 11 July", "8 to 11 July"), False),
        (kept, True),
    ]:
        paper.write_text(text)
        store.ingest(paper)
        assert ("Broadband Forum" in rows(itubot)) is there
    store.pipeline.remove("paper.txt")
    store.ingest(paper)
    assert "Broadband Forum" in rows(itubot)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("abc", "too short"),
        ("zzzzzzzz", "`itubot deadlines --all` shows the ids"),
    ],
)
def test_unknown_id_is_one_line_with_a_hint(itubot: Itubot, key: str, words: str) -> None:
    run = itubot("correct", key, "--title", "Other")
    assert (run.code, run.out, run.err.count("\n")) == (1, "", 1)
    assert words in run.err


def test_without_an_id_corrections_are_listed(itubot: Itubot) -> None:
    key = forum(itubot)[:8]
    itubot("correct", key, "--title", "Broadband Forum", "--start", "2025-07-08", "--status", "postponed")
    listed = itubot("correct").out
    assert f"“Broadband Forum”, 8–11 July 2025, postponed  {getpass.getuser()}" in listed
    assert key in listed
    assert str(datetime.now(UTC).year) in listed


def test_login_is_never_stored_like_a_slack_user(itubot: Itubot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "@U12345678")
    itubot("correct", forum(itubot), "--status", "cancelled")
    assert rows(itubot)["Forum on Broadband"]["corrected"]["by"] == "U12345678"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--start", "1 May"),
        ("--kind", "party"),
        ("--status", "unknown"),
        ("--undo", "--title", "Other"),
        ("--no-event", "--title", "Other"),
    ],
)
def test_contradictory_options_are_a_usage_error(itubot: Itubot, arguments: tuple[str, ...]) -> None:
    assert itubot("correct", "abcdefgh", *arguments).code == 2
