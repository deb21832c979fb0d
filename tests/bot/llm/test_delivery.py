"""Sentences delivered while a model still writes: judged, in order, the beginning of the answer."""

from __future__ import annotations

import threading

import pytest

from bot.answers import StreamedSentence
from bot.llm.writer import WrittenAnswer
from tests.bot.llm.fake_chat import FakeChat, Piece, Reply
from tests.bot.llm.fake_writer import material, write

WHEN = "When is the Summit of the Future?"
RIGHT = "The Summit of the Future is scheduled for 22-23 September 2024 [1]."
DELIVERED = "The Summit of the Future is scheduled for 22-23 September 2024. [1]"
PACT = "The Summit will adopt an outcome document entitled ‘A Pact for the Future’ [1]."
FALSE = "The Summit of the Future was moved to Geneva [1]."
CUT = ConnectionError("cut")


def _streamed(
    reply: Reply, question: str = WHEN, *numbers: str
) -> tuple[list[StreamedSentence], WrittenAnswer]:
    said: list[StreamedSentence] = []
    draft = write(FakeChat([reply]), material(question, *(numbers or ("2.2",))), on_sentence=said.append)
    return said, draft


def test_streamed_sentence_has_its_citations() -> None:
    said, draft = _streamed(f"{RIGHT} {PACT}")

    assert [s.text for s in said] == [
        DELIVERED,
        "The Summit will adopt an outcome document entitled ‘A Pact for the Future’. [1]",
    ]
    assert [[c.marker for c in s.citations] for s in said] == [[1], [1]]
    assert "22-23 September 2024" in said[0].citations[0].quote
    assert said[1].citations == draft.citations


def test_sentence_is_streamed_before_the_reply_ends() -> None:
    goes_on, heard = threading.Event(), threading.Event()
    pieces: list[Piece] = [f"{RIGHT} It will adopt a", goes_on, " pact [1]."]

    writing = threading.Thread(
        target=write,
        args=(FakeChat([pieces]), material(WHEN, "2.2")),
        kwargs={"on_sentence": lambda _: heard.set()},
    )
    writing.start()
    early = heard.wait(20)
    goes_on.set()
    writing.join()

    assert early


def test_sentence_is_streamed_after_its_verdict() -> None:
    verdict, heard = threading.Event(), threading.Event()
    chat = FakeChat([f"{RIGHT} And then"], verdicts={"": [verdict, "1 yes"]})

    writing = threading.Thread(
        target=write, args=(chat, material(WHEN, "2.2")), kwargs={"on_sentence": lambda _: heard.set()}
    )
    writing.start()
    early = heard.wait(0.3)
    verdict.set()
    writing.join()

    assert not early
    assert heard.is_set()


@pytest.mark.parametrize("reply", ["NO ANSWER", FALSE, [CUT], f"{FALSE} NO ANSWER"])
def test_nothing_is_streamed_without_a_models_answer(reply: Reply) -> None:
    assert _streamed(reply)[0] == []
