"""What a terminal shows while an answer is still being written."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from rich.console import Console

from bot.answering.answer import StreamedSentence
from bot.commands.asking import Chat, live_answer
from tests.bot.sample_answers import AS_OF, CITATION, VERBATIM, FakeAssistant, FakeCatalog

FIRST = StreamedSentence("The Summit is near. [1]", (CITATION,))
SECOND = StreamedSentence(" It is in New York. [1]", (CITATION,))


def _console(*, terminal: bool = True) -> Console:
    # Whatever terminal the tests run in.
    return Console(
        file=io.StringIO(), width=80, force_terminal=terminal, markup=False, highlight=False, _environ={}
    )


def _shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())


def test_sentence_is_shown_as_soon_as_it_is_judged() -> None:
    console = _console()

    with live_answer(console) as said:
        said(FIRST)
        first = _shown(console)
        said(SECOND)
        second = _shown(console)

    assert "The Summit is near. [1]" in first
    assert "New York" not in first
    assert "The Summit is near. [1] It is in New York. [1]" in second


def test_chat_shows_sentences_and_then_the_answer() -> None:
    console = _console()
    chat = Chat(
        FakeAssistant(replace(VERBATIM, text=FIRST.text), says=[FIRST]), FakeCatalog(), console, lambda: AS_OF
    )

    chat.respond("When?")

    written, _, whole = _shown(console).rpartition("The Summit is near. [1]")
    assert "The Summit is near. [1]" in written
    assert "Sources" in whole


def test_output_to_a_file_is_the_answer_alone() -> None:
    console = _console(terminal=False)

    with live_answer(console) as said:
        said(FIRST)

    assert _shown(console).strip() == ""
