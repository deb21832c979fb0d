"""`itubot token`: add, list and revoke."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main
from bot.wiring import Services
from tests.bot.cli_runs import Itubot, Run
from tests.bot.mcp.connections import services_on


@pytest.fixture
def itubot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Itubot:
    monkeypatch.chdir(tmp_path)

    def make(_settings: object) -> Services:
        return services_on(tmp_path / "data")

    def run(*arguments: str) -> Run:
        code = main(arguments, make)
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    return run


def test_a_new_token_is_all_that_is_printed(itubot: Itubot, tmp_path: Path) -> None:
    added = itubot("token", "add", "claude")
    token = added.out.removesuffix("\n")

    key = services_on(tmp_path / "data").shared.access_keys.with_text("assistant", token)
    assert key is not None
    assert (key.name, key.audience) == ("claude", "everybody")
    assert "only its hash is stored" in added.err


@pytest.mark.parametrize(
    "arguments",
    [("token", "add", "claude", "--audience", "T1/C1"), ("--audience", "T1/C1", "token", "add", "claude")],
)
def test_a_token_is_for_the_audience_that_is_named(itubot: Itubot, arguments: tuple[str, ...]) -> None:
    itubot(*arguments)

    [row] = json.loads(itubot("token", "list", "--json").out)
    assert (row["name"], row["audience"]) == ("claude", "T1/C1")


def test_the_list_has_no_token(itubot: Itubot) -> None:
    token = itubot("token", "add", "claude").out.strip()
    listed = itubot("token", "list").out + itubot("token", "list", "--json").out

    assert "claude" in listed
    assert token not in listed


@pytest.mark.parametrize("audience", [(), ("--audience", "T1/C1")])
def test_two_tokens_have_different_names(itubot: Itubot, audience: tuple[str, ...]) -> None:
    itubot("token", "add", "claude")
    again = itubot("token", "add", "claude", *audience)

    assert (again.code, again.out) == (1, "")
    assert "take another name" in again.err


def test_a_revoked_token_gives_nothing(itubot: Itubot, tmp_path: Path) -> None:
    token = itubot("token", "add", "claude").out.strip()
    revoked = itubot("token", "revoke", "claude")

    assert revoked.code == 0
    assert services_on(tmp_path / "data").shared.access_keys.with_text("assistant", token) is None
    assert json.loads(itubot("token", "list", "--json").out) == []


@pytest.mark.parametrize(
    ("arguments", "help_of"),
    [
        (("token",), "itubot token --help"),
        (("token", "ad", "x"), "itubot token --help"),
        (("token", "add"), "itubot token add --help"),
        (("token", "add", " "), "itubot token add --help"),
        (("token", "add", "x", "--audience", "general"), "itubot token add --help"),
    ],
)
def test_wrong_usage_names_the_help(itubot: Itubot, arguments: tuple[str, ...], help_of: str) -> None:
    run = itubot(*arguments)

    assert run.code == 2
    assert help_of in run.err
    assert run.err.count("\n") == 1
