"""The options of a bot, from settings and other options by their names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from bot.settings import Settings
from bot.slack.core.options import SlackOptions

_SECRETS = ("slack_bot_token", "slack_app_token", "slack_signing_secret")


def at(moment: str) -> Callable[[], datetime]:
    """Return a clock that stands at a moment in UTC."""
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return lambda: now


def slack_options(**changes: Any) -> SlackOptions:
    """Return the options of a bot that nobody may send documents or correct, and for which it is always Sunday."""

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("nobody may do this")

    nobody_may = dict.fromkeys(
        ("storage", "ingest", "fetch", "rebuild_index", "source_address", "read_draft"), never
    )
    options = {**nobody_may, "index_is_damaged": lambda: False, "clock": at("2024-04-28T12:00")} | changes
    unlimited = {"questions_per_minute": 0, "queue": 1_000}
    settings = unlimited | {name: options.pop(name) for name in Settings.model_fields if name in options}
    secrets = {name: SecretStr(settings[name]) for name in _SECRETS if name in settings}
    return SlackOptions(Settings.model_construct(**settings | secrets), **options)
