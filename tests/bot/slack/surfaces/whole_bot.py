"""A bot with everything that it can do, over a library of its own, and those who use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.register.following import reminder_day
from bot.register.wording import stored_dating
from bot.settings import Settings
from bot.wiring import build
from ingest.drafts import read_draft
from store.jobs import (
    ExpertQuestionStore,
    KnownDates,
    QuestionStore,
    Reminder,
    ReminderStore,
    Subscription,
    SubscriptionStore,
)
from store.records import EVERYBODY
from tests.bot.register_entries import AS_OF
from tests.bot.slack.conftest import running
from tests.bot.slack.features.library.real_library import RealLibrary, address_on_loopback
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.bot.slack.options import at
from tests.bot.slack.refusing_assistant import EXPERTS
from tests.bot.slack.surfaces.knowing_assistant import KnowingAssistant
from tests.bot.slack.surfaces.scene import Scene
from tests.bot.slack.surfaces.surfaces import COMMENTS, HOSTILE, SURFACES
from tests.bot.slack.test_transport import start_http
from tests.fake_slack.events import Envelope
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import open_jobs, until_stored

# More documents than a page of the Home tab has.
MANY = 25
# Of a Monday in whose week a date is due, after the hour of digests, in UTC.
NOON = "2024-05-27T10:00"
NUMBERS = {name: number for number, name in enumerate(SURFACES, 100)}
USERS = [f"U{number}" for number in NUMBERS.values()]

Scenes = Callable[[str], Scene]
# That of the calendars.
ADDRESS = {"public_url": "https://bot.example.org"}
# Things that people do at the same time. A busy machine could not acknowledge more of them in three seconds, and Slack
# sends no press again.
_AT_ONCE = 8


@asynccontextmanager
async def whole_bot(slack: FakeSlack, folder: Path, transport: str, **settings: Any) -> AsyncIterator[Scenes]:
    """Run the bot with everything that it can do, on a day before the summit; gives the scene of each surface.

    `settings` are in place of those that switch everything on.
    """
    library, database = RealLibrary(folder), database_url(folder)
    assistant = KnowingAssistant(library)
    state = QuestionStore.open(database)
    experts = ExpertQuestionStore.beside(state)
    services = build(Settings(data_dir=folder, _env_file=None, **ADDRESS), library.store.embedder)
    papers = folder / "papers"
    papers.mkdir()
    for number in range(MANY):
        (papers / f"{number}.txt").write_bytes(HOSTILE.replace(b"1.1", f"{number}.1".encode()))
    # The first version of the report.
    (papers / "report.txt").write_bytes(HOSTILE.replace(b"eighty", b"seventy"))
    await asyncio.to_thread(library.store.ingest, papers)
    due_by_the_clock(slack.team, library, state)
    async with AsyncExitStack() as stack:

        async def start(**options: Any) -> Any:
            bot = running(slack, assistant, state, **options)
            return await stack.enter_async_context(bot)

        async def start_here(**options: Any) -> Any:
            return await (start_http(slack, start, **options) if transport == "http" else start(**options))

        everything = {
            "assistants": assistant.seen_by,
            "experts_channel": EXPERTS,
            "asks_assistant": lambda _message, _history: True,
            "calendars": services.shared.calendars,
            **ADDRESS,
        }
        await Register(slack, library, start_here).open(
            *USERS,
            text=HOSTILE,
            storage=library.storage,
            ingest=library.ingest,
            fetch=library.fetch,
            source_address=address_on_loopback,
            read_draft=read_draft,
            clock=at(NOON),
            **everything | settings,
        )
        assistant.hold()
        yield lambda name: Scene(slack, assistant, experts, f"U{NUMBERS[name]}", f"C{NUMBERS[name]}")
    services.shared.close()
    library.store.close()


async def use_all(scenes: Scenes, *, without: Container[str] = ()) -> None:
    """Use every surface, or all but some."""
    await several_at_once(surface(scenes(name)) for name, surface in SURFACES.items() if name not in without)


async def several_at_once(everything: Iterable[Awaitable[Any]]) -> None:
    """Await all of it, some at a time."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(thing: Awaitable[Any]) -> None:
        async with turn:
            await thing

    async with asyncio.TaskGroup() as group:
        for thing in everything:
            group.create_task(one(thing))


def due_by_the_clock(team: str, library: RealLibrary, state: QuestionStore) -> None:
    """Store a reminder that is due, and subscriptions whose digest is due or which know another date."""
    number = NUMBERS["sent_by_the_clock"]
    user, channel, direct = f"U{number}", f"C{number}", f"D{number}"
    register = library.channel_data(EVERYBODY).register(AS_OF)
    summit, comments = (
        next(entry for entry in register if entry.title.startswith(title)) for title in (SUMMIT, COMMENTS)
    )
    since = datetime(2024, 5, 26, tzinfo=UTC).timestamp()
    # Half a year before the summit, and so due since March.
    day, dates = reminder_day(summit), stored_dating([summit])
    ReminderStore.beside(state).add(
        Reminder("r1", team, user, direct, summit.chain_id, 180, SUMMIT, day, dates)
    )
    known = {comments.chain_id: KnownDates(COMMENTS, "1 June 2024", "2024-06-01")}
    for key, topic, knew in (("s1", "", {}), ("s2", "draft", known)):
        subscribed = Subscription(key, team, channel, user, "daily", topic, "", since, -1, knew)
        SubscriptionStore.beside(state).add(subscribed, None)


async def repeated(slack: FakeSlack, folder: Path, envelopes: Iterable[Envelope]) -> None:
    """Deliver all of this again, and wait until nothing is left to do."""
    await several_at_once(slack.repeat(envelope) for envelope in envelopes)
    await until_stored(lambda: open_jobs(QuestionStore.open(database_url(folder))) == 0)
