"""The app's manifest: the file that a new Slack app is made from."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from bot.slack.blocks.messages import command_help
from bot.slack.listeners.shortcuts import ADD_TO_LIBRARY

# The scope that each event needs (docs.slack.dev/reference/events).
SCOPE_OF_EVENT = {"app_mention": "app_mentions:read", "message.im": "im:history"}
# Replies are posted, and threads read, wherever somebody may mention the bot.
SCOPES_OF_CALLS = {
    "chat:write",
    "channels:history",
    "channels:read",
    "groups:history",
    "mpim:history",
    "im:history",
    "files:read",
    "files:write",
    "usergroups:read",
}
# Who asks, and whether a channel is shared, is asked of Slack.
SCOPES_OF_ADMISSION = {"users:read", "channels:read", "groups:read", "mpim:read"}
# What slash commands and shortcuts need, whatever they do.
SCOPES_OF_COMMANDS = {"commands"}


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((files("bot.slack") / "manifest.json").read_text("utf-8"))
    return loaded


def test_manifest_has_the_needed_scopes(manifest: dict[str, Any]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    needed = {SCOPE_OF_EVENT[event] for event in events} | SCOPES_OF_CALLS | SCOPES_OF_COMMANDS
    needed |= SCOPES_OF_ADMISSION
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed


def test_manifest_subscribes_to_mentions_and_direct_messages(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    assert settings["event_subscriptions"]["bot_events"] == ["app_mention", "message.im"]
    assert settings["socket_mode_enabled"] is True


def test_manifest_has_the_shortcut_of_the_listener(manifest: dict[str, Any]) -> None:
    [shortcut] = manifest["features"]["shortcuts"]
    assert (shortcut["callback_id"], shortcut["type"]) == (ADD_TO_LIBRARY, "message")
    assert manifest["settings"]["interactivity"]["is_enabled"] is True


def test_manifest_allows_direct_messages(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]
    assert (home["messages_tab_enabled"], home["messages_tab_read_only_enabled"]) == (True, False)


def test_names_keep_slacks_limits(manifest: dict[str, Any]) -> None:
    display = manifest["display_information"]
    for command in manifest["features"]["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2_000
        assert len(command["usage_hint"]) <= 1_000
    for shortcut in manifest["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80


def test_manifest_has_the_command_of_the_help(manifest: dict[str, Any]) -> None:
    [command] = manifest["features"]["slash_commands"]
    assert f"`{command['command']} deadlines`" in command_help("").text
