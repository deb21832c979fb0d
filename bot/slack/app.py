"""The Slack bot: connects to Slack, serves its workspaces, and stops on a signal.

await run_slack_bot(
    lambda audience: assistant,           # answers the questions of a channel
    QuestionStore.open(sqlite_url(data_dir / "itubot.sqlite")),
    lambda audience: ChannelData(...),    # what commands show in a channel
    SlackOptions(settings, storage, ingest),
)
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import (
    asynccontextmanager,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from functools import partial

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.answering.path import Assistant
from bot.languages import load_language_models
from bot.locales import load_catalogs, use_contact
from bot.slack import transport
from bot.slack.core.errors import TokenRefused
from bot.slack.core.options import ChannelData, SlackOptions
from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.stops import unless_stopped
from bot.slack.features.questions.answering import AnswerQueue, Assistants
from bot.slack.manifest import needed_scopes
from bot.slack.readiness import Readiness, health_routes, metrics_route
from bot.slack.transport import web_server
from bot.slack.workspaces.installed import InstalledWorkspaces
from bot.slack.workspaces.workspace import Workspace, identify
from bot.stopping import end_soon
from store.audiences import Audience
from store.errors import StoreError
from store.jobs import QuestionStore

# Questions and answers are kept for so long. Slack delivers nothing again after an hour.
_KEEP_SECONDS = 30 * 24 * 3600.0

_LOG = logging.getLogger(__name__)


async def run_slack_bot(
    assistant: Callable[[Audience], Assistant],
    question_store: QuestionStore,
    channel_data: Callable[[Audience], ChannelData],
    options: SlackOptions,
    *,
    stop: asyncio.Event | None = None,
    announce: Callable[[str], None] = _LOG.info,
) -> None:
    """Run the bot until SIGTERM or SIGINT (or until `stop` is set, if given), then finish running answers.

    `assistant` and `channel_data` return what a channel may see; both may block. `announce` gets one line when the bot
    is connected and one when it is ready. Raises a BotError or StoreError of one line where the bot cannot run.
    """
    timing = options.timing
    # While these are loaded, nothing can be acknowledged; on a busy machine that is longer than Slack waits.
    load_catalogs()
    load_language_models()
    use_contact(options.settings.contact)
    with _stopped_by_signals(stop) as stopping:
        readiness = Readiness(options.checks, stopping, timing.search_again_after, timing.search_patience)
        async with _status_pages(readiness, options):
            queue = AnswerQueue(options.workers, options.settings.queue, timing.announce_queue_after)
            options.metrics.watch_queue(lambda: queue.waiting, lambda: queue.running)
            with closing(Assistants(assistant, queue)) as assistants:
                make = partial(Workspace, assistants, channel_data)
                connecting = await unless_stopped(_served(make, question_store, options), stopping)
                if connecting is None:
                    return
                served, where = connecting
                try:
                    async with (
                        options.public_pages() as public,
                        _receiving(served, options, readiness, public) as how_connected,
                    ):
                        announce(f"connected to {where} {how_connected}; loading the model")
                        await served.start()
                        forget_every = timing.forget_every
                        await _run(assistants, question_store, forget_every, readiness, stopping, announce)
                        served.stop()
                finally:
                    await served.close()


async def _served(
    make: Callable[..., Workspace], question_store: QuestionStore, options: SlackOptions
) -> tuple[Workspace | InstalledWorkspaces, str]:
    """Return what the bot serves, and its name. Raises TokenRefused or SlackUnreachable."""
    if options.installing is not None:
        return InstalledWorkspaces(make, question_store, options, options.installing), "Slack"
    settings = options.settings
    token = settings.slack_bot_token.get_secret_value()
    clients = SlackClients(token, settings.slack_api_url, options.metrics.slack_error)
    identity = await identify(clients.retrying, needed_scopes(settings))
    return make(question_store, options, clients, identity), identity.team or "Slack"


async def _run(
    assistants: Assistants,
    question_store: QuestionStore,
    forget_every: float,
    readiness: Readiness,
    stopping: asyncio.Event,
    announce: Callable[[str], None],
) -> None:
    """Load the model, then wait for the end; meanwhile remove old questions and answers."""

    async def load() -> None:
        # Without a store or a model the bot cannot run.
        await assistants.warm_up()
        readiness.model_loaded = True
        announce("ready for questions")

    forgetting = asyncio.create_task(_forget(question_store, forget_every))
    try:
        await unless_stopped(load(), stopping)
        await stopping.wait()
    finally:
        forgetting.cancel()


async def _forget(question_store: QuestionStore, forget_every: float) -> None:
    while True:
        try:
            await asyncio.to_thread(question_store.forget, older_than=_KEEP_SECONDS)
        except StoreError as error:
            _LOG.warning("old questions and answers could not be removed: %s", error)
        await asyncio.sleep(forget_every)


@asynccontextmanager
async def _receiving(
    served: Workspace | InstalledWorkspaces,
    options: SlackOptions,
    readiness: Readiness,
    public: Sequence[BaseRoute],
) -> AsyncIterator[str]:
    """Receive events, and serve the `public` routes, while the context is open; yields how the bot is connected."""
    settings = options.settings
    token = settings.slack_app_token.get_secret_value()
    secret = settings.slack_signing_secret.get_secret_value()
    if token and isinstance(served, Workspace):
        # Socket Mode needs no port by itself.
        pages = web_server(Starlette(routes=public), options.host, settings.port, "ITUBOT_PORT")
        async with (
            pages if public else nullcontext(),
            transport.socket_mode(served.app, token) as readiness.connected,
        ):
            yield "by Socket Mode"
    elif secret:
        routes = [*health_routes(readiness), *served.routes, *public]
        async with transport.http_mode(served.dispatch, secret, options.host, settings.port, routes) as port:
            readiness.connected = _listening
            yield f"over HTTP on port {port}"
    else:
        raise TokenRefused(
            "Slack cannot reach the bot: set SLACK_APP_TOKEN for Socket Mode, "
            "or SLACK_SIGNING_SECRET for HTTP mode"
        )


async def _listening() -> bool:
    return True


@asynccontextmanager
async def _status_pages(readiness: Readiness, options: SlackOptions) -> AsyncIterator[None]:
    """Serve the pages for whoever runs the bot, if they have a port, while the context is open."""
    status_port = options.settings.status_port
    if not status_port:
        yield
        return
    pages = Starlette(routes=[*health_routes(readiness), metrics_route(options.metrics)])
    async with web_server(pages, options.host, status_port, "ITUBOT_STATUS_PORT"):
        yield


@contextmanager
def _stopped_by_signals(stop: asyncio.Event | None) -> Iterator[asyncio.Event]:
    """Return the event that ends the bot: the caller's own, else one that SIGTERM and SIGINT set."""
    if stop is not None:
        yield stop
        return
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def on_signal() -> None:
        end_soon()
        stop.set()

    for number in signals:
        loop.add_signal_handler(number, on_signal)
    try:
        yield stop
    finally:
        for number in signals:
            with suppress(ValueError):
                loop.remove_signal_handler(number)
