"""The words of the slash command, of all features."""

from __future__ import annotations

from bot.slack import routes
from bot.slack.core.feature import Feature

assert routes.features  # With it, every feature is imported.

WORDS = [word for feature in Feature.__subclasses__() for word in feature.words]
