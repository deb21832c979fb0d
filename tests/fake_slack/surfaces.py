"""Which payloads of Slack the bot listens to, and which of them a fake Slack has sent."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from bot.slack import routes
from bot.slack.core.feature import Feature
from bot.slack.core.receiving import Routes
from tests.fake_slack.events import Envelope

assert routes.features  # With it, every feature is imported.

# Kind of a payload, and its id, or what the ids of several match.
Surface = tuple[str, str | re.Pattern[str]]


class _Recorder:
    """Takes the place of Bolt's app; remembers what listeners are registered for."""

    def __init__(self) -> None:
        self.surfaces: set[Surface] = set()

    def __getattr__(self, kind: str) -> Callable[..., Callable[..., Any]]:
        def register(constraint: Any = None, *_: Any, **__: Any) -> Callable[..., Any]:
            if kind != "middleware":
                self.surfaces.add((kind, constraint))
            return lambda listener: listener

        return register


def features(base: type[Feature] = Feature) -> list[type[Feature]]:
    """Return the class of every feature that any bot has, also of those that share a base."""
    below = [feature for each in base.__subclasses__() for feature in features(each)]
    # A subclass of a feature takes its place where more is set.
    return below or ([] if base is Feature or inspect.isabstract(base) else [base])


def listened_to() -> set[Surface]:
    """Return every event, command, shortcut, action and view that the features listen to."""
    recorder = _Recorder()
    for feature in features():
        # What is registered does not depend on how a feature is made.
        feature.__new__(feature).add_routes(Routes(recorder, None))  # type: ignore[arg-type]
    return recorder.surfaces


def sent(envelope: Envelope) -> set[tuple[str, str]]:
    """Return the kinds and ids of what an envelope asked of the bot."""
    payload = envelope.payload
    if "command" in payload:
        return {("command", payload["command"])}
    match payload["type"]:
        case "event_callback":
            return {("event", payload["event"]["type"])}
        case "block_actions":
            return {("action", action["action_id"]) for action in payload["actions"]}
        case "message_action" | "shortcut":
            return {("shortcut", payload["callback_id"])}
    return {("view", payload["view"]["callback_id"])}


def unasked(envelopes: list[Envelope]) -> set[Surface]:
    """Return what the bot listens to and no envelope asked for."""
    asked = {one for envelope in envelopes for one in sent(envelope)}
    return {
        (kind, name)
        for kind, name in listened_to()
        if not any(
            kind == other and (bool(name.search(text)) if isinstance(name, re.Pattern) else name == text)
            for other, text in asked
        )
    }
