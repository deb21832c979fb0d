"""An assistant that says its answer sentence by sentence, as one with a chat model does."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.answering.answer import (
    Answer,
    Confidence,
    Progress,
    ProgressCallback,
    SentenceCallback,
    StreamedSentence,
)
from bot.answering.question import Turn
from bot.slack.core.sending.posting import payload_of
from bot.slack.core.ui.mrkdwn import escape_markdown
from store.jobs import QuestionStore, SlackMessage
from tests.bot.slack.complete_answers import complete_answer
from tests.bot.slack.conftest import Assistant, Start, cited_answer, until_finished
from tests.fake_slack.channels import Message
from tests.fake_slack.slack import FakeSlack

SENTENCES = (
    "The Summit is on 22-23 September 2024. [1]",
    "It is held in New York & nowhere else. [1]",
    "Its outcome is a *Pact for the Future*. [1]",
)


class StreamingAssistant(Assistant):
    """Says each sentence of `says` once its gate is open, then answers with SENTENCES and `rest`, or raises `fails`.

    With `progress` it tells how far it is: first of the search, then of each sentence.
    """

    def __init__(self) -> None:
        # One before each sentence, and one before the end.
        self.gates = [threading.Event() for _ in range(len(SENTENCES) + 1)]
        super().__init__()
        self.rest = ""
        self.progress = False
        self.says: Sequence[str] = SENTENCES
        self.confidence: Confidence = "high"

    @property
    def reply(self) -> Answer:
        """The answer."""
        text = " ".join([*SENTENCES, self.rest]).strip()
        return replace(cited_answer("When?"), text=text, model="fake:model", confidence=self.confidence)

    def hold_after(self, sentences: int) -> None:
        """Let it say so many sentences, and wait."""
        for gate in self.gates[sentences:]:
            gate.clear()

    def go_on(self) -> None:
        """Let it say everything."""
        for gate in self.gates:
            gate.set()

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        on_sentence: SentenceCallback | None = None,
        on_progress: ProgressCallback | None = None,
        **_: Any,
    ) -> Answer:
        self.asked.append((question, list(history)))

        def report(checked: int) -> None:
            if self.progress and on_progress is not None:
                on_progress(Progress(3, checked, left_out=int(checked > 1), read=("Report to Council",)))

        report(0)
        for number, (gate, sentence) in enumerate(zip(self.gates, self.says, strict=False), 1):
            assert gate.wait(60)
            if on_sentence is not None:
                on_sentence(StreamedSentence(f"{' ' if number > 1 else ''}{sentence}", self.reply.citations))
            report(number)
        assert self.gates[-1].wait(60)
        if self.fails is not None:
            raise self.fails
        return self.reply


def question(slack: FakeSlack, message: Message, channel: str = "C1") -> SlackMessage:
    return SlackMessage(slack.team, channel, message["ts"], message["ts"], "U1", "When?")


async def finished_reply(slack: FakeSlack, state: QuestionStore, asked: SlackMessage) -> Message:
    """Wait until the answer is recorded as given, and return its one message."""
    await until_finished(state, asked)
    [reply] = slack.replies(asked.channel, asked.thread)
    return reply


async def mention_with_sentences(
    slack: FakeSlack, start: Start, assistant: StreamingAssistant, sentences: int
) -> Message:
    """Start the bot and mention it; return the mention once so many sentences are streamed."""
    await start()
    assistant.hold_after(sentences)
    asked = await slack.mention("C1", "When?")
    await slack.until(lambda: "".join(slack.streams.texts) == words(sentences))
    return asked


def is_whole(reply: Message, assistant: StreamingAssistant) -> bool:
    """Whether a reply has the whole answer, as it is posted at once or as a stream ends."""
    answer, key = assistant.reply, payload_of(reply).get("question", "")
    posted = complete_answer(answer, key)
    below, text = list(posted.blocks[1:]), html.unescape(re.sub(r"\\(.)", r"\1", reply["text"]))
    ends = reply["blocks"][-len(below) :] == below and reply["blocks"][-len(below) - 1]["type"] == "markdown"
    return reply["blocks"] == list(posted.blocks) or (ends and text.split() == answer.text.split())


def words(sentences: int) -> str:
    """Return what the first sentences look like in a stream."""
    return "".join(f"{escape_markdown(sentence)} " for sentence in SENTENCES[:sentences])
