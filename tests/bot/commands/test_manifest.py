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


def test_options_win_over_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manifest", "--http", "https://bot.example.org", "--command", "/council"]) == 0

    [command] = json.loads(capsys.readouterr().out)["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/council", "https://bot.example.org/slack/events")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--http", "http://bot.example.org"], "https://bot.example.org"),
        (["--http", "bot.example.org"], "https://bot.example.org"),
        (["--command", "itu"], "write it as in /itu"),
        (["--command", "/ITU"], "write it as in /itu"),
        (["--command", "/a b"], "write it as in /itu"),
    ],
)
def test_what_slack_does_not_take_is_refused(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["manifest", *arguments]) == 2

    assert named in capsys.readouterr().err
