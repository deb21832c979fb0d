"""The words of the slash command, of all features."""

from __future__ import annotations

from tests.fake_slack.surfaces import features

WORDS = [word for feature in features() for word in feature.words]
