"""The conversation before a question: the bot's own record, and messages of others in the thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.question import Turn
from bot.slack.blocks.mrkdwn import to_plain_text
from bot.slack.sending.clients import FAILURES
from store.jobs import ConversationMessage, QuestionStore, SlackMessage

_LOG = logging.getLogger(__name__)

# Earlier turns only mislead a follow-up.
_TURNS = 20
# Calls for one thread, and messages of each; Slack may return fewer than it is asked for.
_MOST_PAGES, _PAGE = 5, 200
# Seconds after which a direct message outside threads begins a new conversation.
_SITTING = 8 * 3600.0
# Seconds. Slack may allow a distributed app one call a minute; a follow-up does not wait for that.
_PATIENCE = 3.0


class ConversationHistory:
    """Reads the turns before a question. `client` must not retry, so that a refusal costs no time."""

    def __init__(self, question_store: QuestionStore, client: AsyncWebClient, bot_user: str) -> None:
        self._question_store = question_store
        self._client = client
        self._bot_user = bot_user

    async def before(self, question: SlackMessage) -> list[Turn]:
        """Return the turns before `question`, oldest first, without messages that Slack does not return."""
        recorded = await asyncio.to_thread(self._question_store.conversation, question)
        if not question.thread:
            recorded = [turn for turn in recorded if float(question.ts) - float(turn.ts) < _SITTING]
        in_thread = question.thread and question.thread != question.ts
        messages = await self._thread(question) if in_thread else []
        return merge_turns(recorded, messages, before=question.ts, bot_user=self._bot_user)

    async def _thread(self, question: SlackMessage) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        pages = 0
        try:
            async with asyncio.timeout(_PATIENCE):
                async for page in await self._client.conversations_replies(
                    channel=question.channel, ts=question.thread, latest=question.ts, limit=_PAGE
                ):
                    found += page.get("messages") or []
                    pages += 1
                    if pages == _MOST_PAGES:
                        break
        except FAILURES as error:
            _LOG.warning("the thread %s could not be read (%s); using own turns", question.thread, error)
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
        if not text or ts >= before or ts in turns or (own and remembers):
            continue
        if own:
            turns[ts] = Turn("assistant", text)
        elif not message.get("bot_id") and message.get("subtype") in (None, "thread_broadcast"):
            turns[ts] = Turn("user", text)
    return [turns[ts] for ts in sorted(turns)][-_TURNS:]
