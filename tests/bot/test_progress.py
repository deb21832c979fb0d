"""The progress of a model's answer, and its cancellation: the bundled report, the real search, and a fake model."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest

from bot.answers import Answer, Progress
from bot.cancellation import Cancellation, Cancelled
from bot.settings import Settings
from bot.wiring import Services, build
from store.audiences import PUBLIC, Audience
from store.records import EVERYBODY
from tests.bot.gold_runs import with_model
from tests.bot.llm.fake_chat import FakeChat, Reply
from tests.small_store import REPORT, HashingEmbedder

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

    assert progress[0] == Progress(answer.basis.documents, read=(answer.citations[0].document,))
    assert [one.checked for one in progress] == [0, 1, 2, 3]
    replaced = sum(removed.replaced_by is not None for removed in answer.removed)
    assert (progress[-1].replaced, progress[-1].left_out) == (replaced, len(answer.removed) - replaced)
    assert [(removed.sentence, removed.why) for removed in answer.removed] == [
        ("Nothing moved to Rome.", "the passage does not have “Rome”")
    ]


@pytest.mark.parametrize(
    ("channel", "read"), [("T1/C1", {"Plan of the ministry", "Report"}), ("T1/C2", {"Report"})]
)
def test_progress_names_a_document_of_a_channel_there_alone(
    tmp_path: Path, channel: Audience, read: set[str]
) -> None:
    own = build(Settings(data_dir=tmp_path / "data", _env_file=None), HashingEmbedder())
    for title, audience in (("Report", EVERYBODY), ("Plan of the ministry", "T1/C1")):
        paper = tmp_path / f"{title}.txt"
        paper.write_text(f"{title}\n\nGeneva, 20 April 2024\n\n{REPORT}")
        own.shared.ingest([paper], audience=audience, export=False)
    seen = with_model(own, "fake:model", FakeChat(["NO ANSWER"]).make).seen_by(PUBLIC | {channel})

    progress: list[Progress] = []
    seen.assistant.answer("How many partners has the Schools Alliance?", on_progress=progress.append)

    assert set(progress[0].read) == read


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
