"""The question above a reply."""

from __future__ import annotations

from bot.slack.core.ui.elements import plain_message
from bot.slack.core.ui.messages import with_question
from bot.slack.features.commands import searching_line
from tests.fake_slack.limits import problems


def test_question_is_in_the_blocks_and_for_screen_readers() -> None:
    message = with_question(plain_message("In May."), "When is *it*?")
    assert ("When is" in str(message.blocks[0]), message.text.splitlines()[-1]) == (True, "In May.")


def test_others_read_who_asked() -> None:
    assert "<@U1> asked" in with_question(plain_message("In May."), "When?", "U1").text


def test_any_question_fits() -> None:
    message = with_question(plain_message("x" * 3_000), "<!here> & " * 500)
    assert problems(message) == []


def test_loading_is_mentioned() -> None:
    assert "loading" in searching_line("When?", loading=True)
