"""The question above a reply."""

from __future__ import annotations

from bot.slack.core.ui.elements import plain_message
from bot.slack.core.ui.messages import with_question


def test_question_is_in_the_blocks_and_for_screen_readers() -> None:
    message = with_question(plain_message("In May."), "When is *it*?")
    assert ("When is" in str(message.blocks[0]), message.text.splitlines()[-1]) == (True, "In May.")
