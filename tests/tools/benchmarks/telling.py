"""What a language model's answer costs beside the model, and how soon its first sentence is in Slack.

Model and judge say at once, over the wire, what capable ones once wrote (tests/recordings.py), so that what is measured
is the program's own.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.evaluation.measurement import percentile
from bot.evaluation.questions import GoldQuestion
from bot.wiring import Services
from store.jobs import QuestionStore
from tests.bot.gold_runs import AS_OF, gold_questions, with_model, with_recordings
from tests.bot.slack.conftest import running
from tests.bot.slack.features.questions.real_assistant import RealAssistant
from tests.fake_slack.slack import FakeSlack
from tests.model_server import NAME, serving
from tests.recordings import Recordings
from tests.tools.benchmarks.measures import show

_QUESTIONS_TOLD = 40
# Seconds that a model waits for its first sentence to arrive; one that is not let through does not.
_SENTENCE_SECONDS = 2.0


def measure(services: Services) -> None:
    """Measure both over the marked questions about the report that have an answer."""
    questions = [gold for gold in gold_questions() if gold.answerable]
    overhead(services, questions)
    asyncio.run(first_sentences(services, questions[:_QUESTIONS_TOLD]))


def overhead(services: Services, questions: Sequence[GoldQuestion]) -> None:
    """Show the milliseconds that retrieval and hard checks take of an answer that the model wrote."""
    with with_recordings(services) as (own, _):
        own.assistant.warm_up()
        answers = [own.assistant.answer(gold.question, as_of=AS_OF) for gold in questions]
    written = [a.timings_ms for a in answers if a.answered and a.judged is not None]
    both = [spent["retrieve"] + spent["verify"] for spent in written]
    show("retrieval and hard checks of a model's answer, ms, p50", percentile(both, 0.5), "below 40")
    show("  p95", percentile(both, 0.95))
    show("  retrieval, ms, p50", percentile([spent["retrieve"] for spent in written], 0.5))
    show("  hard checks, ms, p50", percentile([spent["verify"] for spent in written], 0.5))
    show("  all of the answer with a model and a judge that take no time, ms, p50", _total(written))
    show("  answers written by the model", len(written))


async def first_sentences(services: Services, questions: Sequence[GoldQuestion]) -> None:
    """Show the milliseconds from the judge's word on a model's first sentence until Slack has the sentence."""
    model = _Waiting()
    slack = FakeSlack()
    await slack.start()
    waited = []
    with serving(model.reply) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        real = RealAssistant(with_model(services, NAME).assistant)
        try:
            with tempfile.TemporaryDirectory() as folder:
                state = QuestionStore.open(f"sqlite:///{Path(folder) / 'state.db'}")
                async with running(slack, real, state):
                    for gold in questions:
                        model.arrived.clear()
                        model.judged = None
                        before = len(slack.calls)
                        asked = await slack.mention("C1", gold.question)
                        thread = asked["ts"]
                        await slack.until(lambda thread=thread: bool(slack.replies("C1", thread)))  # type: ignore[misc]
                        model.arrived.set()
                        await slack.until(lambda thread=thread: _whole(slack, thread))  # type: ignore[misc]
                        starts = [at for name, _, at in slack.calls[before:] if name == "chat.startStream"]
                        if starts and model.judged is not None and model.first_alone:
                            waited.append(1000 * (starts[0] - model.judged))
        finally:
            await slack.stop()
    show(
        "the judge's word until Slack has the first sentence, ms, p50", percentile(waited, 0.5), "at most 150"
    )
    show("  p95", percentile(waited, 0.95))
    show(f"  of {len(questions)} answers told at their first sentence", len(waited))


def _total(written: Sequence[dict[str, float]]) -> float:
    return percentile([spent["total"] for spent in written], 0.5)


def _whole(slack: FakeSlack, thread: str) -> bool:
    return any("metadata" in reply and "blocks" in reply for reply in slack.replies("C1", thread))


class _Waiting:
    """A model that writes its first sentence, and the rest once that has arrived; its judge says yes at once.

    `judged` is when the judge's first word was sent; `first_alone`: the rest waited for the first sentence.
    """

    def __init__(self) -> None:
        self.recordings = Recordings()
        self.arrived = threading.Event()
        self.judged: float | None = None
        self.first_alone = False

    def reply(self, messages: list[str]) -> str | int | Iterator[str]:
        said = self.recordings.reply(messages)
        if not isinstance(said, str):
            return said
        if messages[-1].rstrip().endswith("yes or no."):
            self.judged = self.judged or time.monotonic()
            return said
        return self._pieces(said)

    def _pieces(self, said: str) -> Iterator[str]:
        first, stop, rest = said.partition("]. ")
        yield first.removesuffix("].") if not stop else first
        yield "]. "
        self.first_alone = self.arrived.wait(_SENTENCE_SECONDS)
        yield rest
