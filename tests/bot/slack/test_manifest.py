"""The app's manifest: what a new Slack app is made from, for the features that are on."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import Settings
from bot.slack.manifest import (
    ADD_TO_LIBRARY,
    make_manifest,
    needed_scopes,
)
from tests.fake_slack.rules.methods import METHODS
from tests.fake_slack.web_api import own_manifest

# The scope that each event needs (docs.slack.dev/reference/events); "" where it needs none.
SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.mpim": "mpim:history",
    "app_home_opened": "",
    "app_context_changed": "",
    "agent_session_stopped": "",
    "app_uninstalled": "",
    "tokens_revoked": "",
}
KINDS = ("channels", "groups", "im", "mpim")
HTTP = "https://bot.example.org"


@pytest.fixture
def manifest() -> dict[str, Any]:
    return own_manifest()


def of(url: str = "", command: str = "/itu", **settings: Any) -> dict[str, Any]:
    return make_manifest(Settings(**settings), command=command, url=url)


def test_every_scope_is_one_that_a_method_an_event_or_a_command_needs(manifest: dict[str, Any]) -> None:
    used = {method.scope.replace("*", kind) for method in METHODS.values() for kind in KINDS}
    used |= set(SCOPE_OF_EVENT.values()) | {"commands"}

    assert set(manifest["oauth_config"]["scopes"]["bot"]) <= used


def test_every_event_has_its_scope(manifest: dict[str, Any]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    needed = {SCOPE_OF_EVENT[event] for event in events} - {""}

    assert {"app_mention", "message.im"} <= set(events)
    assert needed <= set(manifest["oauth_config"]["scopes"]["bot"])


def test_scopes_follow_the_features_that_are_on() -> None:
    assert "assistant:write" in needed_scopes(Settings())
    assert "assistant:write" not in needed_scopes(Settings(allow_guests=True))


def test_app_for_guests_is_no_agent() -> None:
    """Slack keeps guests from agents."""
    made = of(allow_guests=True)

    assert "agent_view" in of()["features"]
    assert "agent_view" not in made["features"]
    events = {"agent_session_stopped", "app_context_changed"}
    assert events.isdisjoint(made["settings"]["event_subscriptions"]["bot_events"])
    assert "assistant:write" not in made["oauth_config"]["scopes"]["bot"]


@pytest.mark.parametrize("guests", [False, True])
@pytest.mark.parametrize("external", [False, True])
def test_sources_in_private_channels_have_their_scopes(guests: bool, external: bool) -> None:
    """The window asks whether a person is still in the channel."""
    scopes = needed_scopes(Settings(allow_guests=guests, allow_external=external))
    assert {"channels:read", "groups:read", "mpim:read"} <= set(scopes)


def test_messages_of_channels_come_only_where_threads_are_followed() -> None:
    def events(**settings: Any) -> list[str]:
        return list(of(**settings)["settings"]["event_subscriptions"]["bot_events"])

    assert {"message.channels", "message.groups"} <= set(events(model="openai:gpt-5"))
    assert "message.channels" not in events(model="openai:gpt-5", follow_threads=False)
    assert "message.channels" not in events()


@pytest.mark.parametrize(("workspaces", "whole"), [("", False), ("T1", False), ("T1,E1", True)])
def test_app_is_for_whole_organizations_where_one_is_named(workspaces: str, whole: bool) -> None:
    made = of(HTTP, workspaces=workspaces) if workspaces else of(HTTP)
    assert made["settings"]["org_deploy_enabled"] is whole


def test_installation_ends_at_the_bot_with_a_token_that_expires() -> None:
    several = of(HTTP, workspaces="T1")

    assert several["oauth_config"]["redirect_urls"] == [f"{HTTP}/slack/oauth_redirect"]
    assert several["settings"]["token_rotation_enabled"] is True


def test_shortcuts_follow_the_features_that_are_on() -> None:
    shortcuts = of(library_users="U1")["features"]["shortcuts"]

    assert (ADD_TO_LIBRARY, "message") in [(each["callback_id"], each["type"]) for each in shortcuts]
    assert ADD_TO_LIBRARY not in [each["callback_id"] for each in of()["features"]["shortcuts"]]


@pytest.mark.parametrize("url", [HTTP, f"{HTTP}/", f"{HTTP}/slack/events"])
def test_http_mode_names_the_address_of_every_request(url: str) -> None:
    made = of(url)

    address = f"{HTTP}/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"] == {"is_enabled": True, "request_url": address}
    assert made["features"]["slash_commands"][0]["url"] == address


def test_the_command_may_have_another_name() -> None:
    assert of(command="/un")["features"]["slash_commands"][0]["command"] == "/un"


def test_names_keep_slacks_limits(manifest: dict[str, Any]) -> None:
    """The limits are on https://docs.slack.dev/reference/app-manifest."""
    display, features = manifest["display_information"], manifest["features"]
    for command in features["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2_000
        assert len(command["usage_hint"]) <= 1_000
    assert len(features["shortcuts"]) <= 10
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert len(shortcut["callback_id"]) <= 255
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert len(features["bot_user"]["display_name"]) <= 80
    assert len(features.get("agent_view", {}).get("agent_description", "")) <= 300
    assert len(features.get("agent_view", {}).get("suggested_prompts", [])) <= 4
