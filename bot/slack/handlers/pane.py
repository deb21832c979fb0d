"""Greets a person who opens a conversation with the bot, and suggests questions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.access.admission import Admission
from bot.slack.access.channel_data import ChannelData
from bot.slack.background import BackgroundTasks
from bot.slack.blocks.agent import GREETING, PROMPTS_TITLE, Prompt, prompts
from bot.slack.sending.clients import FAILURES, error_code
from bot.slack.sending.posting import Poster, Refused, Undelivered
from store.audiences import Audience, of_channel
from store.errors import StoreError
from store.jobs import QuestionStore, SlackMessage

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedPane:
    """A conversation with the bot that a person opened, at the time `ts`.

    `thread` is the thread of Slack's former assistant view, "" for its agent view, in which the whole direct message is
    the conversation.
    """

    team: str
    channel: str
    user: str
    ts: str
    thread: str = ""


class PaneHandler:
    """Posts a greeting where there was none within a month, and sets the suggested prompts each time.

    `channel_data` returns what a channel may see, and may block. `client` repeats any call.
    """

    def __init__(
        self,
        channel_data: Callable[[Audience], ChannelData],
        question_store: QuestionStore,
        poster: Poster,
        client: AsyncWebClient,
        admission: Admission,
        tasks: BackgroundTasks,
    ) -> None:
        self._channel_data = channel_data
        self._question_store = question_store
        self._poster = poster
        self._client = client
        self._admission = admission
        self._tasks = tasks

    def open(self, pane: OpenedPane) -> None:
        """Start to greet; returns at once."""
        self._tasks.start(self._greet(pane))

    async def _greet(self, pane: OpenedPane) -> None:
        if await self._admission.refusal(pane.user, pane.channel) is not None:
            return
        try:
            suggested = await asyncio.to_thread(self._prompts, of_channel(pane.team, pane.channel))
            key = f"greeting/{pane.team}/{pane.channel}/{pane.thread}"
            if await asyncio.to_thread(self._question_store.claim_event, key):
                await self._poster.post(
                    SlackMessage(pane.team, pane.channel, pane.ts, pane.thread, pane.user, ""),
                    GREETING,
                    "/greeting",
                )
            # In the agent view, a call with a thread has no effect and no error
            # (docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts).
            await self._client.assistant_threads_setSuggestedPrompts(
                channel_id=pane.channel,
                thread_ts=pane.thread or None,
                title=PROMPTS_TITLE,
                prompts=suggested,
            )
        except (StoreError, Refused, Undelivered) as error:
            _LOG.warning("%s is not greeted: %s", pane.channel, error)
        except FAILURES as error:
            _LOG.info("no prompts are suggested in %s: %s", pane.channel, error_code(error))

    def _prompts(self, audience: Audience) -> list[Prompt]:
        data = self._channel_data(audience)
        today = data.today()
        return prompts(data.register(today), data.documents(), today)
