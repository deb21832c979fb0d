"""Follows threads in which the bot has answered: decides whether a message without a mention is a question to it.

People also talk to each other there. So when it is not plain that a message asks the bot, and no model says so, the bot
stays silent.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ModelError
from bot.question import Turn
from bot.slack.access.rate_limit import RateLimit
from bot.slack.sending.clients import FAILURES, error_code
from store.jobs import QuestionStore, SlackMessage

_LOG = logging.getLogger(__name__)

# Seconds: Slack may allow a distributed app one call a minute.
_PATIENCE = 3.0
# The most messages since the last answer that are read; with more of them, others have spoken.
_PAGE = 100
_OTHERS_MENTIONED = re.compile(r"(?<!\w)@\w|<!subteam")
# Words for the people in the thread; "Our" is the first word of "Our Common Agenda".
_AMONG_PEOPLE = re.compile(r"\b(?:[Ww]e|us|our|[Ll]et[’']s|(?:any|every)(?:one|body)|guys|folks)\b")
_QUESTION = re.compile(r"\?(?=[\s\"'”’)]|$)")

# Decides with a model whether a message asks the assistant; blocks, and raises ModelError.
AsksAssistant = Callable[[str, Sequence[Turn]], bool]
# Returns why a person may not ask in a channel, None if they may.
Refusal = Callable[[str, str], Awaitable[str | None]]
Addressee = Literal["bot", "unsure", "others"]


def may_ask_bot(text: str) -> bool:
    """Return False for a message that is plainly for others: it is empty, or mentions somebody."""
    return bool(text) and not _OTHERS_MENTIONED.search(text)


def addressee(text: str, *, others_spoke: bool) -> Addressee:
    """Return to whom a message is put. `others_spoke`: since the last answer, others than its author have written."""
    if not may_ask_bot(text):
        return "others"
    asks = _QUESTION.search(text) is not None and not _AMONG_PEOPLE.search(text)
    signs = asks, not others_spoke
    return "bot" if all(signs) else "unsure" if any(signs) else "others"


class ThreadFollower:
    """Decides on messages in followed threads. `client` must not retry, so that a refusal costs no time."""

    def __init__(
        self,
        question_store: QuestionStore,
        client: AsyncWebClient,
        bot_user: str,
        refusal: Refusal,
        limit: RateLimit,
        asks_assistant: AsksAssistant | None,
    ) -> None:
        self._question_store = question_store
        self._client = client
        self._bot_user = bot_user
        self._refusal = refusal
        self._limit = limit
        self._asks_assistant = asks_assistant

    async def follows(self, message: SlackMessage) -> bool:
        """Return True for a message that may ask the bot, in a thread in which it has answered. Raises StoreError."""
        if not may_ask_bot(message.text):
            return False
        return await asyncio.to_thread(self._question_store.last_answer, message) is not None

    async def is_question(self, message: SlackMessage, history: Sequence[Turn]) -> bool:
        """Return True if a message is a question to the bot, of somebody who may ask now. Raises StoreError."""
        if await self._refusal(message.user, message.channel) is not None:
            return False
        return await self._asks_bot(message, history) and not self._limit.wait(message.user, message.key)

    async def _asks_bot(self, message: SlackMessage, history: Sequence[Turn]) -> bool:
        last_answer = await asyncio.to_thread(self._question_store.last_answer, message)
        if last_answer is None:
            return False
        others_spoke = await self._others_spoke(message, last_answer)
        if others_spoke is None:
            return False
        put_to = addressee(message.text, others_spoke=others_spoke)
        if put_to == "others" or self._asks_assistant is None:
            return put_to == "bot"
        try:
            return await asyncio.to_thread(self._asks_assistant, message.text, history)
        except ModelError as error:
            _LOG.warning("whether %s asks the bot is decided without the model: %s", message.key, error)
            return put_to == "bot"

    async def _others_spoke(self, message: SlackMessage, since: str) -> bool | None:
        """Return whether others have written in the thread since then; None if Slack does not say."""
        try:
            async with asyncio.timeout(_PATIENCE):
                page = await self._client.conversations_replies(
                    channel=message.channel,
                    ts=message.thread,
                    oldest=since,
                    latest=message.ts,
                    limit=_PAGE,
                )
        except FAILURES as error:
            _LOG.info("the thread %s cannot be read: %s", message.thread, error_code(error))
            return None
        return bool(page.get("has_more")) or self._is_of_others(page.get("messages") or [], message, since)

    def _is_of_others(self, messages: Iterable[Mapping[str, Any]], message: SlackMessage, since: str) -> bool:
        return any(
            since < str(one.get("ts")) < message.ts and one.get("user") not in (message.user, self._bot_user)
            for one in messages
        )
