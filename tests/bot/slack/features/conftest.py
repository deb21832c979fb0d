"""A register in Slack."""

from __future__ import annotations

import pytest

from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.features.shown_register import Register
from tests.fake_slack.slack import FakeSlack


@pytest.fixture
def register(slack: FakeSlack, library: RealLibrary, start: Start) -> Register:
    return Register(slack, library, start)
