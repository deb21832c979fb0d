"""Two hundred replies of a model that errs or cheats: nothing unsupported is delivered, and what is right stays."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from bot.generation import Draft
from bot.model import Limits
from bot.model_text import sentences_of
from tests.bot.fake_chat import FakeChat, Piece
from tests.bot.passages import passages, rows
from tests.bot.second_check import unsupported
from tests.bot.verifying import verify
from tests.bot.writing import task, write

ROWS = rows("replies.jsonl")


def _piece(piece: Any, stalled: threading.Event) -> Piece:
    if isinstance(piece, str):
        return piece
    if "error" in piece:
        return ConnectionError(piece["error"])
    if "stall" in piece:
        return stalled
    text = piece["repeat"] * (piece["length"] // len(piece["repeat"]) + 1)
    return str(text[: piece["length"]])


def _drafted(row: dict[str, Any]) -> Draft:
    stalled = threading.Event()
    chat = FakeChat([[_piece(piece, stalled) for piece in row["reply"]]])
    asked = task(row["question"], *row["sections"], report=row["report"])
    draft = write(chat, asked, Limits(stall=0.05, pause=0.0) if {"stall": True} in row["reply"] else None)
    stalled.set()
    return draft


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['kind']}: {(row['wrong'] or ['-'])[0][:50]}")
def test_nothing_that_the_passages_do_not_say_is_delivered(row: dict[str, Any]) -> None:
    draft = _drafted(row)

    cited = {
        c.marker: f"{c.document} {passages(row['report'])[c.section].section.text}" for c in draft.citations
    }
    assert [wrong for wrong in row["wrong"] if wrong.rstrip(".") in draft.text] == []
    assert unsupported(draft.text, cited) == []
    if row["right"] is not None:
        assert row["right"].rstrip(".") in draft.text


def test_nothing_is_left_to_the_question_to_sort_out() -> None:
    """What does not answer the question is dropped too: without that, the verification alone has to hold."""
    kept = [
        wrong
        for row in ROWS
        if all(isinstance(piece, str) for piece in row["reply"])
        for verified in [
            verify(sentences_of("".join(row["reply"])), [passages(row["report"])[s] for s in row["sections"]])
        ]
        for wrong in row["wrong"]
        if any(wrong.rstrip(".") in sentence.text for sentence in verified.kept)
    ]

    assert kept == []


def test_there_are_as_many_as_it_says() -> None:
    kinds = [row["kind"] for row in ROWS]

    assert (len(kinds), kinds.count("swap"), kinds.count("pronoun")) == (200, 50, 20)
