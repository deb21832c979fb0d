"""The Slack bot: connects to Slack, wires handlers and listeners, and stops on a signal.

await serve(
    lambda audience: assistant,           # answers the questions of a channel
    QuestionStore.open(sqlite_url(data_dir / "state.sqlite")),
    lambda audience: ChannelData(...),    # what commands show in a channel
    bot_token="xoxb-...",
    app_token="xapp-...",                 # Socket Mode; without it signing_secret and port: HTTP mode
)
"""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
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
from bot.slack import listeners, transport
from bot.slack.access.admission import Admission, Policy
from bot.slack.access.channel_data import ChannelData
from bot.slack.access.rate_limit import RateLimit
from bot.slack.digest_schedule import DigestPoster, DigestSchedule, Timetable
from bot.slack.errors import SlackUnreachable, TokenRefused
from bot.slack.handlers import CommandHandler, EntryHandler, Handlers, QuestionHandler, UploadHandler
from bot.slack.handlers.answer_queue import AnswerQueue
from bot.slack.handlers.entries import Corrections
from bot.slack.handlers.history import ConversationHistory
from bot.slack.handlers.uploads import UploadOptions
from bot.slack.listeners.middleware import admission_middleware
from bot.slack.sending import clients
from bot.slack.sending.posting import Poster
from bot.slack.sending.streaming import Streams
from store.audiences import Audience, of_channel
from store.errors import StoreError
from store.jobs import DigestStore, JobStore, QuestionStore, SlackMessage

SLACK_API = "https://slack.com/api/"

# Seconds for which questions and answers are kept. Slack delivers nothing again after an hour.
_KEPT = 30 * 24 * 3600.0

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: see QuestionHandler for `beat` and `silent_for`, Streams for `pace`, AnswerQueue for `unannounced`.

    `patience` is for running answers at shutdown, `forgetting` lies between removals of old questions.
    """

    beat: float = 3.0
    silent_for: float = 15.0
    patience: float = 25.0
    pace: float = 1.2
    unannounced: float = 2.0
    forgetting: float = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Daily:
    """The daily digest: its channel, timetable and record; `make` as for a DigestPoster, of what the channel sees."""

    channel: str
    timetable: Timetable
    runs: DigestStore
    make: Callable[[Audience, date, DigestState | None], Digest]


async def serve(
    assistant: Callable[[Audience], Answerer],
    state: QuestionStore,
    channel_data: Callable[[Audience], ChannelData],
    *,
    bot_token: str,
    daily: Daily | None = None,
    uploads: UploadOptions | None = None,
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
    """Run the bot until SIGTERM or SIGINT (or until `stop` is set, if given), then finish running answers.

    `assistant` and `channel_data` return what a channel may see; both may block. `workers` questions are answered at
    the same time, and `queue` others wait; each user may ask `questions_per_minute` (0: any number). `announce` gets
    one line when the bot is connected and one when it is ready. Raises a BotError or StoreError of one line where the
    bot cannot run.
    """
    client = clients.retrying(bot_token, api_url)
    posting = clients.posting(bot_token, api_url)
    unretried = clients.unretried(bot_token, api_url)
    identity = await _identify(client)
    bot_user, team = identity.bot_user_id or identity.user_id or "", identity.team_id or ""
    poster = Poster(posting, client, bot_user)
    leases = {"beat": timing.beat, "silent_for": timing.silent_for}
    questions = QuestionHandler(
        assistant,
        state,
        poster,
        ConversationHistory(state, unretried, bot_user),
        Streams(unretried, poster, state, pace=timing.pace),
        queue=AnswerQueue(workers, queue, timing.unannounced),
        workers=workers,
        **leases,
    )

    async def ask(asked: SlackMessage) -> None:
        job = await questions.claim(asked)
        if job is not None:
            questions.submit(job)

    handlers = Handlers(
        questions,
        CommandHandler(channel_data, questions, state, posting),
        EntryHandler(channel_data, corrections, state, client, unretried),
        UploadHandler(uploads, channel_data, ask, poster, client, unretried, **leases) if uploads else None,
    )
    stores: list[JobStore[Any]] = [state, *([uploads.submissions] if uploads else [])]
    admission = Admission(policy or Policy(), unretried, team, identity.enterprise_id or "")
    admit = admission_middleware(admission, RateLimit(questions_per_minute), state, unretried)
    app = _bolt_app(client, identity, signing_secret)
    listeners.register(app, handlers, admit)
    with _stopped_by_signals(stop) as stopping:
        try:
            async with AsyncExitStack() as stack:
                way = await stack.enter_async_context(_receiving(app, app_token, signing_secret, host, port))
                if daily is not None:
                    make = partial(daily.make, of_channel(team, daily.channel))
                    digests = DigestPoster(daily.runs, make, posting, client, daily.channel)
                    await stack.enter_async_context(DigestSchedule(digests, daily.timetable).running())
                announce(f"connected to {identity.team or 'Slack'} {way}; loading the model")
                questions.start()
                if handlers.uploads is not None:
                    handlers.uploads.start()
                await _run(questions, stores, timing.forgetting, stopping, announce)
        finally:
            if handlers.uploads is not None:
                await handlers.uploads.close()
            finishing = (handlers.commands.close, handlers.entries.close, questions.close)
            await asyncio.gather(*(close(timing.patience) for close in finishing))


async def _run(
    questions: QuestionHandler,
    stores: Sequence[JobStore[Any]],
    forgetting: float,
    stopping: asyncio.Event,
    announce: Callable[[str], None],
) -> None:
    """Load the model, then wait for the end; meanwhile remove old questions and answers."""
    housekeeping = asyncio.create_task(_forget(stores, forgetting))
    warming = asyncio.create_task(questions.warm_up())
    stopped = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({warming, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if warming.done():
            warming.result()  # Without a store or a model the bot cannot run.
            announce("ready for questions")
        await stopped
    finally:
        for task in (housekeeping, warming, stopped):
            task.cancel()


async def _forget(stores: Sequence[JobStore[Any]], pause: float) -> None:
    while True:
        for store in stores:
            try:
                await asyncio.to_thread(store.forget, older_than=_KEPT)
            except StoreError as error:
                _LOG.warning("old questions and answers could not be removed: %s", error)
        await asyncio.sleep(pause)


def _bolt_app(client: AsyncWebClient, identity: AuthorizeResult, signing_secret: str | None) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return identity

    # Bolt remarks that the token is also in the environment and in the client: it is the same one.
    def is_needed(record: logging.LogRecord) -> bool:
        return not re.search(r"`token`.* will be (?:unused|ignored)", record.getMessage())

    logger = logging.getLogger("slack_bolt")
    logger.addFilter(is_needed)
    return AsyncApp(client=client, authorize=authorize, signing_secret=signing_secret or "", logger=logger)


@asynccontextmanager
async def _receiving(
    app: AsyncApp, app_token: str | None, signing_secret: str | None, host: str, port: int
) -> AsyncIterator[str]:
    """Receive events while the context is open; gives the way in words."""
    if app_token:
        async with transport.socket_mode(app, app_token):
            yield "by Socket Mode"
    elif signing_secret:
        async with transport.http_mode(app, host, port) as bound:
            yield f"over HTTP on port {bound}"
    else:
        raise TokenRefused(
            "Slack cannot reach the bot: set SLACK_APP_TOKEN for Socket Mode, "
            "or SLACK_SIGNING_SECRET for HTTP mode"
        )


async def _identify(client: AsyncWebClient) -> AuthorizeResult:
    """Return the bot's identity. Raises TokenRefused or SlackUnreachable."""
    try:
        response = await client.auth_test()
    except clients.FAILURES as error:
        code = clients.error_code(error)
        if not isinstance(error, SlackApiError):
            raise SlackUnreachable(
                f"Slack cannot be reached at {client.base_url} ({code}); check the network and the address"
            ) from error
        if clients.is_transient(error):
            raise SlackUnreachable(f"Slack does not answer now ({code}); try again later") from error
        raise TokenRefused(
            f"Slack refused SLACK_BOT_TOKEN ({code}); copy the Bot User OAuth Token "
            "(xoxb-...) from your app's page OAuth & Permissions"
        ) from error
    return AuthorizeResult.from_auth_test_response(bot_token=client.token, auth_test_response=response)


@contextmanager
def _stopped_by_signals(stop: asyncio.Event | None) -> Iterator[asyncio.Event]:
    """Return the event that ends the bot: the caller's own, else one that SIGTERM and SIGINT set."""
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
