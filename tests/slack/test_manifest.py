"""The app's manifest: the file that a new Slack app is made from."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

# The scope that each event needs (docs.slack.dev/reference/events).
SCOPE_OF_EVENT = {"app_mention": "app_mentions:read", "message.im": "im:history"}
# Replies are posted, and threads read, wherever somebody may mention the bot.
SCOPES_OF_CALLS = {"chat:write", "channels:history", "groups:history", "mpim:history", "im:history"}


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((files("bot.slack") / "manifest.json").read_text("utf-8"))
    return loaded


def test_scopes_are_those_that_are_needed(manifest: dict[str, Any]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    needed = {SCOPE_OF_EVENT[event] for event in events} | SCOPES_OF_CALLS
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed


def test_bot_hears_mentions_and_direct_messages_over_socket_mode(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    assert settings["event_subscriptions"]["bot_events"] == ["app_mention", "message.im"]
    assert settings["socket_mode_enabled"] is True


def test_people_can_write_to_the_bot_directly(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]
    assert (home["messages_tab_enabled"], home["messages_tab_read_only_enabled"]) == (True, False)


def test_names_keep_slacks_limits(manifest: dict[str, Any]) -> None:
    display = manifest["display_information"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
