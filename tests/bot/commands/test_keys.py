"""`itubot calendar`: addresses are printed once, listed without themselves, and revoked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.cli_runs import Itubot, Run

ADDRESS = re.compile(r"https://bot\.example\.org/calendars/[\w-]{43}\.ics")


@pytest.fixture
def itubot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Itubot:
    """Runs `itubot calendar` with a public address."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ITUBOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ITUBOT_PUBLIC_URL", "https://bot.example.org")
    monkeypatch.setenv("LC_ALL", "C")

    def run(*arguments: str, before: tuple[str, ...] = ()) -> Run:
        code = main([*before, "calendar", *arguments])
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    return run


def test_address_alone_is_on_stdout(itubot: Itubot) -> None:
    run = itubot("add")
    assert ADDRESS.fullmatch(run.out.strip())
    assert "A calendar of all dates, with what everybody may see" in run.err


def test_calendar_is_described_by_json(itubot: Itubot) -> None:
    run = itubot("add", "--topic", "“WSIS”", "--audience", "T1/C1", "--language", "fr", "--json")
    made = json.loads(run.out)
    assert ADDRESS.fullmatch(made.pop("address"))
    assert (made["topic"], made["audience"], made["language"], made["user"]) == ("WSIS", "T1/C1", "fr", "")
    assert (json.loads(itubot("list", "--json").out), run.err) == ([made], "")


def test_list_has_no_address(itubot: Itubot) -> None:
    address = itubot("add", "--topic", "WSIS").out.strip()
    listed = itubot("list").out
    assert ("WSIS" in listed, "terminal" in listed) == (True, True)
    assert address.removesuffix(".ics")[-43:] not in listed
    assert "No calendar" not in listed


def test_second_calendar_of_a_topic_is_refused_with_the_way_out(itubot: Itubot) -> None:
    known = json.loads(itubot("add", "--json").out)["id"]
    run = itubot("add")
    assert (run.code, run.out) == (1, "")
    assert f"`itubot calendar revoke {known}`" in run.err


def test_revoked_calendar_is_gone(itubot: Itubot) -> None:
    known = json.loads(itubot("add", "--json").out)["id"]
    assert itubot("revoke", known).out == "Revoked: the calendar of all dates.\n"
    assert itubot("list", "--json").out.strip() == "[]"
    again = itubot("revoke", known)
    assert (again.code, known in again.err) == (1, True)


def test_without_a_public_address_the_error_names_the_settings(
    itubot: Itubot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ITUBOT_PUBLIC_URL")
    run = itubot("add")
    assert run.code == 1
    assert "ITUBOT_PUBLIC_URL" in run.err
    assert "ITUBOT_CALENDAR_URL" in run.err
