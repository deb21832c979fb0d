"""The conversation before a question, and whether a message without a mention continues it.

History is the bot's own record, and messages of others in the thread. In a thread in which the bot has answered people
also talk to each other, in words that no rule tells from a question to the bot. So a model decides; without one no
thread is followed, and where it fails, the bot stays silent.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.answering.question import Turn
from bot.errors import ModelError
from bot.locales import in_each_language, in_language
from bot.slack.core.people import Names
from bot.slack.core.sending.clients import FAILURES, error_code
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.messages import hello
from bot.slack.core.ui.mrkdwn import to_plain_text
from store.jobs import ConversationMessage, QuestionStore, SlackMessage

_LOG = logging.getLogger(__name__)

# Earlier turns only mislead a follow-up.
_MOST_TURNS = 20
# Of one call; Slack may return fewer.
_PAGE_MESSAGES = 200
# How long before a question a thread is read: of a long one, so late that Slack returns all of it at once.
_SINCE_SECONDS = (math.inf, 24 * 3600.0, 3600.0, 300.0, 60.0)
# So few are only the beginning of the thread, which Slack returns always, and the question.
_FEW_MESSAGES = 2
# Within this time a direct message that begins a thread continues the conversation of the threads before it:
# people write a follow-up below an answer as often as in its thread.
_SITTING_SECONDS = 3600.0
# Slack may allow a distributed app one call a minute; a follow-up does not wait for that.
_PATIENCE_SECONDS = 3.0

_OTHERS_MENTIONED = re.compile(r"(?<!\w)@\w|<!subteam")
# Decides with a model whether a message asks the assistant; blocks, and raises ModelError.
AsksAssistant = Callable[[str, Sequence[Turn]], bool]


@dataclass(frozen=True, slots=True)
class ConversationHistory:
    """Reads a question and the turns before it. `client` must not retry, so that a refusal costs no time."""

    question_store: QuestionStore
    client: AsyncWebClient
    names: Names
    bot_user: str

    async def read(self, question: SlackMessage) -> tuple[str, list[Turn]]:
        """Return the text of `question` and the turns before it, oldest first, with names in place of ids.

        Messages that Slack does not return are left out.
        """
        turns = await self._before(question)
        text, *texts = await self.names.put_in(question.text, *(turn.text for turn in turns))
        return text, [replace(turn, text=named) for turn, named in zip(turns, texts, strict=True)]

    async def _before(self, question: SlackMessage) -> list[Turn]:
        in_thread = question.thread not in ("", question.ts)
        seconds = _SITTING_SECONDS if question.is_direct and not in_thread else None
        recorded = await asyncio.to_thread(self.question_store.conversation, question, seconds=seconds)
        messages = await self._thread(question) if in_thread else []
        return merge_turns(recorded, messages, before=question.ts, bot_user=self.bot_user)

    async def _thread(self, question: SlackMessage) -> list[Mapping[str, Any]]:
        """Return a thread's messages before `question`, of a long one the newest: Slack begins with the oldest."""
        found: list[Mapping[str, Any]] = []
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                for seconds in _SINCE_SECONDS:
                    page = await self.client.conversations_replies(
                        channel=question.channel,
                        ts=question.thread,
                        oldest=f"{max(0.0, float(question.ts) - seconds):.6f}",
                        latest=question.ts,
                        limit=_PAGE_MESSAGES,
                    )
                    messages = page.get("messages") or []
                    if len(messages) <= _FEW_MESSAGES and found:
                        break
                    found = messages
                    if not page.get("has_more"):
                        break
        except FAILURES as error:
            _LOG.warning("the thread could not be read (%s); using own turns", error_code(error))
        return found


def merge_turns(
    recorded: Iterable[ConversationMessage],
    messages: Iterable[Mapping[str, Any]],
    *,
    before: str,
    bot_user: str,
) -> list[Turn]:
    """Return the latest turns of a conversation by time, from the record and from Slack's messages.

    Recorded, later, empty and other bots' messages are left out; the bot's own count only where the record has none.
    """
    turns = {turn.ts: Turn(turn.speaker, turn.text) for turn in recorded if turn.text}
    remembers = any(turn.speaker == "assistant" for turn in turns.values())
    for message in messages:
        ts = message.get("ts", "")
        text = to_plain_text(message.get("text") or "", without=bot_user)
        own = message.get("user") == bot_user
        if not text or ts >= before or ts in turns or (own and (remembers or text.startswith(_greetings()))):
            continue
        if message.get("subtype") not in (None, "thread_broadcast"):
            continue
        if own:
            turns[ts] = Turn("assistant", text)
        elif not message.get("bot_id"):
            turns[ts] = Turn("user", text)
    return [turns[ts] for ts in sorted(turns)][-_MOST_TURNS:]


def _greetings() -> tuple[str, ...]:
    """Return how the greeting begins in each language."""
    with in_language("en"):
        return tuple(in_each_language(hello()))


@dataclass(frozen=True, slots=True)
class ThreadFollower:
    """Decides on messages in followed threads."""

    services: WorkspaceServices
    asks_assistant: AsksAssistant

    async def follows(self, message: SlackMessage) -> bool:
        """Return True for a message that mentions nobody, in a thread with an answer. Raises StoreError."""
        if not message.text or _OTHERS_MENTIONED.search(message.text):
            return False
        return await asyncio.to_thread(self.services.question_store.has_answer, message)

    async def is_question(self, message: SlackMessage, history: Sequence[Turn]) -> bool:
        """Return True if a message is a question to the bot, of somebody who may ask now."""
        if await self.services.admission.refusal(message.user, message.channel) is not None:
            return False
        try:
            asked = await asyncio.to_thread(self.asks_assistant, message.text, history)
        except ModelError as error:
            _LOG.warning("whether a message asks the bot is unknown, so it is not answered: %s", error)
            return False
        return asked and not self.services.budget.charge(message.user, message.key)
