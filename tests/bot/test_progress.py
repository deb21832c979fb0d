"""The progress of a model's answer, and its cancellation: the bundled report, the real search, and a fake model."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from bot.answers import Answer, Progress
from bot.cancellation import Cancellation, Cancelled
from bot.wiring import Services
from tests.bot.gold_runs import with_model
from tests.bot.llm.fake_chat import FakeChat, Reply

DAY = date(2024, 5, 1)
WHEN = "When is the Summit of the Future?"
RIGHT = "The Summit of the Future is scheduled for 22-23 September 2024 [1]."
PACT = "The Summit will adopt an outcome document entitled ‘A Pact for the Future’ [1]."


def ask(report: Services, question: str, reply: Reply) -> tuple[Answer, list[Progress]]:
    """Ask an assistant whose model replies so; return its answer, and what it reported before."""
    progress: list[Progress] = []
    assistant = with_model(report, "fake:model", FakeChat([reply]).make).assistant
    return assistant.answer(question, as_of=DAY, on_progress=progress.append), progress


def test_progress_counts_what_was_searched_and_checked(report: Services) -> None:
    answer, progress = ask(report, WHEN, f"{RIGHT} Nothing moved to Rome [1]. {PACT}")

    assert progress[0] == Progress(answer.basis.documents)
    assert [one.checked for one in progress] == [0, 1, 2, 3]
    replaced = sum(removed.replaced_by is not None for removed in answer.removed)
    assert (progress[-1].replaced, progress[-1].left_out) == (replaced, len(answer.removed) - replaced)
    assert [(removed.sentence, removed.why) for removed in answer.removed] == [
        ("Nothing moved to Rome.", "the passage does not have “Rome”")
    ]


def test_answer_of_the_register_has_no_progress(report: Services) -> None:
    assert ask(report, "Which deadlines are there in 2024?", RIGHT)[1] == []


class Silence(threading.Event):
    """A pause of the model, in which the work is cancelled."""

    def __init__(self, cancellation: Cancellation) -> None:
        super().__init__()
        self._cancellation = cancellation

    def wait(self, timeout: float | None = None) -> bool:
        self._cancellation.cancel()
        return super().wait(timeout)


def test_cancelled_answer_ends_while_the_model_is_silent(report: Services) -> None:
    cancellation = Cancellation()
    silence = Silence(cancellation)
    with cancellation.of_this_work(), pytest.raises(Cancelled):
        ask(report, WHEN, [silence, RIGHT])
    silence.set()
