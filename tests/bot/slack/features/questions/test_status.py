"""The title of a conversation."""

from __future__ import annotations

from bot.slack.features.questions.thread_status import title


def test_title_is_the_question_without_ids() -> None:
    assert title("Does <@U02AB> of <#C1> go\nto the summit?") == "Does of go to the summit?"


def test_long_title_is_cut() -> None:
    assert len(title("When is it? " * 30)) <= 80
