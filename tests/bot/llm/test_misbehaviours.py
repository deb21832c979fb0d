"""Replies of a model that errs or cheats: nothing unsupported is delivered, and correct sentences stay.

The judge gives the recorded verdicts of capable models; statements that fail the hard checks do not reach it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest

from bot.answers import StreamedSentence
from bot.llm import ReplyLimits
from bot.llm.judge import JudgeRequest
from bot.llm.writer import WrittenAnswer
from tests.bot.llm.fake_chat import FakeChat, Piece
from tests.bot.llm.fake_writer import material, writer
from tests.bot.passages import passages, rows
from tests.bot.pattern_check import unsupported
from tests.recordings import Recordings, key

ROWS = [*rows("replies.jsonl"), *rows("misbehaviours.jsonl")]


class RecordedJudge:
    """Says what was recorded of a statement and its paragraphs; what was not recorded fails the test."""

    any_language = True

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings

    def verdicts(self, requests: Sequence[JudgeRequest], config: object = None) -> list[bool]:
        return [
            self._recordings.verdicts[key(q.text, [hit.section.number for hit in q.hits])] == "yes"
            for q in requests
        ]


def _piece(piece: Any, stalled: threading.Event) -> Piece:
    if isinstance(piece, str):
        return piece
    if "error" in piece:
        return ConnectionError(piece["error"])
    if "stall" in piece:
        return stalled
    text = piece["repeat"] * (piece.get("length", 50_000) // len(piece["repeat"]) + 1)
    return str(text[: piece.get("length", 50_000)])


@pytest.fixture(scope="module")
def written() -> Callable[[int], WrittenAnswer]:
    """Return what is delivered of the reply with a number, once for all tests."""
    judge = RecordedJudge(Recordings())
    return cache(lambda number: _written(ROWS[number], judge))


def _written(row: dict[str, Any], judge: RecordedJudge) -> WrittenAnswer:
    stalled = threading.Event()
    pieces = row["reply"] if isinstance(row["reply"], list) else [row["reply"]]
    chat = FakeChat([[_piece(piece, stalled) for piece in pieces]])
    asked = material(row["question"], *row["sections"], report=row.get("report", "sample"))
    limits = ReplyLimits(stall=0.05, total=0.5) if {"stall": True} in pieces else None
    streamed: list[StreamedSentence] = []
    answer = writer(chat, limits, judge=judge).write(asked, streamed.append)
    stalled.set()
    assert " ".join(sentence.text for sentence in streamed) == answer.text
    return answer


# Replies of 50,000 characters take seconds each.
NUMBERS = [
    pytest.param(number, marks=[pytest.mark.slow] if "repeat" in json.dumps(row["reply"]) else [])
    for number, row in enumerate(ROWS)
]


@pytest.mark.parametrize(
    "number",
    NUMBERS,
    ids=lambda number: f"{ROWS[number]['kind']}: {(ROWS[number]['wrong'] or ['-'])[0][:50]}",
)
def test_nothing_unsupported_is_delivered(number: int, written: Callable[[int], WrittenAnswer]) -> None:
    row, answer = ROWS[number], written(number)

    report = passages(row.get("report", "sample"))
    cited = {c.marker: f"{c.heading} {c.document} {report[c.section].section.text}" for c in answer.citations}
    assert [wrong for wrong in row["wrong"] if wrong.rstrip(".") in answer.text] == []
    assert unsupported(answer.text, cited) == []


def test_correct_sentences_are_delivered(written: Callable[[int], WrittenAnswer]) -> None:
    right = {number: row["right"] for number, row in enumerate(ROWS) if row["right"]}

    lost = [text for number, text in right.items() if text.rstrip(".") not in written(number).text]

    assert len(lost) <= 0.03 * len(right), lost


def test_number_of_replies_by_kind() -> None:
    kinds = [row["kind"] for row in rows("replies.jsonl")]

    assert (len(kinds), kinds.count("swap"), kinds.count("pronoun")) == (200, 50, 20)
