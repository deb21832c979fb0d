"""A fake Slack, an assistant to look into, and the bot between them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.answering.answer import Answer, Basis
from bot.answering.question import Turn
from bot.register.digest import build_digest
from bot.slack.app import run_slack_bot
from bot.slack.core.options import ChannelData, Timing
from store.jobs import QuestionStore, SlackMessage
from store.records import Citation, Document
from tests.bot.register_entries import spring
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.options import slack_options
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import stored_outcome, until_stored

QUOTE = "The Summit of the Future will be held on 22-23 September 2024 in New York."


# On a busy machine the tests' event loop, which has Slack too, may not run for seconds.
PATIENT = Timing(
    renew_every=0.2,
    lease_seconds=30.0,
    shutdown_patience=15.0,
    stream_every=0.0,
    # A question that waits is told its place, which a test would take for the answer.
    announce_queue_after=100.0,
    admission_patience=30.0,
    window_after=30.0,
    update_upload_every=0.0,
    notify_after=1000.0,
    announce_check_after=100.0,
    busy_pause=0.01,
)
# Seconds that what blocks waits for the test at the most.
_HELD = 100.0
# The day that it is for commands.
TODAY = date(2024, 5, 1)
REPORT = Document("report.txt", "report.txt", "Report to Council", date=date(2024, 4, 29))


def unused(*_: object) -> Any:
    raise AssertionError("nothing is compared, corrected, checked or written")


def channel_data(today: date = TODAY) -> ChannelData:
    """Return what commands read: the register of a spring, as of a day."""
    return ChannelData(
        today=lambda: today,
        register=lambda _day: spring(),
        documents=lambda: [REPORT],
        digest_since=lambda day, previous, *_: build_digest([], day, previous=previous),
        brief=unused,
        changes=unused,
        check=unused,
        source=lambda _citation, _section_id: None,
        correct=unused,
        undo=unused,
    )


def cited_answer(question: str) -> Answer:
    """Return an answer that repeats its question, cited."""
    citation = Citation(1, "report.txt", "Report to Council", None, "2.2", "Summit", 3, QUOTE)
    basis = Basis(1, "Report to Council", date(2024, 4, 29))
    return Answer(
        question=question,
        standalone_question=question,
        text=f"You asked: {question} [1]",
        answered=True,
        as_of=date(2024, 5, 1),
        basis=basis,
        citations=(citation,),
    )


class Assistant:
    """Answers by repeating the question; remembers what it was asked, and waits or fails when told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[Turn]]] = []
        self.fails: Exception | None = None
        self.go = threading.Event()
        self.loaded = threading.Event()
        self.go_on()
        self.loaded.set()
        self.width = self.widest = 0
        self._changed = threading.Condition()

    def go_on(self) -> None:
        """Let it answer, if it was told to wait."""
        self.go.set()

    def warm_up(self) -> None:
        assert self.loaded.wait(_HELD)

    def answer(self, question: str, *, history: Sequence[Turn] = (), **_: Any) -> Answer:
        with self._changed:
            self.asked.append((question, list(history)))
            self.width += 1
            self.widest = max(self.widest, self.width)
            self._changed.notify_all()
        try:
            assert self.go.wait(_HELD)
            if self.fails is not None:
                raise self.fails
            return cited_answer(question)
        finally:
            with self._changed:
                self.width -= 1

    async def until_at_work_on(self, width: int) -> None:
        """Wait until so many questions are being answered at the same time."""
        await self._until(lambda: self.width >= width)

    async def until_asked(self, count: int) -> None:
        """Wait until it has been asked so many questions."""
        await self._until(lambda: len(self.asked) >= count)

    async def _until(self, happened: Callable[[], bool]) -> None:
        def wait() -> None:
            with self._changed:
                assert self._changed.wait_for(happened, _HELD)

        await asyncio.to_thread(wait)

    @property
    def questions(self) -> list[str]:
        return [question for question, _ in self.asked]


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture
def state(tmp_path: Path) -> QuestionStore:
    return QuestionStore.open(database_url(tmp_path))


async def until_finished(state: QuestionStore, asked: SlackMessage) -> None:
    """Wait until a question has an outcome."""
    await until_stored(lambda: stored_outcome(state, asked) is not None)


@asynccontextmanager
async def running(
    slack: FakeSlack, assistant: Any, state: QuestionStore, announced: list[str] | None = None, **changes: Any
) -> AsyncIterator[asyncio.Task[None]]:
    """Run the bot; it is reachable when the context is entered, and stopped when it is left.

    What it announces is added to `announced`.
    """
    reachable, stop = asyncio.Event(), changes.pop("stop", None) or asyncio.Event()

    def announce(line: str) -> None:
        if announced is not None:
            announced.append(line)
        reachable.set()

    assistants = changes.pop("assistants", None) or (lambda _audience: assistant)
    read = changes.pop("channel_data", None) or channel_data()
    options = {
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.url,
        "timing": PATIENT,
    } | changes
    bot = run_slack_bot(
        assistants,
        state,
        # Some tests have one library for all.
        read if callable(read) else lambda _audience: read,
        slack_options(**options),
        stop=stop,
        announce=announce,
    )
    task = asyncio.create_task(bot)
    waiting = asyncio.create_task(reachable.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    try:
        yield task
    finally:
        stop.set()
        assistant.go_on()
        await asyncio.gather(task, return_exceptions=True)
        # Only now: a bot that is told to stop while it loads does not wait for that.
        assistant.loaded.set()


Start = Callable[..., Awaitable[asyncio.Task[None]]]


@pytest.fixture
async def start(slack: FakeSlack, assistant: Assistant, state: QuestionStore) -> AsyncIterator[Start]:
    """Start the bot with changed options, as often as wanted; each is stopped at the end."""
    async with AsyncExitStack() as stack:

        async def begin(**changes: Any) -> asyncio.Task[None]:
            mine = changes.pop("state", state)
            return await stack.enter_async_context(running(slack, assistant, mine, **changes))

        yield begin


@pytest.fixture
async def bot(start: Start) -> asyncio.Task[None]:
    """The bot, running in Socket Mode."""
    return await start()


@pytest.fixture
def library(tmp_path: Path) -> RealLibrary:
    return RealLibrary(tmp_path)


@pytest.fixture
def run(start: Start, library: RealLibrary) -> Start:
    """Start the bot with a library that takes files in; the arguments are those who may give them."""

    async def begin(*users: str, **changes: Any) -> asyncio.Task[None]:
        return await start(**library.options(*users) | changes)

    return begin
