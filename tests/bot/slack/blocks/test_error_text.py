"""Errors in Slack: nobody there can run a command of the terminal."""

from __future__ import annotations

import pytest

from bot.llm.failures import not_made
from bot.slack.blocks.error_text import without_operator_steps
from ingest.errors import fault


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("the file is empty; send another one", "the file is empty; send another one"),
        (
            "a part of the index is missing or damaged; run `itubot ingest` to mend it",
            "a part of the index is missing or damaged; tell whoever runs me",
        ),
        (
            "the file storage cannot be written (full); check ITUBOT_STORAGE_URL and its server or disk",
            "the file storage cannot be written (full); tell whoever runs me",
        ),
        (fault(KeyError("x")), "a fault of the program, KeyError; tell whoever runs me"),
        (
            f"The documents' own sentences, because {not_made('openai:gpt', ImportError('langchain_openai'))}.",
            "The documents' own sentences, because openai:gpt needs langchain's package for openai; "
            "tell whoever runs me.",
        ),
        (
            str(not_made("openai:gpt", ValueError("key"))),
            "openai:gpt cannot be set up (ValueError); tell whoever runs me",
        ),
    ],
)
def test_steps_in_a_terminal_are_left_out(error: str, shown: str) -> None:
    assert without_operator_steps(error) == shown
