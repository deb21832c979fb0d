"""The manifest of the Slack app: what a new app is made from, and which scopes an installed one needs. Pure.

Reference: https://docs.slack.dev/reference/app-manifest. Each feature of the bot is a row of `NEEDS`; the scopes of
a method and of an event are on their pages below https://docs.slack.dev/reference/methods and /events.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.settings import Settings

# The shortcuts' ids, by which Slack names them.
ADD_TO_LIBRARY = "add_to_library"
ASK_ABOUT_MESSAGE = "ask_about_message"
CHECK_MESSAGE = "check_message"

# Where the bot receives requests in HTTP mode.
EVENTS_PATH = "/slack/events"
# Where a workspace installs the app, and where Slack sends the person back to; with ITUBOT_WORKSPACES.
INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"

_NAME = "ITU UN engagement"
_DESCRIPTION = (
    "Answers questions about ITU's engagement in United Nations processes, "
    "from ITU's own reports, with sources"
)
_COLOR = "#00558c"


@dataclass(frozen=True, slots=True)
class Need:
    """What one thing that the bot does needs of the app.

    `parts` are merged into the manifest's `features`, `shortcuts` are added there.
    """

    name: str
    scopes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    shortcuts: tuple[Mapping[str, str], ...] = ()
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_on: Callable[[Settings], bool] = lambda _settings: True


def is_agent(settings: Settings) -> bool:
    """Whether the app is an agent: Slack keeps guests from agents (https://docs.slack.dev/ai/developing-agents)."""
    return not settings.allow_guests


NEEDS = (
    Need(
        "answers to mentions and direct messages",
        # Replies are posted, and threads are read, wherever somebody may mention the bot.
        scopes=(
            "app_mentions:read",
            "channels:history",
            "chat:write",
            "groups:history",
            "im:history",
            "mpim:history",
        ),
        # In group direct messages a mention may come as a message alone.
        # https://docs.slack.dev/reference/events/app_mention
        events=("app_mention", "message.im", "message.mpim"),
        parts={"app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False}},
    ),
    Need(
        "an agent's stop button, titles of conversations and suggested questions",
        scopes=("assistant:write", "chat:write"),
        events=("agent_session_stopped",),
        parts={"agent_view": {"agent_description": f"{_DESCRIPTION}. A paragraph is behind every sentence"}},
        is_on=is_agent,
    ),
    Need(
        "answers without a mention in threads with an answer",
        scopes=("channels:history", "groups:history"),
        events=("message.channels", "message.groups"),
        is_on=lambda settings: bool(settings.follow_threads and settings.model),
    ),
    Need("the names of channels and groups in questions", scopes=("channels:read", "usergroups:read")),
    # Answers, briefs and calendar files are direct messages.
    Need("the command, with files", scopes=("commands", "files:write", "im:write")),
    Need("reminders and digests in the time zone of a person", scopes=("users:read",)),
    Need(
        "questions about a message",
        scopes=("commands", "im:write"),
        shortcuts=(
            {
                "name": "Ask about this message",
                "type": "message",
                "callback_id": ASK_ABOUT_MESSAGE,
                "description": "Answers this message, for you alone",
            },
        ),
    ),
    Need(
        "checks of drafts",
        # The files with comments go into direct messages.
        scopes=("commands", "files:read", "files:write", "im:write"),
        shortcuts=(
            {
                "name": "Check this",
                "type": "message",
                "callback_id": CHECK_MESSAGE,
                "description": "Compares each sentence of this message and its files with the documents, for you alone",
            },
        ),
    ),
    Need("the sources of answers in private channels", scopes=("channels:read", "groups:read", "mpim:read")),
    Need(
        "the Home tab, and a greeting",
        scopes=("im:write",),
        events=("app_home_opened",),
        parts={"app_home": {"home_tab_enabled": True}},
    ),
    Need(
        "no answers to guests and other organizations",
        scopes=("users:read",),
        is_on=lambda settings: not (settings.allow_guests and settings.allow_external),
    ),
    Need(
        "no answers in channels of other organizations",
        scopes=("channels:read", "groups:read", "mpim:read"),
        is_on=lambda settings: not settings.allow_external,
    ),
    Need(
        "documents and corrections from Slack",
        scopes=("channels:read", "files:read", "usergroups:read"),
        shortcuts=(
            {
                "name": "Add to the library",
                "type": "message",
                "callback_id": ADD_TO_LIBRARY,
                "description": "Takes the files of this message into the library that answers come from",
            },
        ),
        is_on=lambda settings: bool(settings.library_users),
    ),
    Need(
        "several workspaces",
        events=("app_uninstalled", "tokens_revoked"),
        is_on=lambda settings: bool(settings.workspaces),
    ),
    Need(
        "questions to people",
        # Their replies in a thread mention nobody.
        scopes=("channels:history", "groups:history", "im:write"),
        events=("message.channels", "message.groups"),
        is_on=lambda settings: bool(settings.experts_channel),
    ),
)


def needed_scopes(settings: Settings) -> list[str]:
    """Return the scopes of the bot's token that the features need that are on, sorted."""
    return sorted({scope for feature in _needs(settings) for scope in feature.scopes})


def granted_scopes(headers: Mapping[str, str]) -> frozenset[str] | None:
    """Return the scopes of a token, of which the headers of any response tell; None where these do not.

    https://docs.slack.dev/authentication/installing-with-oauth
    """
    named = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    return None if named is None else frozenset(scope.strip() for scope in named.split(","))


def missing_scopes(settings: Settings, granted: Container[str]) -> dict[str, list[str]]:
    """Return the name of each feature that is on and lacks scopes -> the scopes that are not `granted`."""
    lacking = {
        feature.name: [scope for scope in feature.scopes if scope not in granted]
        for feature in _needs(settings)
    }
    return {name: scopes for name, scopes in lacking.items() if scopes}


def make_manifest(settings: Settings, *, command: str, url: str = "") -> dict[str, Any]:
    """Return the manifest for the features that are on.

    `command` is the slash command's name. `url` is the bot's public address for HTTP mode; "" for Socket Mode.
    """
    base = url.rstrip("/").removesuffix(EVENTS_PATH)
    address = {"request_url": base + EVENTS_PATH} if url else {}
    redirects = {"redirect_urls": [base + REDIRECT_PATH]} if url and settings.workspaces else {}
    features = _needs(settings)
    events = sorted({event for feature in features for event in feature.events})
    parts: dict[str, Any] = {
        "app_home": {"home_tab_enabled": False},
        "bot_user": {"display_name": "itubot", "always_online": True},
        "slash_commands": [_command(command, address)],
        "shortcuts": [dict(shortcut) for feature in features for shortcut in feature.shortcuts],
    }
    for feature in features:
        for name, values in feature.parts.items():
            parts.setdefault(name, {}).update(values)
    return {
        "display_information": {"name": _NAME, "description": _DESCRIPTION, "background_color": _COLOR},
        "features": parts,
        "oauth_config": {**redirects, "scopes": {"bot": needed_scopes(settings)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": events},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": any(workspace.startswith("E") for workspace in settings.workspaces),
            "socket_mode_enabled": not url,
            "token_rotation_enabled": bool(settings.workspaces),
        },
    }


def _needs(settings: Settings) -> list[Need]:
    return [feature for feature in NEEDS if feature.is_on(settings)]


def _command(name: str, address: Mapping[str, str]) -> dict[str, Any]:
    return {
        "command": name,
        **({"url": address["request_url"]} if address else {}),
        "description": "Everything you can choose; or an answer for you alone",
        "usage_hint": "question | dates 30d | subscribe | help",
        "should_escape": False,
    }
