"""`itubot manifest`: what it prints, and what it refuses."""

from __future__ import annotations

import json

import pytest

from bot.cli import main


def test_the_manifest_is_json_on_stdout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ITUBOT_COMMAND", "/un")

    assert main(["manifest"]) == 0

    made = json.loads(capsys.readouterr().out)
    assert made["features"]["slash_commands"][0]["command"] == "/un"
    assert made["settings"]["socket_mode_enabled"] is True


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--http", "http://bot.example.org"], "https://bot.example.org"),
        (["--http", "bot.example.org"], "https://bot.example.org"),
        (["--command", "itu"], "is not written as in /itu"),
        (["--command", "/ITU"], "is not written as in /itu"),
        (["--command", "/a b"], "is not written as in /itu"),
    ],
)
def test_what_slack_does_not_take_is_refused(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["manifest", *arguments]) == 2

    assert named in capsys.readouterr().err
