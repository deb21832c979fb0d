"""The Slack bot: reaches Slack, hands questions to the assistant, stops when told to.

How it is wired, from settings to here:

    await serve(
        lambda audience: assistant,     # answer(question, history=..., as_of=..., on_sentence=...) and warm_up()
        QuestionStore.open(sqlite_url(data_dir / "state.sqlite")),
        lambda audience: Library(...),  # what the slash command reads
        daily=Daily(...),               # the digest's channel and hour; None: no digest
        contributions=Contributions(...),  # documents from Slack; None: files are not looked at
        corrections=Corrections(...),   # of the register; None: nobody is offered any
        policy=Policy(...),             # who is answered, and where; None: members, in channels that are not shared
        bot_token="xoxb-...",
        app_token="xapp-...",           # Socket Mode; without it:
        signing_secret="...",           # HTTP mode on `port`
        api_url="https://slack.com/api/",
        port=3000,
    )
"""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import Answerer
from bot.register.digest import Digest, DigestState
from bot.slack import http, listeners, socket_mode
from bot.slack.access.admission import Admission, Policy
from bot.slack.access.rate_limit import RateLimit
from bot.slack.conversation import Conversations
from bot.slack.errors import SlackUnreachable, TokenRefused
from bot.slack.handlers.answer_queue import AnswerQueue
from bot.slack.handlers.commands import CommandDesk, Library
from bot.slack.handlers.entries import Corrections, EntryDesk
from bot.slack.handlers.questions import Desk
from bot.slack.library.handler import Contributions, LibraryDesk
from bot.slack.listeners.admission import Middleware, admitting
from bot.slack.schedule import DigestPoster, DigestSchedule, Timetable
from bot.slack.sending import clients
from bot.slack.sending.posting import Poster
from bot.slack.sending.streaming import Streams
from store.audiences import Audience, of_channel
from store.errors import StoreError
from store.jobs import DigestStore, JobStore, QuestionStore, SlackMessage

SLACK_API = "https://slack.com/api/"

# Seconds: what was answered longer ago is forgotten. Slack delivers nothing again after an hour.
_MEMORY = 30 * 24 * 3600.0

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: see Desk for `beat` and `silent_for`, Streams for `pace`.

    `patience` is for answers in flight at the end, `unannounced` for questions that wait and are not told so.
    `forgetting` lies between removals of what is old.
    """

    beat: float = 3.0
    silent_for: float = 15.0
    patience: float = 25.0
    pace: float = 1.2
    unannounced: float = 2.0
    forgetting: float = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Daily:
    """The daily digest: where, when, and from what; `make` as for a DigestPoster, of what the channel sees."""

    channel: str
    timetable: Timetable
    runs: DigestStore
    make: Callable[[Audience, date, DigestState | None], Digest]


async def serve(
    assistant: Callable[[Audience], Answerer],
    state: QuestionStore,
    library: Callable[[Audience], Library],
    *,
    bot_token: str,
    daily: Daily | None = None,
    contributions: Contributions | None = None,
    corrections: Corrections | None = None,
    policy: Policy | None = None,
    questions_per_minute: int = 0,
    queue: int = 1_000,
    app_token: str | None = None,
    signing_secret: str | None = None,
    api_url: str = SLACK_API,
    host: str = "0.0.0.0",  # noqa: S104  Slack calls from outside; unsigned requests are refused
    port: int = 3000,
    workers: int = 4,
    timing: Timing = Timing(),
    stop: asyncio.Event | None = None,
    announce: Callable[[str], None] = _LOG.info,
) -> None:
    """Run the bot until SIGTERM or SIGINT (or until `stop`, where given), then finish what is in flight.

    `assistant` and `library` return what those in a channel may see; both may block.
    Events are acknowledged while the model is still loading. `workers` answers are made at the same
    time, and `queue` others wait; each person may ask `questions_per_minute` (0: any number). `announce` is told in
    one line when the bot can be reached and when it is ready.
    Raises a BotError or StoreError (one line, for exit code 1) where the bot cannot run.
    """
    client = clients.patient(bot_token, api_url)
    posting = clients.posting(bot_token, api_url)
    quick = clients.impatient(bot_token, api_url)
    identity = await _identify(client)
    bot_user = identity.bot_user_id or identity.user_id or ""
    poster = Poster(posting, client, bot_user)
    desk = Desk(
        assistant,
        state,
        poster,
        Conversations(state, quick, bot_user),
        Streams(quick, poster, state, pace=timing.pace),
        queue=AnswerQueue(workers, queue, timing.unannounced),
        workers=workers,
        beat=timing.beat,
        silent_for=timing.silent_for,
    )
    commands = CommandDesk(library, desk.consult, state, posting)
    entries = EntryDesk(library, corrections, state, client, quick)
    gifts = None
    if contributions is not None:
        gifts = LibraryDesk(
            contributions,
            library,
            partial(_ask, desk),
            poster,
            client,
            quick,
            beat=timing.beat,
            silent_for=timing.silent_for,
        )
    stores: list[JobStore[Any]] = [state, *([contributions.submissions] if contributions else [])]
    admission = Admission(policy or Policy(), quick, identity.team_id or "", identity.enterprise_id or "")
    admit = admitting(admission, RateLimit(questions_per_minute), state, quick)
    app = build_app(client, identity, desk, commands, entries, gifts, admit, signing_secret)
    with _stopped_by_signals(stop) as stopping:
        try:
            async with AsyncExitStack() as stack:
                way = await stack.enter_async_context(_receiving(app, app_token, signing_secret, host, port))
                if daily is not None:
                    team = identity.team_id or ""
                    await stack.enter_async_context(_digests(daily, team, posting, client).running())
                announce(f"connected to {identity.team or 'Slack'} {way}; loading the model")
                await _run(desk, gifts, _forget(stores, timing.forgetting), stopping, announce)
        finally:
            if gifts is not None:
                await gifts.close()
            await asyncio.gather(*(each.close(timing.patience) for each in (commands, entries, desk)))


def build_app(
    client: AsyncWebClient,
    identity: AuthorizeResult,
    desk: Desk,
    commands: CommandDesk,
    entries: EntryDesk,
    gifts: LibraryDesk | None,
    admit: Middleware,
    signing_secret: str | None,
) -> AsyncApp:
    """Return Bolt's application with every listener registered."""

    async def authorize() -> AuthorizeResult:
        return identity

    app = AsyncApp(
        client=client, authorize=authorize, signing_secret=signing_secret or "", logger=_bolt_logger()
    )
    listeners.register(app, desk, commands, entries, gifts, admit)
    return app


async def _ask(desk: Desk, asked: SlackMessage) -> None:
    job = await desk.take(asked)
    if job is not None:
        desk.begin(job)


def _digests(daily: Daily, team: str, posting: AsyncWebClient, reading: AsyncWebClient) -> DigestSchedule:
    make = partial(daily.make, of_channel(team, daily.channel))
    return DigestSchedule(DigestPoster(daily.runs, make, posting, reading, daily.channel), daily.timetable)


async def _forget(stores: Sequence[JobStore[Any]], pause: float) -> None:
    """Remove what is old, now and after each `pause`."""
    while True:
        for store in stores:
            try:
                await asyncio.to_thread(store.forget, older_than=_MEMORY)
            except StoreError as error:
                _LOG.warning("what is old could not be removed: %s", error)
        await asyncio.sleep(pause)


async def _run(
    desk: Desk,
    gifts: LibraryDesk | None,
    forgetting: Coroutine[Any, Any, None],
    stopping: asyncio.Event,
    announce: Callable[[str], None],
) -> None:
    for each in (desk, gifts):
        if each is not None:
            each.look_after()
    housekeeping = asyncio.create_task(forgetting)
    warming = asyncio.create_task(desk.warm_up())
    stopped = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({warming, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if warming.done():
            warming.result()  # Without a store or a model there is nothing to serve.
            announce("ready for questions")
        await stopped
    finally:
        for task in (housekeeping, warming, stopped):
            task.cancel()


@asynccontextmanager
async def _receiving(
    app: AsyncApp, app_token: str | None, signing_secret: str | None, host: str, port: int
) -> AsyncIterator[str]:
    if app_token:
        async with socket_mode.receiving(app, app_token):
            yield "by Socket Mode"
    elif signing_secret:
        async with http.receiving(app, host, port) as bound:
            yield f"over HTTP on port {bound}"
    else:
        raise TokenRefused(
            "Slack cannot reach the bot: set SLACK_APP_TOKEN for Socket Mode, "
            "or SLACK_SIGNING_SECRET for HTTP mode"
        )


async def _identify(client: AsyncWebClient) -> AuthorizeResult:
    """Ask Slack who the bot is. Raises TokenRefused or SlackUnreachable."""
    try:
        response = await client.auth_test()
    except SlackApiError as error:
        word = clients.reason(error)
        if clients.by_rate(error) or clients.own_trouble(error):
            raise SlackUnreachable(f"Slack does not answer now ({word}); try again later") from error
        raise TokenRefused(
            f"Slack refused SLACK_BOT_TOKEN ({word}); copy the Bot User OAuth Token "
            "(xoxb-...) from your app's page OAuth & Permissions"
        ) from error
    except clients.FAILURES as error:
        raise SlackUnreachable(
            f"Slack cannot be reached at {client.base_url} ({error}); check the network and the address"
        ) from error
    return AuthorizeResult.from_auth_test_response(bot_token=client.token, auth_test_response=response)


@contextmanager
def _stopped_by_signals(stop: asyncio.Event | None) -> Iterator[asyncio.Event]:
    """Give the event that ends the bot: the caller's own, else one that SIGTERM and SIGINT set."""
    if stop is not None:
        yield stop
        return
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in signals:
            with suppress(ValueError):
                loop.remove_signal_handler(number)


def _bolt_logger() -> logging.Logger:
    logger = logging.getLogger("slack_bolt")

    # Bolt remarks that the token is also in the environment and in the client: it is the same one.
    def needed(record: logging.LogRecord) -> bool:
        return not re.search(r"`token`.* will be (?:unused|ignored)", record.getMessage())

    logger.addFilter(needed)
    return logger
