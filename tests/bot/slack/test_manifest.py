"""The app's manifest: what a new Slack app is made from, for the features that are on."""

from __future__ import annotations

from itertools import product
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

    assert {"app_mention", "message.im", "message.mpim"} <= set(events)
    assert needed <= set(manifest["oauth_config"]["scopes"]["bot"])


def test_manifest_follows_the_settings() -> None:
    def events(**settings: Any) -> set[str]:
        return set(of(**settings)["settings"]["event_subscriptions"]["bot_events"])

    def shortcuts(**settings: Any) -> list[str]:
        return [each["callback_id"] for each in of(**settings)["features"]["shortcuts"]]

    # Slack keeps guests from agents.
    assert "agent_view" in of()["features"]
    assert "agent_view" not in of(allow_guests=True)["features"]
    assert {"agent_session_stopped", "app_context_changed"}.isdisjoint(events(allow_guests=True))
    for guests, external in product((False, True), repeat=2):
        scopes = set(needed_scopes(Settings(allow_guests=guests, allow_external=external)))
        assert ("assistant:write" in scopes) is not guests
        # The window of a source asks whether a person is still in the channel.
        assert {"channels:read", "groups:read", "mpim:read"} <= scopes
    # Messages of channels come only where threads are followed.
    assert {"message.channels", "message.groups"} <= events(model="openai:gpt-5")
    for settings in ({"model": "openai:gpt-5", "follow_threads": False}, {}):
        assert "message.channels" not in events(**settings)
    assert (ADD_TO_LIBRARY in shortcuts(library_users="U1"), ADD_TO_LIBRARY in shortcuts()) == (True, False)


@pytest.mark.parametrize(("workspaces", "whole"), [("T1", False), ("T1,E1", True)])
def test_app_that_workspaces_install_ends_at_the_bot_with_a_token_that_expires(
    workspaces: str, whole: bool
) -> None:
    several, settings = of(HTTP, workspaces=workspaces), of(HTTP)["settings"]
    assert several["oauth_config"]["redirect_urls"] == [f"{HTTP}/slack/oauth_redirect"]
    assert several["settings"]["token_rotation_enabled"] is True
    assert (several["settings"]["org_deploy_enabled"], settings["org_deploy_enabled"]) == (whole, False)


@pytest.mark.parametrize("url", [HTTP, f"{HTTP}/", f"{HTTP}/slack/events"])
def test_http_mode_names_the_address_of_every_request(url: str) -> None:
    made = of(url, "/un")

    address = f"{HTTP}/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"] == {"is_enabled": True, "request_url": address}
    [command] = made["features"]["slash_commands"]
    assert (command["url"], command["command"]) == (address, "/un")


def test_names_keep_slacks_limits(manifest: dict[str, Any]) -> None:
    """The limits are on https://docs.slack.dev/reference/app-manifest."""
    features = manifest["features"]
    limits = [
        (manifest["display_information"], {"name": 35, "description": 140}),
        (features["bot_user"], {"display_name": 80}),
        (features.get("agent_view", {}), {"agent_description": 300, "suggested_prompts": 4}),
        *(
            (each, {"command": 32, "description": 2_000, "usage_hint": 1_000})
            for each in features["slash_commands"]
        ),
        *((each, {"name": 24, "description": 150, "callback_id": 255}) for each in features["shortcuts"]),
    ]
    long = [(name, one[name]) for one, most in limits for name in most if len(one.get(name, "")) > most[name]]
    assert (long, len(features["shortcuts"]) <= 10) == ([], True)
