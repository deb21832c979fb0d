"""Errors in Slack: nobody there can run a command of the terminal."""

from __future__ import annotations

import pytest

from bot.models.chat import not_made
from bot.slack.core.ui.messages import store_error_text, without_operator_steps
from ingest.errors import fault
from store.errors import FileGone, StoreBusy, StoreDamaged, StoreError, StoreUnavailable


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("the file is empty; send another one", "the file is empty; send another one"),
        (
            "a part of the index is missing or damaged; run `itubot reindex` to rebuild it",
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


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            StoreBusy("the catalog is locked by another program; close it and try again"),
            "the catalog is locked by another program; try again in a minute",
        ),
        (
            StoreUnavailable("the catalog cannot be reached (server at 10.0.0.7); start the server"),
            "the catalog cannot be reached; try again in a minute, and if it stays so, tell whoever runs me",
        ),
        (
            StoreDamaged("the catalog cannot be written (full); make room on the disk and try again"),
            "the catalog cannot be written; tell whoever runs me",
        ),
        (FileGone("a stored file is gone; send it again"), "a stored file is gone; send it again"),
    ],
)
def test_error_of_the_store_ends_with_what_people_in_slack_can_do(error: StoreError, shown: str) -> None:
    assert store_error_text(error) == shown
