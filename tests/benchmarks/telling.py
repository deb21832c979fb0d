"""What a language model's answer costs beside the model, and how soon its first sentence is in Slack.

The model is scripted: it writes at once what a capable one would (tests/bot/capable.py), so that what is measured is
the program's own.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bot.answer import Answer
from bot.conversation import Turn
from bot.answer import SentenceCallback
from bot.evaluation import GoldQuestion, percentile
from bot.wiring import Services
from store.state import State
from tests.benchmarks.measures import show
from tests.bot.capable import CapableChat
from tests.bot.llm.fake_chat import Chunk
from tests.bot.gold_runs import AS_OF, gold_questions, with_model
from tests.slack.conftest import Assistant, running
from tests.slack.fake import FakeSlack

_QUESTIONS_TOLD = 40
# Seconds that a model waits for its first sentence to arrive; one that is not let through does not.
_PATIENCE = 2.0


def measure(services: Services) -> None:
    """Measure both over the marked questions about the report that have an answer."""
    questions = [gold for gold in gold_questions() if gold.answerable]
    overhead(services, questions)
    asyncio.run(first_sentences(services, questions[:_QUESTIONS_TOLD]))


def overhead(services: Services, questions: Sequence[GoldQuestion]) -> None:
    """Show the milliseconds that retrieval and verification take of an answer that the model wrote."""
    assistant = with_model(services, "scripted:model", CapableChat(questions).make).assistant
    assistant.warm_up()
    answers = [assistant.answer(gold.question, as_of=AS_OF) for gold in questions]
    written = [a.timings_ms for a in answers if a.answered and a.model == "scripted:model"]
    both = [spent["retrieve"] + spent["verify"] for spent in written]
    show("retrieval and verification of a model's answer, ms, p50", percentile(both, 0.5), "below 60")
    show("  p95", percentile(both, 0.95))
    show("  retrieval, ms, p50", percentile([spent["retrieve"] for spent in written], 0.5))
    show("  verification, ms, p50", percentile([spent["verify"] for spent in written], 0.5))
    show("  all of the answer with a model that takes no time, ms, p50", _total(written))
    show("  answers written by the model", len(written))


async def first_sentences(services: Services, questions: Sequence[GoldQuestion]) -> None:
    """Show the milliseconds from a model's last piece of its first sentence until Slack has the sentence."""
    chat = _Waiting(questions)
    real = _Real(with_model(services, "scripted:model", chat.make))
    slack = FakeSlack()
    await slack.start()
    waited = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            state = State.open(f"sqlite:///{Path(folder) / 'state.db'}")
            async with running(slack, real, state):
                for gold in questions:
                    chat.arrived.clear()
                    chat.wrote = None
                    before = len(slack.calls)
                    asked = await slack.mention("C1", gold.question)
                    thread = asked["ts"]
                    await slack.until(lambda thread=thread: bool(slack.replies("C1", thread)))  # type: ignore[misc]
                    chat.arrived.set()
                    await slack.until(lambda thread=thread: _whole(slack, thread))  # type: ignore[misc]
                    starts = [at for name, _, at in slack.calls[before:] if name == "chat.startStream"]
                    if starts and chat.wrote is not None and chat.first_alone:
                        waited.append(1000 * (starts[0] - chat.wrote))
    finally:
        await slack.stop()
    show("a model's first sentence until Slack has it, ms, p50", percentile(waited, 0.5), "at most 150")
    show("  p95", percentile(waited, 0.95))
    show(f"  of {len(questions)} answers told at their first sentence", len(waited))


def _total(written: Sequence[dict[str, float]]) -> float:
    return percentile([spent["total"] for spent in written], 0.5)


def _whole(slack: FakeSlack, thread: str) -> bool:
    return any("metadata" in reply and "blocks" in reply for reply in slack.replies("C1", thread))


class _Waiting(CapableChat):
    """Writes its first sentence, and the rest once that has arrived.

    `wrote` is when its last piece was written; `first_alone`: the rest waited for it.
    """

    def __init__(self, questions: Sequence[GoldQuestion]) -> None:
        super().__init__(questions)
        self.arrived = threading.Event()
        self.wrote: float | None = None
        self.first_alone = False

    def stream(self, messages: list[tuple[str, str]]) -> Iterator[Chunk]:
        pieces = [str(chunk.content) for chunk in super().stream(messages)]
        first, stop, rest = "".join(pieces).partition("]. ")
        if not stop:
            first, stop = first.removesuffix("]."), "]. "
        yield Chunk(first)
        self.wrote = time.monotonic()
        yield Chunk(stop)
        self.first_alone = self.arrived.wait(_PATIENCE)
        yield Chunk(rest)

    def make(self, name: str, **options: Any) -> _Waiting:
        return self


class _Real(Assistant):
    """The program's own assistant, where the tests' own would stand."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._real = services.assistant

    def warm_up(self) -> None:
        self._real.warm_up()

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        as_of: date | None = None,
        said: SentenceCallback | None = None,
    ) -> Answer:
        return self._real.answer(question, history=history, as_of=AS_OF, said=said)
